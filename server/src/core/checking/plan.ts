// Plans: how many calls, of whom, in what windows, and what their organizations may hold at most. Nothing here counts.

import { intersect } from '@keyward/rules/permission';
import { type Caller, demand, demandOperator } from '../caller/caller.ts';
import { demandEntitlement } from '../caller/catalogue.ts';
import {
  checkedObservation,
  nothingToObserve,
  type ObservedSpan,
  type WantedObservation,
} from '../caller/observation.ts';
import { writeAs } from '../caller/write-as.ts';
import { checkedCalls, checkedCount, mostLimits } from '../checked-limit.ts';
import { invalid, KeywardError, taken } from '../errors.ts';
import { checkedPatterns } from '../identity/role.ts';
import { entryOf } from '../journal/entry.ts';
import { checkedHandle, checkedName } from '../name.ts';
import type { Setting } from '../settings.ts';
import type { PlanCache } from './plan-cache.ts';
import type { Changing, Reading } from './ports.ts';
import type { Plan, PlanLimit } from './records.ts';

type PlanChangingPorts = Changing<'plans' | 'permissions'> & { plans: Pick<PlanCache, 'reload'> };

/** As a plan is given: no cap, `local`, and entitled to everything, unless said otherwise. */
export interface WantedPlan extends Pick<Plan, 'id' | 'name'>, Partial<Pick<Plan, 'whenUnavailable' | 'entitlement'>> {
  limits: readonly WantedLimit[];
}

export type WantedLimit = Omit<PlanLimit, 'cap'> & Partial<Pick<PlanLimit, 'cap'>>;

/** What is not said stays as it is. */
export type PlanChange = Partial<Omit<WantedPlan, 'id'>> & {
  /** Limits and entitlement are only observed until then; null ends an observation. */
  observe?: WantedObservation;
};

/** The plan that calls without a credential spend unless their route names another. */
export const anonymousPlan = 'anonymous';

const hour = 3_600_000;

const everything: readonly string[] = ['*:*'];

const perContributor = { windowMs: hour, per: 'contributor', cap: null } as const;
const common = { whenUnavailable: 'local', entitlement: everything, observed: null } as const;

/** Limits nothing. */
export const unlimitedPlan: Plan = { id: 'unlimited', name: 'Unlimited', limits: [], ...common };

/** The plans that a new server starts with, as the source pages have them. */
export const startingPlans: readonly Plan[] = [
  {
    id: anonymousPlan,
    name: 'No account',
    limits: [{ limit: 100, windowMs: hour, per: 'address', cap: null }],
    ...common,
  },
  { id: 'free', name: 'Free', limits: [{ ...perContributor, limit: 500, cap: 5000 }], ...common },
  { id: 'premium', name: 'Premium', limits: [{ ...perContributor, limit: 5000 }], ...common },
  { id: 'enterprise', name: 'Enterprise', limits: [{ ...perContributor, limit: 5000 }], ...common },
  {
    id: 'per-minute',
    name: '50 a minute',
    limits: [{ limit: 50, windowMs: 60_000, per: 'organization', cap: null }],
    ...common,
  },
  unlimitedPlan,
];

/** Needs `read:plan`. In a customer's organization nothing is told of permissions that it is not entitled to. */
export async function listPlans(ports: Reading<'plans'>, caller: Caller): Promise<Plan[]> {
  demand(caller, 'read:plan');
  const plans = await ports.store.plans.list();
  const { isOperator, entitlement } = caller.organization;
  if (isOperator) return plans;
  return plans.map((plan) => ({
    ...plan,
    entitlement: intersect(plan.entitlement, entitlement ?? everything),
    observed: null,
  }));
}

/** A new plan. Operators only. Throws `conflict` if there is one of this id. */
export async function createPlan(ports: PlanChangingPorts, caller: Caller, wanted: WantedPlan): Promise<Plan> {
  demandOperator(caller, 'update:plan');
  const plan = checkedPlan(wanted);
  const at = ports.clock();
  await writeAs(ports, caller, async (changes) => {
    await demandEntitlement(changes.permissions, plan.entitlement);
    if (!(await changes.plans.insert(plan))) {
      throw taken(['body', 'id'], `There is a plan ${plan.id} already. Change that one, or choose another id.`);
    }
    changes.journal(entryOf(caller, at, 'plan.created', subjectOf(plan.id), { ...told(plan) }));
    return plan;
  });
  await ports.plans.reload();
  return plan;
}

/**
 * Makes a plan of this id be so, whether there was one or not. Operators only. What a plan gives no more than some
 * permissions is not replaced by one that does not say what it gives: `invalid_request`.
 */
export async function putPlan(ports: PlanChangingPorts, caller: Caller, wanted: WantedPlan): Promise<Plan> {
  demandOperator(caller, 'update:plan');
  const plan = checkedPlan(wanted);
  const at = ports.clock();
  await writeAs(ports, caller, async (changes) => {
    const isNew = await changes.plans.insert(plan);
    const before = isNew ? null : await changes.plans.claim(plan.id);
    if (wanted.entitlement === undefined && before !== null && !before.entitlement.includes('*:*')) {
      throw invalid('entitlement', 'Say what organizations with this plan may hold, which is not everything so far.');
    }
    await demandEntitlement(changes.permissions, plan.entitlement, before?.entitlement);
    if (!isNew) await changes.plans.put(plan);
    changes.journal(entryOf(caller, at, 'plan.changed', subjectOf(plan.id), { ...told(plan) }));
  });
  await ports.plans.reload();
  return plan;
}

