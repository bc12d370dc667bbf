// The plans as a start finds or makes them: those of a new server, and what an upgrade adds. Repeating it changes nothing.

import { systemIn } from '../caller/caller.ts';
import type { Clock } from '../clock.ts';
import { entryOf } from '../journal/entry.ts';
import type { Writer } from '../writer.ts';
import { startingPlans, unlimitedPlan } from './plan.ts';
import type { PlanCache } from './plan-cache.ts';
import type { Changes, PlanReads } from './ports.ts';
import type { Plan } from './records.ts';

export interface PlanPreparingPorts {
  store: Writer<Changes<'plans'> & { upgradeSteps: { finish(name: string): Promise<boolean> } }> & {
    plans: PlanReads;
    upgradeSteps: { isPending(name: string): Promise<boolean> };
  };
  plans: Pick<PlanCache, 'reload'>;
  clock: Clock;
}

const step = 'add_unlimited_plan';

/** A plan of somebody's own that is called `unlimited` stays as it is. */
export async function preparePlans({ store, plans, clock }: PlanPreparingPorts): Promise<void> {
  const isNew = (await store.plans.list()).length === 0;
  if (isNew || (await store.upgradeSteps.isPending(step))) {
    const at = clock();
    await store.write(async (changes) => {
      if (!isNew && !(await changes.upgradeSteps.finish(step))) return;
      for (const plan of isNew ? startingPlans : [unlimitedPlan]) await insert(changes, plan, at);
    });
  }
  await plans.reload();
}

async function insert({ plans, journal }: Changes<'plans'>, plan: Plan, at: number): Promise<void> {
  if (!(await plans.insert(plan))) return;
  const { observed: _, ...detail } = plan;
  journal(entryOf(systemIn(), at, 'plan.created', { type: 'plan', id: plan.id }, detail));
}
