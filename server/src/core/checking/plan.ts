// Plans: how many calls, in what window. Nothing here counts.

import { type Caller, demand, demandOperator } from '../caller/caller.ts';
import { writeAs } from '../caller/write-as.ts';
import { invalid } from '../errors.ts';
import { entryOf } from '../journal/entry.ts';
import { checkedHandle, checkedName } from '../name.ts';
import type { Ports } from '../ports.ts';
import type { Plan } from './records.ts';

/** As a plan is given: `local` unless said otherwise. */
export type WantedPlan = Omit<Plan, 'whenUnavailable'> & Partial<Pick<Plan, 'whenUnavailable'>>;

const hour = 3_600_000;

const common = { cap: null, whenUnavailable: 'local' } as const;

/** The plans that a new server starts with, as the source pages have them. */
export const startingPlans: readonly Plan[] = [
  { id: 'anonymous', name: 'No account', limit: 100, windowMs: hour, per: 'address', ...common },
  { id: 'free', name: 'Free', limit: 500, windowMs: hour, per: 'contributor', ...common, cap: 5000 },
  { id: 'premium', name: 'Premium', limit: 5000, windowMs: hour, per: 'contributor', ...common },
  { id: 'enterprise', name: 'Enterprise', limit: 5000, windowMs: hour, per: 'contributor', ...common },
  { id: 'per-minute', name: '50 a minute', limit: 50, windowMs: 60_000, per: 'organization', ...common },
];

/** Needs `read:plan`. */
export async function listPlans(ports: Ports, caller: Caller): Promise<Plan[]> {
  demand(caller, 'read:plan');
  return ports.store.plans.list();
}

/** Creates or replaces a plan. Operators only. */
export async function putPlan(ports: Ports, caller: Caller, wanted: WantedPlan): Promise<Plan> {
  demandOperator(caller, 'update:plan');
  const plan: Plan = {
    id: checkedHandle('id', wanted.id),
    name: checkedName('name', wanted.name),
    limit: checkedInteger('limit', wanted.limit, 1, 1_000_000_000),
    windowMs: checkedInteger('windowMs', wanted.windowMs, 1000, 31 * 24 * hour),
    per: wanted.per,
    cap: wanted.cap === null ? null : checkedInteger('cap', wanted.cap, 1, 1_000_000_000),
    whenUnavailable: wanted.whenUnavailable ?? 'local',
  };
  const at = ports.clock();
  await writeAs(ports, caller, async (changes) => {
    await changes.plans.put(plan);
    changes.journal(entryOf(caller, at, 'plan.changed', { type: 'plan', id: plan.id }, { ...plan }));
  });
  await ports.plans.reload();
  return plan;
}

function checkedInteger(field: string, value: number, least: number, most: number): number {
  if (Number.isSafeInteger(value) && value >= least && value <= most) return value;
  throw invalid(field, `Use a whole number from ${least} to ${most}.`);
}
