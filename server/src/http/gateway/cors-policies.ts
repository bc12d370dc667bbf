// Under whose CORS policy a request falls: a guarded route's own, or that of Keyward's API. What a policy comes to is said
// in ../cors.ts.

import type { FastifyRequest } from 'fastify';
import { KeywardError } from '../../core/errors.ts';
import { type CorsPolicy, preflightMethod } from '../cors.ts';
import { rawPathOf } from '../query.ts';
import type { GuardedRoute } from './guarded-route.ts';
import { routeOf, rulesOf } from './route-match.ts';

/** The policy of a request; undefined where pages of other origins are told nothing. */
export type PolicyOf = (request: FastifyRequest) => CorsPolicy | undefined;

/**
 * Looks policies up: by the route that a request is for or, where it is a preflight, by the one that the call to come will be
 * for; then, for what `isOwn`, the policy of Keyward's own API. Undefined if nobody has a policy.
 */
export function corsPolicies(
  routes: readonly GuardedRoute[],
  own: CorsPolicy | undefined,
  isOwn: (path: string) => boolean,
): PolicyOf | undefined {
  if (own === undefined && routes.every(({ cors }) => cors == null)) return undefined;
  const rules = rulesOf(routes);
  return (request) => {
    const { config } = request.routeOptions;
    const asked = preflightMethod(request);
    const found = asked === undefined ? undefined : routeOf(rules, asked, request.originalUrl);
    if (found instanceof KeywardError) return undefined;
    if (found !== undefined) return found.route.cors ?? undefined;
    if (config?.isUpstream) return config.cors;
    return own !== undefined && isOwn(rawPathOf(request.originalUrl)) ? own : undefined;
  };
}
