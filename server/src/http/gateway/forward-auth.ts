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
    const { method, target } = callAskedAbout(request);
    request.asked = { target, dialect: null };
    const match = routeOf(rules, method, target);
    if (match instanceof KeywardError) throw match;
    if (match === undefined) throw new KeywardError('forbidden', 'No route lets this call in.');
    const { route, organization } = match;
    request.asked = { target, dialect: route.dialect, api: route.api };
    return whenHere(decideAccess(route, callTo(route, request, organization), request, core), (verdict) =>
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

/** The call as the proxy tells it, in one way or in several that agree. Throws KeywardError `invalid_request`. */
function callAskedAbout(request: AuthRequest): { method: string; target: string } {
  const { headers, originalUrl } = request;
  const text = (name: string) => headers[name] as string | undefined;
  const [uri, url] = [text('x-original-uri'), pathIn(text('x-original-url'))];
  const asked: ToldCall = { method: undefined, target: undefined };
  agree(asked, text('x-forwarded-method'), text('x-forwarded-uri'));
  agree(asked, text('x-original-method'), uri ?? url);
  if (uri !== undefined && url !== undefined) agree(asked, text('x-original-method'), url);
  if (originalUrl.startsWith('/', endpoint.length)) agree(asked, request.method, originalUrl.slice(endpoint.length));
  const { method, target } = asked;
  if (method === undefined || target === undefined) throw ambiguousCall();
  return { method, target };
}

interface ToldCall {
  method: string | undefined;
  target: string | undefined;
}

/** One telling more, which must say both or nothing, and the same as those before. */
function agree(asked: ToldCall, method: string | undefined, target: string | undefined): void {
  if (method === undefined && target === undefined) return;
  if (method === undefined || target === undefined) throw ambiguousCall();
  if ((asked.method ?? method) !== method || (asked.target ?? target) !== target) throw ambiguousCall();
  asked.method = method;
  asked.target = target;
}

/** The path and query of an absolute URL; what is none stays as it is, and is refused as a target. */
function pathIn(url: string | undefined): string | undefined {
  return url?.replace(/^https?:\/\/[^/?#]+(?=\/)/i, '');
}

function ambiguousCall(): KeywardError {
  const text = 'Say once which call this is about: X-Forwarded-Method and X-Forwarded-Uri, or X-Original-*.';
  return new KeywardError('invalid_request', text);
}
