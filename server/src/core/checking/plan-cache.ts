// The plans in memory, which checks spend from. Changing them is in plan.ts.

import type { Clock } from '../clock.ts';
import { serializedLoad } from '../serialized-load.ts';
import { planAt } from './plan-at.ts';
import type { CheckingReads } from './ports.ts';
import type { Plan } from './records.ts';

/** The plans in memory. `reload` follows the journal. */
export interface PlanCache {
  find(id: string): Plan | undefined;
  ids(): string[];
  reload(): Promise<void>;
}

/** Makes a cache of the store's plans; call `reload` before the first use. */
export function createPlanCache(store: Pick<CheckingReads, 'plans'>, clock: Clock): PlanCache {
  let plans = new Map<string, Plan>();
  /** One that has turned is another from then on: what is kept of a plan is kept by it. */
  const findObserved = (known: Plan): Plan => {
    const plan = planAt(known, clock());
    if (plan !== known) plans.set(plan.id, plan);
    return plan;
  };
  return {
    find: (id) => {
      const known = plans.get(id);
      return known === undefined || known.observed === null ? known : findObserved(known);
    },
    ids: () => [...plans.keys()],
    reload: serializedLoad(async () => {
      plans = new Map((await store.plans.list()).map((plan) => [plan.id, plan]));
    }),
  };
}
