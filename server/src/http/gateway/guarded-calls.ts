// Which guarded path a call would fall under, and what the settings ask of it there: for explaining calls that nobody made.

import type { GuardedCalls } from '../../core/checking/calls/explain-call.ts';
import { KeywardError } from '../../core/errors.ts';
import { answeringHead, callTo, credentialOf, type GuardedRoute } from './guarded-route.ts';
import { routeOf, rulesOf } from './route-match.ts';

/** Read when it is first asked. */
export function guardedCalls(routes: readonly GuardedRoute[]): GuardedCalls {
  let rules: ReturnType<typeof rulesOf> | undefined;
  return {
    find(method, path) {
      rules ??= rulesOf(answeringHead(routes));
      const match = routeOf(rules, method, path);
      if (match instanceof KeywardError) throw match;
      if (match === undefined) return null;
      const { address: _, ...call } = callTo(match.route, nobody, method, match.organization);
      return { call, credential: credentialOf(match.route) };
    },
  };
}

const nobody = { headers: {}, clientAddress: '' };
