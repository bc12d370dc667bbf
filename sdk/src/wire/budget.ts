// The organization's budget: what is left of its plan right now.

import { type Static, Type } from 'typebox';
import { LimitState } from './checks.ts';

/** Looking spends nothing. Without a plan that limits it, `plan` is null and nothing else is said. */
export const BudgetState = Type.Union([LimitState, Type.Object({ plan: Type.Null() })]);
export type BudgetState = Static<typeof BudgetState>;
