// A plan as it is at a time: what of it has been observed long enough counts, without a write.

import { isObserved } from '@keyward/rules/observed/observation';
import type { Plan } from './records.ts';

/** The same plan where nothing has come to count. */
export function planAt(plan: Plan, now: number): Plan {
  const { observed } = plan;
  if (observed === null || isObserved(observed.until, now)) return plan;
  const { limits = plan.limits, entitlement = plan.entitlement } = observed;
  return { ...plan, limits, entitlement, observed: null };
}
