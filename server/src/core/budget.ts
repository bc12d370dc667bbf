// Budgets: which plan a call spends, under which key, and how much the plan comes to. It counts nothing itself.

import { addressKey } from '@keyward/rules/address';
import { effectiveLimit, type LimitRule } from '@keyward/rules/limit';
import { type Awaitable, whenHere } from './awaitable.ts';
import { KeywardError } from './errors.ts';
import { type LimitAnswer, limitKey } from './limit.ts';
import type { Organization } from './organization.ts';
import type { Plan } from './plan.ts';
import type { Ports } from './ports.ts';
import type { Budget } from './verify.ts';

/** The plan that calls without a credential spend unless their route names another. */
export const anonymousPlan = 'anonymous';

/** Spends an organization's budget; null where no such plan exists, which limits nothing. */
export function spendOf(
  ports: Ports,
  organization: Pick<Organization, 'id' | 'planId' | 'contributors'>,
  cost: number,
  planId = organization.planId,
): Awaitable<Budget | null> {
  const plan = ports.plans.find(planId);
  if (plan === undefined || cost === 0) return null;
  const rule = ruleOf(plan, organization.contributors);
  const spent = ports.limits.spend(limitKey('organization', plan.id, organization.id), rule, cost);
  return whenHere(spent, (answer) => budgetOf(answer, plan));
}

/** Spends the budget of a client's address; IPv6 addresses count by their /64. */
export function spendAnonymous(
  ports: Ports,
  address: string,
  cost: number,
  planId = anonymousPlan,
): Awaitable<Budget | null> {
  const plan = ports.plans.find(planId);
  if (plan === undefined || cost === 0) return null;
  const key = limitKey('address', plan.id, addressKey(address));
  return whenHere(ports.limits.spend(key, ruleOf(plan, 1), cost), (answer) => budgetOf(answer, plan));
}

/** What a plan comes to: its limit, times the contributors where it counts them, up to its cap. */
export function ruleOf(plan: Plan, contributors: number): LimitRule {
  return { limit: effectiveLimit(plan, contributors), windowMs: plan.windowMs };
}

/** Throws `unavailable` where the budget is refused only because its store does not answer: that is no 429. */
function budgetOf(answer: LimitAnswer, plan: Plan): Budget {
  if (answer.unavailable !== undefined && !answer.admitted) {
    throw new KeywardError('unavailable', 'The budget cannot be counted right now. Try again shortly.', {
      retryAfterMs: answer.retryAfterMs,
    });
  }
  return { ...answer, plan: plan.id };
}
