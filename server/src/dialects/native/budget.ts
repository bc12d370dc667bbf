// The budget over HTTP: what is left of the organization's plan, which looking at it does not spend.

import { BudgetState } from '@keyward/sdk/wire';
import type { Core } from '../../core/core.ts';
import { callerOf, NoQuery, type Scope } from './caller.ts';

export function mountBudget(scope: Scope, core: Core): void {
  const schema = { querystring: NoQuery, response: { 200: BudgetState } };
  scope.get('/v1/budget', { schema }, async (request) => {
    const budget = await core.readBudget(callerOf(request));
    if (budget === null) return { plan: null };
    const { plan, limit, windowMs, remaining, resetMs, retryAfterMs } = budget;
    return { plan, limit, windowMs, remaining, resetMs, retryAfterMs };
  });
}
