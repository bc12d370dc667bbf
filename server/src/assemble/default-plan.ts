// The plan of new organizations must be there before a server starts: without one none could be made.

import { ConfigError } from '../config/config.ts';
import type { PlanCache } from '../core/checking/plan-cache.ts';

/** Throws ConfigError if there is no plan of this id. */
export function demandDefaultPlan(plans: Pick<PlanCache, 'find' | 'ids'>, id: string): void {
  if (plans.find(id) !== undefined) return;
  const known = plans.ids().join(', ');
  throw new ConfigError([`defaultPlan is "${id}", and there is no such plan. Name one of these: ${known}.`]);
}
