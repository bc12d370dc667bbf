// Budgets: a call spends all limits that it is counted by, or none of them. Which these are is told in charges.ts, and how
// they are counted in limits/.

import { type Awaitable, whenHere } from '../awaitable.ts';
import type { Caller } from '../caller/caller.ts';
import type { CachedCredentialLookup } from '../caller/ports.ts';
import { KeywardError } from '../errors.ts';
import { BudgetError } from './budget-error.ts';
import { anonymousCharges, chargesOf, type Spender, shadowCharges } from './charges.ts';
import type { Budget, Charge, LimitAnswer } from './limit.ts';
import { anonymousPlan } from './plan.ts';
import type { PlanCache } from './plan-cache.ts';
import type { LimitStore, Reading } from './ports.ts';
import type { Plan } from './records.ts';

/** The ports of what spends. */
export interface SpendingPorts {
  plans: Pick<PlanCache, 'find'>;
  limits: Pick<LimitStore, 'spend' | 'spendAll'>;
}

/**
 * Spends what a credential's calls are counted by; null where the call costs nothing, or where nothing limits it. Throws
 * KeywardError `unavailable` where the plan does not exist: what is missing never limits nothing.
 */
export function spendOf(
  ports: SpendingPorts,
  spender: Spender,
  cost: number,
  address: string,
  planId = spender.organization.planId,
): Awaitable<Budget | null> {
  const plan = planId === null ? null : planOf(ports, planId);
  return cost === 0 ? null : spendCharges(ports, chargesOf(spender, plan, address), cost);
}

/**
 * Spends what a plan's observed limits would count, beside what counts: null if they have room, else what would have refused
 * the call. Where they cannot be counted they are not: nobody is told of what nobody knows.
 */
export function spendShadow(
  { limits }: Pick<SpendingPorts, 'limits'>,
  spender: Spender,
  plan: Plan,
  cost: number,
  address: string,
): Awaitable<Budget | null> {
  const charges = shadowCharges(spender, plan, address);
  if (charges.length === 0) return null;
  return whenHere(limits.spendAll(charges, cost), (answers) => {
    const spent = charges.flatMap(({ plan: id, name }, at) => {
      const answer = answers[at];
      const hasRoom = answer === undefined || answer.admitted || answer.unavailable !== undefined;
      return hasRoom ? [] : [{ ...answer, plan: id, name }];
    });
    return spent.length === 0 ? null : together(spent);
  });
}

/** As `spendOf`, the budget of a client's address; IPv6 addresses count by their /64. */
export function spendAnonymous(
  ports: SpendingPorts,
  address: string,
  cost: number,
  planId = anonymousPlan,
): Awaitable<Budget | null> {
  const plan = planOf(ports, planId);
  return cost === 0 ? null : spendCharges(ports, anonymousCharges(plan, address), cost);
}

/** As `spendOf`, where the budget would stand, and spends nothing. */
export async function lookOf(
  ports: { plans: Pick<PlanCache, 'find'>; limits: Pick<LimitStore, 'look'> },
  spender: Spender,
  {
    cost = 1,
    address = '',
    plan = spender.organization.planId,
  }: { cost?: number; address?: string; plan?: string | null },
): Promise<Budget | null> {
  const charges = chargesOf(spender, plan === null ? null : planOf(ports, plan), address);
  const states = await Promise.all(
    charges.map(async (charge) => budgetOf(await ports.limits.look(charge.key, charge.quota, cost), charge)),
  );
  return states.length === 0 ? null : together(states);
}

/**
 * Where the budget stands that a call of the caller would spend, without spending any; null where nothing limits it. Throws
 * `unavailable` where the plan does not exist.
 */
export async function readBudget(
  ports: Reading<'organizations'> & { credentials: Pick<CachedCredentialLookup, 'bySource'> } & {
    plans: Pick<PlanCache, 'find'>;
    limits: Pick<LimitStore, 'look'>;
  },
  caller: Caller,
  address: string,
): Promise<Budget | null> {
  const organization = await ports.store.organizations.find(caller.organization.id);
  if (organization === null) return null;
  const { type, id } = caller;
  const token = type === 'api_token' ? ((await ports.credentials.bySource({ type, id }))?.token ?? null) : null;
  return lookOf(ports, { organization, source: { id }, token }, { address });
}

/** A plan by its id. Throws KeywardError `unavailable` where there is none. */
export function planOf(ports: { plans: Pick<PlanCache, 'find'> }, id: string): Plan {
  const plan = ports.plans.find(id);
  if (plan !== undefined) return plan;
  throw new KeywardError('unavailable', 'The plan that this call would spend does not exist on this server.', {
    cause: new Error(`There is no plan "${id}". Create it, or name another.`),
  });
}

function spendCharges(
  { limits }: Pick<SpendingPorts, 'limits'>,
  charges: readonly Charge[],
  cost: number,
): Awaitable<Budget | null> {
  const only = charges[0];
  if (only === undefined) return null;
  if (charges.length === 1) {
    return whenHere(limits.spend(only.key, only.quota, cost), (answer) => budgetOf(answer, only));
  }
  return whenHere(limits.spendAll(charges, cost), (answers) =>
    together(charges.map((charge, at) => budgetOf(answers[at] as LimitAnswer, charge))),
  );
}

/** Throws `unavailable` where the budget is refused only because its store does not answer: that is no 429. */
function budgetOf(answer: LimitAnswer, charge: Charge): Budget {
  if (answer.unavailable !== undefined && !answer.admitted) {
    throw new BudgetError('unavailable', 'The budget cannot be counted right now. Try again shortly.', {
      retryAfterMs: answer.retryAfterMs,
      decidedBy: answer.unavailable,
      isDatabaseAway: true,
    });
  }
  return { ...answer, plan: charge.plan, name: charge.name };
}

/** What several limits come to: of those that refuse the one that does so longest, else the one with least left. */
function together(states: readonly Budget[]): Budget {
  const worst = states.reduce((one, other) => (isWorse(other, one) ? other : one));
  if (states.length === 1) return worst;
  const unavailable = states.find((state) => state.unavailable !== undefined)?.unavailable;
  return { ...worst, ...(unavailable !== undefined && { unavailable }), all: states };
}

function isWorse(one: Budget, other: Budget): boolean {
  if (one.admitted !== other.admitted) return other.admitted;
  if (!one.admitted) return one.retryAfterMs > other.retryAfterMs;
  return one.remaining === other.remaining ? one.resetMs > other.resetMs : one.remaining < other.remaining;
}
