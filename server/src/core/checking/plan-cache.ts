// The plans in memory, which checks spend from. Changing them is in plan.ts.

import { serializedLoad } from '../serialized-load.ts';
import type { CheckingReads } from './ports.ts';
import type { Plan } from './records.ts';

/** The plans in memory. `reload` follows the journal. */
export interface PlanCache {
  find(id: string): Plan | undefined;
  ids(): string[];
  reload(): Promise<void>;
}

/** Makes a cache of the store's plans; call `reload` before the first use. */
export function createPlanCache(store: Pick<CheckingReads, 'plans'>): PlanCache {
  let plans = new Map<string, Plan>();
  return {
    find: (id) => plans.get(id),
    ids: () => [...plans.keys()],
    reload: serializedLoad(async () => {
      plans = new Map((await store.plans.list()).map((plan) => [plan.id, plan]));
    }),
  };
}
