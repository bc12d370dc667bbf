// The gateway: a call to a guarded route is checked, then passed through. It reads neither the body nor the answer. The
// verdict is in access-decision.ts, WebSockets are in web-socket.ts, the client for upstreams in upstream.ts.

import type { Socket } from 'node:net';
import type { FastifyInstance, FastifyReply, FastifyRequest, HTTPMethods } from 'fastify';
import type { Principal } from '../../core/caller/records.ts';
import type { Call } from '../../core/checking/verify.ts';
import { KeywardError } from '../../core/errors.ts';
import { credentialText } from '../../dialects/credential-location.ts';
import { identityHeaders } from '../../dialects/identity-headers.ts';
import { clientOf, type TrustedProxies } from '../client-address.ts';
import { apiTokenParameter } from '../credential.ts';
import { noAnswer } from '../error-mapping.ts';
import { sendContinue } from '../listener/expect-continue.ts';
import { refuseSlowRequest } from '../listener/listener.ts';
import { liftTimes } from '../listener/slow-request.ts';
import { rawPathOf, rawQueryOf, withoutIn } from '../query.ts';
import type { RequestSpans } from '../tracing/traced-requests.ts';
import type { Tracer } from '../tracing/tracer.ts';
import { admitted, type Guard } from './access-decision.ts';
import { callTo, credentialOf, type GuardedRoute } from './guarded-route.ts';
import { refuseOwnPaths, routesOverOwnPaths } from './own-paths.ts';
import type { PassLimits, ServerLimits } from './pass-limits.ts';
import { dropRest, hasBody, piecesOf, StalledUpload } from './request-body.ts';
import { forwardableHeaders } from './request-headers.ts';
import { answeredHeaders, keepOneCors } from './response-headers.ts';
import { tracedUpgrade, tracedUpstreams } from './traced-upstreams.ts';
import { goneSignal, openUpstreams, type UpstreamCall, type Upstreams } from './upstream.ts';
import { asksForUpgrade, passUpgrade } from './web-socket.ts';

/** What the gateway needs of its surroundings. */
interface GatewayParts extends Guard {
  trusted: TrustedProxies;
  /** True while the `apiToken` query parameter is a credential; then it reaches an upstream only if asked to (S5). */
  acceptsApiToken: boolean;
  limits: ServerLimits;
  /** Records calls that are passed on, and tells upstreams of their trace; without it a caller's own word of that goes on. */
  traced?: { tracer: Tracer; requestSpans: RequestSpans };
  ownPaths(): ReadonlySet<string>;
}

/** A route with its upstream, and a call to it. */
interface ForwardedCall {
  route: GuardedRoute;
  upstream: URL;
  limits: PassLimits;
  /** What is sent, but for the body and the waiting. */
  call: Pick<UpstreamCall, 'origin' | 'path' | 'headers'>;
  /** True if the client's URL held its credential. */
  wasInUrl: boolean;
}

/** Registers the routes that have an upstream in a scope of their own. */
export async function mountGateway(
  scope: FastifyInstance,
  routes: readonly GuardedRoute[],
  parts: GatewayParts,
): Promise<void> {
  if (routes.every((route) => route.upstream == null)) return;
  refuseOwnPaths(routes, parts.ownPaths());
  for (const { route, own } of routesOverOwnPaths(routes, parts.ownPaths())) {
    scope.log.warn(
      { route, paths: own.length, own: own.slice(0, 5) },
      'a route is wider than paths of Keyward itself: calls of these are answered here and never reach its upstream',
    );
  }
  const { traced } = parts;
  const opened = await openUpstreams(parts.limits.connectMs);
  const upstreams = traced === undefined ? opened : tracedUpstreams(opened, traced.tracer);
  const sockets = new Set<Socket>();
  let isClosing = false;
  // Not one byte is read before the verdict: what is left half read would block the connection's next request.
  scope.addContentTypeParser('*', (_request, payload, done) => done(null, payload));
  scope.addHook('preClose', (done) => {
    isClosing = true;
    for (const socket of sockets) socket.destroy();
    done();
  });
  scope.addHook('onClose', () => upstreams.close());
  for (const route of routes) {
    if (route.upstream == null) continue;
    const upstream = new URL(route.upstream);
    const limits = { ...parts.limits, ...route.limits };
    scope.route({
      // Whether HEAD is answered here is decided with the routes (guarded-route.ts).
      exposeHeadRoute: false,
      method: route.methods.map((method) => method as HTTPMethods),
      url: route.path,
      config: {
        guarded: true,
        isUpstream: true,
        ...(route.dialect !== null && { dialect: route.dialect }),
        ...(route.api != null && { api: route.api }),
        scope: route.permissions,
        ...(route.cors != null && { cors: route.cors }),
      },
      handler: async (request, reply) => {
        reply.header('x-request-id', request.id);
        const params = request.params as Record<string, string | undefined>;
        const organization = route.organizationParam == null ? undefined : (params[route.organizationParam] ?? '');
        const call = callTo(route, request, request.method, organization);
        const caller = await admitted(route, call, request, reply, parts);
        if (caller === null) return reply;
        const forwarded = { route, upstream, limits, ...passedOn(request, route, upstream, caller.principal, parts) };
        if (!asksForUpgrade(request)) return pass(request, reply, forwarded, upstreams);
        const { path, headers } = forwarded.call;
        const passed = (told: typeof headers) =>
          passUpgrade(request, reply, {
            upstream,
            limits,
            path,
            headers: told,
            isAllowed: () => remainsAllowed(route, call, request, parts),
            open: sockets,
            isClosing: () => isClosing,
          });
        const isOpen = await (traced === undefined
          ? passed(headers)
          : tracedUpgrade({ ...traced, request, reply }, { origin: upstream.origin, headers }, passed));
        return isOpen ? undefined : reply;
      },
    });
  }
}

