// The endpoint for other proxies: they ask whether a call may proceed, and pass it on themselves. What the call is they say
// in headers, and only trusted proxies are believed (S69). The answer to a call that may proceed has no body: nginx
// would give up its kept connection for one.

import type { FastifyInstance } from 'fastify';
import { type Awaitable, whenHere } from '../../core/awaitable.ts';
import { KeywardError } from '../../core/errors.ts';
import type { Answer, Dialect, RequestView } from '../../dialects/dialect.ts';
import { letIn, letInAtOnce } from '../../dialects/identity-headers.ts';
import { isFromProxy, type TrustedProxies } from '../client-address.ts';
import { type DialectContext, proxiedDialectSelector, sendAnswer } from '../dialect-selection.ts';
import { toldCallIn } from '../proof/told-call.ts';
import { decideAccess, type Guard, refusalTo } from './access-decision.ts';
import { callTo, type GuardedRoute } from './guarded-route.ts';
import { routeOf, rulesOf } from './route-match.ts';

/** Envoy appends the path of the call; the others call exactly this. */
export const endpoint = '/forward-auth';

/** What forward-auth needs of its surroundings. */
interface ForwardAuthParts {
  core: Guard['core'];
  dialects: readonly Dialect[];
  trusted: TrustedProxies;
}

/**
 * Registers the endpoint, for every method, in a scope of its own. A call that may proceed is answered 200, empty, with all
 * identity headers; a call that no route is for is 403, whatever it brings. It never redirects.
 */
export function mountForwardAuth(
  scope: FastifyInstance,
  routes: readonly GuardedRoute[],
  { core, dialects, trusted }: ForwardAuthParts,
): void {
  const rules = rulesOf(routes);
  const selectDialect = proxiedDialectSelector(dialects);
  const answer = (request: AuthRequest, allow: typeof letIn): Awaitable<Answer> => {
    if (!isFromProxy(request.raw, trusted)) throw new KeywardError('forbidden', 'Only a trusted proxy may ask here.');
    const { headers, originalUrl } = request;
    const rest = originalUrl.startsWith('/', endpoint.length) ? originalUrl.slice(endpoint.length) : undefined;
    const { method, target } = toldCallIn(headers, { method: request.method, target: rest });
    request.asked = { method, target, dialect: null };
    const match = routeOf(rules, method, target);
    if (match instanceof KeywardError) throw match;
    if (match === undefined) throw new KeywardError('forbidden', 'No route lets this call in.');
    const { route, organization } = match;
    request.asked = { method, target, dialect: route.dialect, api: route.api, scope: route.permissions };
    return whenHere(decideAccess(route, callTo(route, request, method, organization), request, core), (verdict) =>
      verdict.allowed ? allow(verdict.principal, verdict.budget) : refusalTo(verdict, request, selectDialect),
    );
  };

  scope.addContentTypeParser('*', (_request, payload, done) => done(null, payload));
  for (const url of [endpoint, `${endpoint}/*`]) {
    scope.route({
      method: scope.supportedMethods,
      url,
      config: {
        guarded: true,
        selectDialect,
        ...(url === endpoint && { fastAnswer: (asked) => answer(asked as AuthRequest, letInAtOnce) }),
      },
      handler: async (request, reply) => sendAnswer(reply, await answer(request, letIn)),
    });
  }
}

/** A request, on whichever way it came. */
type AuthRequest = RequestView & DialectContext & { readonly raw: Parameters<typeof isFromProxy>[0] };
