// Plans that routes name and the database lacks, at the start or later: such a route answers 503 until there is one. Tells
// the log when that changes, and readiness and metrics how it stands. Whether a call gets in is decided in core.

import type { Plan } from '../../core/checking/records.ts';
import type { UnavailableRoute } from '../health.ts';
import type { Logger } from '../log.ts';
import type { GuardedRoute } from './guarded-route.ts';

export interface MissingPlans {
  /** The routes that lack their plan right now. */
  list(): UnavailableRoute[];
  /** Tells the log of each plan that went missing, and of each that is there again, since the last time. */
  report(): void;
}

/** Watches over the plans of these routes; `plans` are those in memory, which follow the journal. */
export function missingPlans(
  routes: readonly GuardedRoute[],
  plans: { find(id: string): Plan | undefined },
  logger: Pick<Logger, 'warn' | 'info'>,
): MissingPlans {
  const named = routes.flatMap(({ path, plan }) => (plan == null ? [] : [{ path, plan }]));
  let known = new Set<string>();
  const list = () => named.filter(({ plan }) => plans.find(plan) === undefined);
  return {
    list,
    report() {
      const missing = list();
      const now = new Set(missing.map(({ plan }) => plan));
      for (const plan of now) {
        if (known.has(plan)) continue;
        const paths = missing.filter((one) => one.plan === plan).map(({ path }) => path);
        logger.warn({ plan, routes: paths }, 'routes name a plan that does not exist: their calls are answered 503');
      }
      for (const plan of known) if (!now.has(plan)) logger.info({ plan }, 'the plan that routes name is there');
      known = now;
    },
  };
}
