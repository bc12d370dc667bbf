// Budgets: which plan a call spends, under which key, and how much the plan comes to. It counts nothing itself.

import { addressKey } from '@keyward/rules/address';
import type { LimitRule } from '@keyward/rules/limit';
import { type Awaitable, whenHere } from './awaitable.ts';
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
  const spent = ports.limits.spend(keyOf('organization', organization.id, plan.id), rule, cost);
  return whenHere(spent, (admission) => ({ ...admission, plan: plan.id }));
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
  const key = keyOf('address', addressKey(address), plan.id);
  return whenHere(ports.limits.spend(key, ruleOf(plan, 1), cost), (admission) => ({ ...admission, plan: plan.id }));
}

/** What a plan comes to: its limit, times the contributors where it counts them, up to its cap. */
export function ruleOf(plan: Plan, contributors: number): LimitRule {
  const limit = plan.per === 'contributor' ? plan.limit * contributors : plan.limit;
  return { limit: plan.cap === null ? limit : Math.min(limit, plan.cap), windowMs: plan.windowMs };
}

/** One text for one tuple and no other: each part is preceded by its length (S15). */
function keyOf(...parts: readonly string[]): string {
  return parts.map((part) => `${part.length}:${part}`).join('');
}