/** Changes what is said of a plan. Operators only. */
export async function updatePlan(
  ports: PlanChangingPorts,
  caller: Caller,
  id: string,
  { observe, ...change }: PlanChange,
): Promise<Plan> {
  demandOperator(caller, 'update:plan');
  const at = ports.clock();
  const span = observe == null ? null : checkedObservation(observe, at);
  if (span !== null && change.limits === undefined && change.entitlement === undefined) {
    throw nothingToObserve('limits, entitlement or both');
  }
  const plan = await writeAs(ports, caller, async (changes) => {
    const before = await changes.plans.claim(id);
    if (before === null) throw new KeywardError('not_found', `There is no plan ${id}.`);
    const wanted = checkedPlan({ ...before, ...change });
    await demandEntitlement(changes.permissions, wanted.entitlement, before.entitlement);
    const after =
      span === null ? withoutWhatChanged(wanted, before, change, observe) : observedIn(wanted, before, change, span);
    await changes.plans.put(after);
    changes.journal(entryOf(caller, at, 'plan.changed', subjectOf(id), { ...told(after) }));
    return after;
  });
  await ports.plans.reload();
  return plan;
}

/**
 * Operators only. Throws `conflict` while an organization has it, for the plan of calls without a credential, which would
 * all be refused, and for that of new organizations. Routes that name it answer 503 from then on.
 */
export async function deletePlan(
  ports: PlanChangingPorts & Setting<'defaultPlan'>,
  caller: Caller,
  id: string,
): Promise<void> {
  demandOperator(caller, 'update:plan');
  const at = ports.clock();
  await writeAs(ports, caller, async (changes) => {
    if ((await changes.plans.claim(id)) === null) throw new KeywardError('not_found', `There is no plan ${id}.`);
    if (id === anonymousPlan) {
      throw new KeywardError('conflict', 'Calls without a credential spend this plan. Change it instead.');
    }
    if (id === ports.settings.defaultPlan) {
      throw new KeywardError(
        'conflict',
        'New organizations get this plan. Name another one in the setting defaultPlan first.',
      );
    }
    const [one, ...others] = await changes.plans.holders(id);
    if (one !== undefined) {
      const more = others.length === 0 ? '' : ` and ${others.length === 1 ? others[0] : 'others'}`;
      throw new KeywardError('conflict', `${one}${more} have this plan. Give them another one first.`);
    }
    await changes.plans.delete(id);
    changes.journal(entryOf(caller, at, 'plan.deleted', subjectOf(id)));
  });
  await ports.plans.reload();
}

/** As the journal has it. */
function told({ observed, ...plan }: Plan): Partial<Plan> {
  return observed === null ? plan : { ...plan, observed };
}

function checkedPlan(wanted: WantedPlan): Plan {
  return {
    id: checkedHandle('id', wanted.id),
    name: checkedName('name', wanted.name),
    limits: checkedLimits(wanted.limits),
    whenUnavailable: wanted.whenUnavailable ?? 'local',
    entitlement: checkedPatterns('entitlement', wanted.entitlement ?? everything),
    observed: null,
  };
}

/** What is said anew ends an observation of what was said before. */
function withoutWhatChanged(
  wanted: Plan,
  { observed }: Plan,
  change: PlanChange,
  observe: WantedObservation | undefined,
): Plan {
  const isOver = observe === null || change.limits !== undefined || change.entitlement !== undefined;
  return { ...wanted, observed: isOver ? null : observed };
}

function observedIn(wanted: Plan, before: Plan, change: PlanChange, span: ObservedSpan): Plan {
  const { limits, entitlement } = wanted;
  const observed = {
    ...span,
    ...(change.limits !== undefined && { limits }),
    ...(change.entitlement !== undefined && { entitlement }),
  };
  return { ...wanted, limits: before.limits, entitlement: before.entitlement, observed };
}

function subjectOf(id: string) {
  return { type: 'plan', id };
}

/** No two count the same calls in the same window: the smaller would be the only one. */
function checkedLimits(wanted: readonly WantedLimit[]): readonly PlanLimit[] {
  if (wanted.length > mostLimits) throw invalid('limits', `A plan has at most ${mostLimits} limits.`);
  const limits = wanted.map(checkedLimit);
  limits.forEach(({ per, windowMs }, index) => {
    const same = limits.findIndex((one) => one.windowMs === windowMs && countedBy(one.per) === countedBy(per));
    if (same === index) return;
    const what = countedBy(per) === 'organization' ? 'the calls of an organization' : `calls per ${per}`;
    throw invalid(
      ['body', 'limits', index],
      `Another limit of this plan counts ${what} in ${windowMs} ms too. Keep the smaller one.`,
    );
  });
  return limits;
}

function checkedLimit({ limit, windowMs, per, cap = null }: WantedLimit, index: number): PlanLimit {
  const at = ['body', 'limits', index];
  const calls = checkedCalls(at, { limit, windowMs });
  return { ...calls, per, cap: cap === null ? null : checkedCount([...at, 'cap'], cap) };
}

/** A contributor's calls are those of the organization. */
function countedBy(per: PlanLimit['per']): PlanLimit['per'] {
  return per === 'contributor' ? 'organization' : per;
}
