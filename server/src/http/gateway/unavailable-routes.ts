// Plans and APIs that routes name and the database lacks, at the start or later: such a route answers 503 until there is
// one. Tells the log when that changes, and readiness and metrics how it stands. Whether a call gets in is decided in core.

import type { Plan } from '../../core/checking/records.ts';
import type { UnavailableRoute } from '../health.ts';
import type { Logger } from '../log.ts';
import type { GuardedRoute } from './guarded-route.ts';

export interface UnavailableRoutes {
  /** The routes that lack something right now, each once for a plan and once for an API. */
  list(): UnavailableRoute[];
  /** Tells the log of what went missing, and of what is there again, since the last time. */
  report(): void;
}

/** What there is, in memory, which follows the journal. */
export interface Present {
  plans: { find(id: string): Plan | undefined };
  apis: { has(handle: string): boolean };
}

/** Watches over the plans and APIs of these routes. */
export function unavailableRoutes(
  routes: readonly GuardedRoute[],
  { plans, apis }: Present,
  logger: Pick<Logger, 'warn' | 'info'>,
): UnavailableRoutes {
  const planless = watch(
    routes.flatMap(({ path, plan }) => (plan == null ? [] : [{ path, name: plan }])),
    (name) => plans.find(name) !== undefined,
    (name, paths) =>
      paths === null
        ? logger.info({ plan: name }, 'the plan that routes name is there')
        : logger.warn(
            { plan: name, routes: paths },
            'routes name a plan that does not exist: their calls are answered 503',
          ),
  );
  const homeless = watch(
    routes.flatMap(({ path, api }) => (api == null ? [] : [{ path, name: api }])),
    apis.has,
    (name, paths) =>
      paths === null
        ? logger.info({ api: name }, 'the API that routes name is there')
        : logger.warn(
            { api: name, routes: paths },
            'routes name an API that does not exist: their calls are answered 503',
          ),
  );
  return {
    list: () => [
      ...planless.list().map(({ path, name }) => ({ path, plan: name })),
      ...homeless.list().map(({ path, name }) => ({ path, api: name })),
    ],
    report() {
      planless.report();
      homeless.report();
    },
  };
}

interface Naming {
  path: string;
  name: string;
}

/** `tell`: the paths of what went missing, null for what is there again. */
function watch(
  namings: readonly Naming[],
  isThere: (name: string) => boolean,
  tell: (name: string, paths: string[] | null) => void,
) {
  let known = new Set<string>();
  const list = () => namings.filter(({ name }) => !isThere(name));
  return {
    list,
    report() {
      const missing = list();
      const now = new Set(missing.map(({ name }) => name));
      for (const name of now) {
        if (known.has(name)) continue;
        tell(
          name,
          missing.filter((one) => one.name === name).map(({ path }) => path),
        );
      }
      for (const name of known) if (!now.has(name)) tell(name, null);
      known = now;
    },
  };
}
