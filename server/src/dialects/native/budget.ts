// The budget over HTTP: what is left of all that limits the caller, which looking at it does not spend.

import { BudgetState, type LimitState } from '@keyward/sdk/wire';
import type { Budget } from '../../core/checking/limit.ts';
import type { Core } from '../../core/core.ts';
import { callerOf, NoQuery, type Scope } from './caller.ts';

export function mountBudget(scope: Scope, core: Core): void {
  const schema = { querystring: NoQuery, response: { 200: BudgetState } };
  scope.get('/v1/budget', { schema }, async (request): Promise<BudgetState> => {
    const budget = await core.readBudget(callerOf(request), request.clientAddress);
    if (budget === null) return { plan: null, limits: [] };
    return { ...toWire(budget), limits: (budget.all ?? [budget]).map(toWire) };
  });
}

function toWire({ plan, name, limit, windowMs, remaining, resetMs, retryAfterMs }: Budget): LimitState {
  return { plan, limit, windowMs, remaining, resetMs, retryAfterMs, name };
}
