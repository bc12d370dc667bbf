// Budgets: which plan a call spends, under which key, and how much the plan comes to. It counts nothing itself.

import { addressKey } from '@keyward/rules/address';
import { effectiveLimit } from '@keyward/rules/limit';
import { type Awaitable, whenHere } from '../awaitable.ts';
import type { Caller } from '../caller/caller.ts';
import { KeywardError } from '../errors.ts';
import type { Organization } from '../identity/records.ts';
import { BudgetError } from './budget-error.ts';
import { type Budget, type LimitAnswer, type LimitKey, limitKey, type Quota } from './limit.ts';
import { anonymousPlan } from './plan.ts';
import type { PlanCache } from './plan-cache.ts';
import type { LimitStore, Reading } from './ports.ts';
import type { Plan } from './records.ts';

/** The ports of what spends. */
export interface SpendingPorts {
  plans: Pick<PlanCache, 'find'>;
  limits: Pick<LimitStore, 'spend'>;
}

/**
 * Spends an organization's budget; null where the call costs nothing, or where the organization has no limit. Throws KeywardError `unavailable` where the plan
 * does not exist: what is missing never limits nothing.
 */
export function spendOf(
  ports: SpendingPorts,
  organization: Pick<Organization, 'id' | 'planId' | 'contributors'>,
  cost: number,
  planId = organization.planId,
): Awaitable<Budget | null> {
  if (planId === null) return null;
  const plan = planOf(ports, planId);
  if (cost === 0) return null;
  const rule = quotaOf(plan, organization.contributors);
  const spent = ports.limits.spend(keyOf(planId, organization), rule, cost);
  return whenHere(spent, (answer) => budgetOf(answer, plan));
}

const keys = new WeakMap<object, { planId: string; key: LimitKey }>();

/** `budgetKey` of a record of an organization that is asked about again and again: made once. */
function keyOf(planId: string, organization: Pick<Organization, 'id' | 'planId'>): LimitKey {
  const known = keys.get(organization);
  if (known?.planId === planId) return known.key;
  const key = budgetKey(planId, organization);
  keys.set(organization, { planId, key });
  return key;
}

/**
 * What an organization's calls under a plan are counted under. Its own plan's go on being counted when it gets another one,
 * so that a change gives nothing back and takes nothing twice; another plan that a route names has a count of its own.
 */
export function budgetKey(planId: string, { id, planId: own }: Pick<Organization, 'id' | 'planId'>): LimitKey {
  return limitKey('organization', planId === own ? ownPlan : planId, id);
}

/** No plan's id is empty. */
const ownPlan = '';

/**
 * Where the budget of the caller's organization stands, without spending any; null where no plan limits it. Throws
 * `unavailable` where its plan does not exist.
 */
export async function readBudget(
  ports: Reading<'organizations'> & { plans: Pick<PlanCache, 'find'> } & { limits: Pick<LimitStore, 'look'> },
  caller: Caller,
): Promise<Budget | null> {
  const organization = await ports.store.organizations.find(caller.organization.id);
  if (organization === null || organization.planId === null) return null;
  const plan = planOf(ports, organization.planId);
  const rule = quotaOf(plan, organization.contributors);
  return budgetOf(await ports.limits.look(budgetKey(plan.id, organization), rule, 1), plan);
}

/** As `spendOf`, the budget of a client's address; IPv6 addresses count by their /64. */
export function spendAnonymous(
  ports: SpendingPorts,
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
export function planOf(ports: { plans: Pick<PlanCache, 'find'> }, id: string): Plan {
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
      isDatabaseAway: true,
    });
  }
  return { ...answer, plan: plan.id };
}