function passedOn(
  request: FastifyRequest,
  route: GuardedRoute,
  upstream: URL,
  principal: Principal | undefined,
  { acceptsApiToken, trusted }: GatewayParts,
): Pick<ForwardedCall, 'call' | 'wasInUrl'> {
  const keepsCredential = route.keepCredential === true;
  const sent = rawQueryOf(request.url);
  const bare = acceptsApiToken ? withoutIn(sent, apiTokenParameter) : sent;
  const query = keepsCredential ? sent : bare;
  const base = upstream.pathname.replace(/\/$/, '');
  const path = `${base}${rawPathOf(request.url)}`;
  const client = clientOf(request, trusted);
  const { host = '', ...headers } = forwardableHeaders(request.headers, keepsCredential);
  return {
    wasInUrl: bare !== sent,
    call: {
      origin: upstream.origin,
      path: query === sent ? `${base}${request.url}` : query === '' ? path : `${path}?${query}`,
      headers: {
        host: route.keepHost === true && host !== '' ? host : upstream.host,
        ...headers,
        ...identityHeaders(principal),
        'x-forwarded-for': client.address,
        'x-forwarded-proto': client.secure ? 'https' : 'http',
        'x-forwarded-host': host,
        'x-request-id': request.id,
      },
    },
  };
}

async function pass(
  request: FastifyRequest,
  reply: FastifyReply,
  { route, upstream, limits, call, wasInUrl }: ForwardedCall,
  upstreams: Upstreams,
): Promise<FastifyReply> {
  const { raw } = request;
  const { answerMs, idleMs, uploadMs } = limits;
  liftTimes(raw, reply.raw, Math.max(answerMs, idleMs, uploadMs));
  dropRest(raw, reply.raw);
  const signal = goneSignal(reply.raw);
  try {
    const body = hasBody(raw) ? piecesOf(raw, limits) : undefined;
    if (body !== undefined) sendContinue(raw, reply.raw);
    const answer = await upstreams.call({ ...call, method: request.method, body, signal, answerMs, idleMs });
    if (route.securityHeaders === false) for (const name of securityHeaders) reply.removeHeader(name);
    const answered = answeredHeaders(answer.headers, upstream);
    if (route.cors != null) keepOneCors(reply, answered);
    return reply
      .code(answer.status)
      .headers(answered)
      .headers({ ...(wasInUrl && { 'cache-control': 'no-store', 'referrer-policy': 'no-referrer' }) })
      .header('x-request-id', request.id)
      .send(answer.body ?? undefined);
  } catch (error) {
    // Nobody is there to be answered, and no upstream has failed.
    if (signal.aborted) return reply.hijack();
    if (error instanceof StalledUpload) {
      reply.hijack();
      refuseSlowRequest(raw.socket);
      return reply;
    }
    throw error instanceof KeywardError ? error : noAnswer(error, upstream.origin);
  }
}

/** What every answer of Keyward's has (app.ts); an upstream's own take their place. */
const securityHeaders = ['cache-control', 'x-content-type-options', 'referrer-policy', 'strict-transport-security'];

/** Whether an open WebSocket may stay open: a look that spends nothing. */
async function remainsAllowed(
  route: GuardedRoute,
  call: Call,
  request: FastifyRequest,
  { core }: Guard,
): Promise<boolean> {
  const needed = credentialOf(route);
  if (needed === 'none' || (needed === 'optional' && request.presented().scheme === 'none')) return true;
  return (await core.inspect(credentialText(request.presented()), call)).allowed;
}
