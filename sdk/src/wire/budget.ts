// The caller's budget: what is left of its plan right now, and of its token's own limits.

import { type Static, Type } from 'typebox';
import { LimitState } from './checks.ts';

/**
 * Looking spends nothing. `limits` are all that count the caller's calls, and beside them stands the one with least left.
 * Where nothing limits it `plan` is null.
 */
export const BudgetState = Type.Union([
  Type.Object({ ...LimitState.properties, limits: Type.Array(LimitState) }),
  Type.Object({ plan: Type.Null(), limits: Type.Array(LimitState) }),
]);
export type BudgetState = Static<typeof BudgetState>;
