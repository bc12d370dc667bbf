// Plans: how many calls, in what window, and what their organizations may hold at most. Nothing here counts.

import { type Caller, demand, demandOperator } from '../caller/caller.ts';
import { demandEntitlement } from '../caller/catalogue.ts';
import { writeAs } from '../caller/write-as.ts';
import { invalid, KeywardError, taken } from '../errors.ts';
import { checkedPatterns } from '../identity/role.ts';
import { entryOf } from '../journal/entry.ts';
import { checkedHandle, checkedName } from '../name.ts';
import type { PlanCache } from './plan-cache.ts';
import type { Changing, Reading } from './ports.ts';
import type { Plan } from './records.ts';

type PlanChangingPorts = Changing<'plans' | 'permissions'> & { plans: Pick<PlanCache, 'reload'> };

/** As a plan is given: `local`, and entitled to everything, unless said otherwise. */
export type WantedPlan = Omit<Plan, 'whenUnavailable' | 'entitlement'> &
  Partial<Pick<Plan, 'whenUnavailable' | 'entitlement'>>;

/** The plan that calls without a credential spend unless their route names another. */
export const anonymousPlan = 'anonymous';

const hour = 3_600_000;

const everything: readonly string[] = ['*:*'];

const common = { cap: null, whenUnavailable: 'local', entitlement: everything } as const;

/** The plans that a new server starts with, as the source pages have them. */
export const startingPlans: readonly Plan[] = [
  { id: 'anonymous', name: 'No account', limit: 100, windowMs: hour, per: 'address', ...common },
  { id: 'free', name: 'Free', limit: 500, windowMs: hour, per: 'contributor', ...common, cap: 5000 },
  { id: 'premium', name: 'Premium', limit: 5000, windowMs: hour, per: 'contributor', ...common },
  { id: 'enterprise', name: 'Enterprise', limit: 5000, windowMs: hour, per: 'contributor', ...common },
  { id: 'per-minute', name: '50 a minute', limit: 50, windowMs: 60_000, per: 'organization', ...common },
];

/** Needs `read:plan`. */
export async function listPlans(ports: Reading<'plans'>, caller: Caller): Promise<Plan[]> {
  demand(caller, 'read:plan');
  return ports.store.plans.list();
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
    changes.journal(entryOf(caller, at, 'plan.created', subjectOf(plan.id), { ...plan }));
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
    const before = await changes.plans.find(plan.id);
    if (wanted.entitlement === undefined && before !== null && !before.entitlement.includes('*:*')) {
      throw invalid('entitlement', 'Say what organizations with this plan may hold, which is not everything so far.');
    }
    await demandEntitlement(changes.permissions, plan.entitlement, before?.entitlement);
    await changes.plans.put(plan);
    changes.journal(entryOf(caller, at, 'plan.changed', subjectOf(plan.id), { ...plan }));
  });
  await ports.plans.reload();
  return plan;
}

/**
 * Operators only. Throws `conflict` while an organization has it, and for the plan of calls without a credential, which
 * would all be refused. Routes that name it answer 503 from then on.
 */
export async function deletePlan(ports: PlanChangingPorts, caller: Caller, id: string): Promise<void> {
  demandOperator(caller, 'update:plan');
  const at = ports.clock();
  await writeAs(ports, caller, async (changes) => {
    if ((await changes.plans.find(id)) === null) throw new KeywardError('not_found', `There is no plan ${id}.`);
    if (id === anonymousPlan) {
      throw new KeywardError('conflict', 'Calls without a credential spend this plan. Change it instead.');
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

function checkedPlan(wanted: WantedPlan): Plan {
  return {
    id: checkedHandle('id', wanted.id),
    name: checkedName('name', wanted.name),
    limit: checkedInteger('limit', wanted.limit, 1, 1_000_000_000),
    windowMs: checkedInteger('windowMs', wanted.windowMs, 1000, 31 * 24 * hour),
    per: wanted.per,
    cap: wanted.cap === null ? null : checkedInteger('cap', wanted.cap, 1, 1_000_000_000),
    whenUnavailable: wanted.whenUnavailable ?? 'local',
    entitlement: checkedPatterns('entitlement', wanted.entitlement ?? everything),
  };
}

function subjectOf(id: string) {
  return { type: 'plan', id };
}

function checkedInteger(field: string, value: number, least: number, most: number): number {
  if (Number.isSafeInteger(value) && value >= least && value <= most) return value;
  throw invalid(field, `Use a whole number from ${least} to ${most}.`);
}
