// The gateway: a call to a guarded route is judged, then passed through. It reads neither the body nor the answer. The
// verdict is in guarded-route.ts, WebSockets are in web-socket.ts.

import type { Socket } from 'node:net';
import { pipeline, type Readable, Transform } from 'node:stream';
import type { FastifyInstance, FastifyReply, FastifyRequest, HTTPMethods } from 'fastify';
import type { Principal } from '../../core/caller/records.ts';
import type { Call } from '../../core/checking/verify.ts';
import { KeywardError } from '../../core/errors.ts';
import { credentialText } from '../../dialects/credential-location.ts';
import { identityHeaders } from '../../dialects/identity-headers.ts';
import { bodyOf } from '../body-parsers.ts';
import { clientOf, type TrustedProxies } from '../client-address.ts';
import { apiTokenParameter } from '../credential.ts';
import { rawPathOf, rawQueryOf, withoutIn } from '../query.ts';
import { admitted, callTo, type Guard, type GuardedRoute } from './guarded-route.ts';
import { answeredHeaders, forwardableHeaders } from './request-headers.ts';
import { asksForUpgrade, passUpgrade } from './web-socket.ts';

/** What the gateway needs of its surroundings. */
interface GatewayParts extends Guard {
  trusted: TrustedProxies;
  /** True while the `apiToken` query parameter is a credential; then it reaches an upstream only if asked to (S5). */
  acceptsApiToken: boolean;
}

/** A call as the upstream gets it. */
interface Passed {
  url: string;
  query: string;
  headers: ReturnType<typeof forwardableHeaders>;
  /** True if the client's URL held its credential. */
  wasInUrl: boolean;
}

/** Bytes; a guarded API may take more than our own endpoints do. */
const passedBodyLimit = 10 * 1024 * 1024;

/** Milliseconds: to connect, to the answer's head, and between two pieces of its body. */
const upstreamTimeouts = { connect: 5_000, head: 20_000, body: 20_000 } as const;

/** Registers the routes that have an upstream in a scope of their own. */
export async function mountGateway(
  scope: FastifyInstance,
  routes: readonly GuardedRoute[],
  parts: GatewayParts,
): Promise<void> {
  if (routes.every((route) => route.upstream == null)) return;
  // With it comes an HTTP client, a third of a megabyte of code that a server without upstreams has no use for.
  const { default: replyFrom } = await import('@fastify/reply-from');
  const sockets = new Set<Socket>();
  let isClosing = false;
  // Not one byte is read before the verdict: what is left half read would block the connection's next request.
  scope.addContentTypeParser('*', (_request, payload, done) => done(null, payload));
  // Without `connect` reply-from would accept any certificate of an https upstream.
  const connect = { rejectUnauthorized: true, timeout: upstreamTimeouts.connect };
  const undici = { headersTimeout: upstreamTimeouts.head, bodyTimeout: upstreamTimeouts.body, connect };
  scope.register(replyFrom, { undici, destroyAgent: true, disableCache: true, disableRequestLogging: true });
  scope.addHook('preClose', (done) => {
    isClosing = true;
    for (const socket of sockets) socket.destroy();
    done();
  });
  for (const route of routes) {
    if (route.upstream == null) continue;
    const upstream = new URL(route.upstream).href.replace(/\/$/, '');
    scope.route({
      method: route.methods.map((method) => method as HTTPMethods),
      url: route.path,
      config: { guarded: true, ...(route.dialect !== null && { dialect: route.dialect }) },
      handler: async (request, reply) => {
        reply.header('x-request-id', request.id);
        const params = request.params as Record<string, string | undefined>;
        const organization = route.organizationParam == null ? undefined : (params[route.organizationParam] ?? '');
        const call = callTo(route, request, organization);
        const caller = await admitted(route, call, request, reply, parts);
        if (caller === null) return reply;
        const passed = passedOn(request, route, upstream, caller.principal, parts);
        if (!asksForUpgrade(request)) return pass(request, reply, passed);
        const url = new URL(passed.query === '' ? passed.url : `${passed.url}?${passed.query}`);
        const isAllowed = () => remainsAllowed(route, call, request, parts);
        const headers = withoutLength(passed.headers, undefined);
        const passage = { url, headers, isAllowed, open: sockets, isClosing: () => isClosing };
        const isOpen = await passUpgrade(request, reply, passage);
        return isOpen ? undefined : reply;
      },
    });
  }
}

