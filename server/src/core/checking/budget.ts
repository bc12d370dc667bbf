// Budgets: which plan a call spends, under which key, and how much the plan comes to. It counts nothing itself.

import { addressKey } from '@keyward/rules/address';
import { effectiveLimit } from '@keyward/rules/limit';
import { type Awaitable, whenHere } from '../awaitable.ts';
import type { Caller } from '../caller/caller.ts';
import { KeywardError } from '../errors.ts';
import type { Organization } from '../identity/records.ts';
import type { Ports } from '../ports.ts';
import { BudgetError } from './budget-error.ts';
import { type LimitAnswer, type LimitKey, limitKey, type Quota } from './limit.ts';
import { anonymousPlan } from './plan.ts';
import type { Plan } from './records.ts';

/**
 * Spends an organization's budget; null where the call costs nothing. Throws KeywardError `unavailable` where the plan
 * does not exist: what is missing never limits nothing.
 */
export function spendOf(
  ports: Ports,
  organization: Pick<Organization, 'id' | 'planId' | 'contributors'>,
  cost: number,
  planId = organization.planId,
): Awaitable<Budget | null> {
  const plan = planOf(ports, planId);
  if (cost === 0) return null;
  const rule = quotaOf(plan, organization.contributors);
  const spent = ports.limits.spend(keyOf(plan, organization), rule, cost);
  return whenHere(spent, (answer) => budgetOf(answer, plan));
}

const keys = new WeakMap<object, { planId: string; key: LimitKey }>();

/** As `limitKey` makes it, once for a record of an organization that is asked about again and again. */
function keyOf({ id: planId }: Plan, organization: Pick<Organization, 'id'>): LimitKey {
  const known = keys.get(organization);
  if (known?.planId === planId) return known.key;
  const key = limitKey('organization', planId, organization.id);
  keys.set(organization, { planId, key });
  return key;
}

/** Where the budget of the caller's organization stands, without spending any; null where no plan limits it. */
export async function readBudget(ports: Ports, caller: Caller): Promise<Budget | null> {
  const organization = await ports.store.organizations.find(caller.organization.id);
  const plan = organization === null ? undefined : ports.plans.find(organization.planId);
  if (organization === null || plan === undefined) return null;
  const rule = quotaOf(plan, organization.contributors);
  return budgetOf(await ports.limits.look(limitKey('organization', plan.id, organization.id), rule, 1), plan);
}

/** As `spendOf`, the budget of a client's address; IPv6 addresses count by their /64. */
export function spendAnonymous(
  ports: Ports,
  address: string,
  cost: number,
  planId = anonymousPlan,
): Awaitable<Budget | null> {
  const plan = planOf(ports, planId);
  if (cost === 0) return null;
  const key = limitKey('address', plan.id, addressKey(address));
  return whenHere(ports.limits.spend(key, quotaOf(plan, 1), cost), (answer) => budgetOf(answer, plan));
}

/** A plan by its id. Throws KeywardError `unavailable` where there is none. */
export function planOf(ports: Ports, id: string): Plan {
  const plan = ports.plans.find(id);
  if (plan !== undefined) return plan;
  throw new KeywardError('unavailable', 'The plan that this call would spend does not exist on this server.', {
    cause: new Error(`There is no plan "${id}". Create it, or name another.`),
  });
}

/** What a plan comes to: its limit, times the contributors where it counts them, up to its cap; and its policy. */
export function quotaOf(plan: Plan, contributors: number): Quota {
  const { windowMs, whenUnavailable } = plan;
  return { limit: effectiveLimit(plan, contributors), windowMs, whenUnavailable };
}

/** Throws `unavailable` where the budget is refused only because its store does not answer: that is no 429. */
function budgetOf(answer: LimitAnswer, plan: Plan): Budget {
  if (answer.unavailable !== undefined && !answer.admitted) {
    throw new BudgetError('unavailable', 'The budget cannot be counted right now. Try again shortly.', {
      retryAfterMs: answer.retryAfterMs,
      decidedBy: answer.unavailable,
    });
  }
  return { ...answer, plan: plan.id };
}

/** Where a plan's budget stands after a call. */
export interface Budget extends LimitAnswer {
  plan: string;
}