function passedOn(
  request: FastifyRequest,
  route: GuardedRoute,
  upstream: string,
  principal: Principal | undefined,
  { acceptsApiToken, trusted }: GatewayParts,
): Passed {
  const keepsCredential = route.keepCredential === true;
  const sent = rawQueryOf(request.originalUrl);
  const bare = acceptsApiToken ? withoutIn(sent, apiTokenParameter) : sent;
  const client = clientOf(request, trusted);
  const { host = '', ...headers } = forwardableHeaders(request.headers, keepsCredential);
  return {
    url: `${upstream}${rawPathOf(request.originalUrl)}`,
    query: keepsCredential ? sent : bare,
    wasInUrl: bare !== sent,
    headers: {
      ...headers,
      ...identityHeaders(principal),
      'x-forwarded-for': client.address,
      'x-forwarded-proto': client.secure ? 'https' : 'http',
      'x-forwarded-host': host,
      'x-request-id': request.id,
    },
  };
}

function pass(request: FastifyRequest, reply: FastifyReply, passed: Passed): FastifyReply {
  if (request.body !== undefined) request.body = limitBody(request, bodyOf(request.raw));
  return reply.from(passed.url, {
    queryString: () => passed.query,
    retryDelay: () => null,
    rewriteRequestHeaders: (_request, { host }) => ({ ...withoutLength(passed.headers, request.body), host }),
    rewriteHeaders: (headers) => ({
      ...answeredHeaders(headers),
      ...(passed.wasInUrl && { 'cache-control': 'no-store', 'referrer-policy': 'no-referrer' }),
      'x-request-id': request.id,
    }),
    onError: (failed, { error }) => {
      const cause = error.cause ?? error;
      const failure = new KeywardError('unavailable', 'The service behind this path did not answer.', { cause });
      // What is left of the body will never be read, so the connection can carry no further request.
      if (!request.raw.complete) failed.header('connection', 'close');
      failed.send(cause instanceof KeywardError ? cause : failure);
    },
  });
}

/** Whether an open WebSocket may stay open: a look that spends nothing. */
async function remainsAllowed(
  route: GuardedRoute,
  call: Call,
  request: FastifyRequest,
  { core }: Guard,
): Promise<boolean> {
  if (route.anonymous) return true;
  return (await core.inspect(credentialText(request.presented()), call)).allowed;
}

/** A GET or HEAD goes on without a body, so its length must not go on either. */
function withoutLength(headers: Passed['headers'], body: unknown): Passed['headers'] {
  if (body !== undefined) return headers;
  const { 'content-length': _, ...rest } = headers;
  return rest;
}

/** The body, to be passed on piece by piece. Throws, or ends it, with KeywardError `too_large` beyond the limit. */
function limitBody(request: FastifyRequest, payload: Readable): Readable {
  const tooLarge = () => new KeywardError('too_large', 'The body is larger than 10 MB.');
  if (Number(request.headers['content-length']) > passedBodyLimit) throw tooLarge();
  let bytes = 0;
  const counted = new Transform({
    transform(chunk: Buffer, _encoding, next) {
      bytes += chunk.length;
      if (bytes > passedBodyLimit) next(tooLarge());
      else next(null, chunk);
    },
  });
  // The error reaches the upstream request, which ends in onError above; there is nothing left to do here.
  pipeline(payload, counted, () => undefined);
  return counted;
}
