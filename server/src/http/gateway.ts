// Guarded routes: check the credential, then pass the call through. It reads neither the body nor the answer, and what
// it tells the upstream about the caller is in identity-headers.ts.

import { pipeline, type Readable, Transform } from 'node:stream';
import replyFrom from '@fastify/reply-from';
import type { FastifyInstance, FastifyReply, FastifyRequest, HTTPMethods } from 'fastify';
import type { Core } from '../core/core.ts';
import { KeywardError } from '../core/errors.ts';
import { type Call, overspent, type Principal } from '../core/verify.ts';
import type { DialectName } from '../dialects/dialect.ts';
import { identityHeaders } from '../dialects/identity.ts';
import { credentialText } from '../dialects/presented.ts';
import { rateLimitHeaders } from '../dialects/rate-limit.ts';
import { clientOf, type TrustedProxies } from './client-address.ts';
import { apiTokenParameter } from './credential-of.ts';
import { forwardableHeaders } from './identity-headers.ts';
import { rawPathOf, rawQueryOf, withoutIn } from './query.ts';
import { type Speaker, sendAnswer } from './speaker.ts';

/** A path of an API behind Keyward, and what a call must bring. */
export interface GuardedRoute {
  /** `/api/:environment/items` or `/files/*`. */
  readonly path: string;
  /** In upper case. */
  readonly methods: readonly string[];
  /** What the caller must hold; empty: any valid credential will do. */
  readonly permissions: readonly string[];
  /** `all` unless said otherwise. */
  readonly match?: 'all' | 'any';
  /** Lets every call in, as nobody: a credential that is sent is neither checked nor passed on. */
  readonly anonymous?: boolean;
  /** Whose words a refusal takes; null leaves it to the credential's form. */
  readonly dialect: DialectName | null;
  /** The path parameter that names the organization the credential must belong to. */
  readonly organizationParam?: string | null;
  /** The plan that a call spends, by id; the organization's (or the anonymous one) unless said otherwise. */
  readonly plan?: string | null;
  /** What a call costs of it; 1 unless said otherwise. */
  readonly cost?: number;
  /** Where the call goes on to: `http://127.0.0.1:3000`, perhaps with a path that is put before the call's own. */
  readonly upstream: string;
}

/** What the gateway needs of its surroundings. */
interface GatewayParts {
  core: Pick<Core, 'verify' | 'admit'>;
  speaker: Speaker;
  trusted: TrustedProxies;
  /** True while the `apiToken` query parameter is a credential; then it never reaches an upstream (S5). */
  acceptsApiToken: boolean;
}

/** Bytes; a guarded API may take more than our own endpoints do. */
const passedBodyLimit = 10 * 1024 * 1024;

/** Milliseconds: to connect, to the answer's head, and between two pieces of its body. */
const upstreamTimeouts = { connect: 5_000, head: 20_000, body: 20_000 } as const;

/** Registers the guarded routes in a scope of their own. */
export function mountGateway(scope: FastifyInstance, routes: readonly GuardedRoute[], parts: GatewayParts): void {
  // Not one byte is read before the verdict: what is left half read would block the connection's next request.
  scope.addContentTypeParser('*', (_request, payload, done) => done(null, payload));
  // Without `connect` reply-from would accept any certificate of an https upstream.
  const connect = { rejectUnauthorized: true, timeout: upstreamTimeouts.connect };
  const undici = { headersTimeout: upstreamTimeouts.head, bodyTimeout: upstreamTimeouts.body, connect };
  scope.register(replyFrom, { undici, destroyAgent: true, disableCache: true, disableRequestLogging: true });
  for (const route of routes) {
    const upstream = new URL(route.upstream).href.replace(/\/$/, '');
    scope.route({
      method: route.methods.map((method) => method as HTTPMethods),
      url: route.path,
      config: { guarded: true, ...(route.dialect !== null && { dialect: route.dialect }) },
      handler: async (request, reply) => {
        const verdict = await judge(route, request, parts.core);
        if (verdict.allowed) {
          if (verdict.budget !== null) reply.headers(rateLimitHeaders(verdict.budget));
          return pass(request, reply, upstream, 'principal' in verdict ? verdict.principal : undefined, parts);
        }
        if (verdict.reason === 'rate_limited') throw overspent(verdict);
        const dialect = parts.speaker(request);
        if (dialect === undefined) throw new Error('A call was refused while no dialect is on.');
        return sendAnswer(reply, dialect.refuse(verdict, request));
      },
    });
  }
}

async function judge(route: GuardedRoute, request: FastifyRequest, core: GatewayParts['core']) {
  const { organizationParam, match, plan, cost } = route;
  const params = request.params as Record<string, string | undefined>;
  const call: Call = {
    address: request.clientAddress,
    permissions: route.permissions,
    ...(plan != null && { plan }),
    ...(cost !== undefined && { cost }),
    ...(match !== undefined && { match }),
    ...(organizationParam != null && { organization: params[organizationParam] ?? '' }),
  };
  return route.anonymous ? core.admit(call) : core.verify(credentialText(request.presented()), call);
}

function pass(
  request: FastifyRequest,
  reply: FastifyReply,
  upstream: string,
  principal: Principal | undefined,
  parts: GatewayParts,
): FastifyReply {
  const sent = rawQueryOf(request.originalUrl);
  const query = parts.acceptsApiToken ? withoutIn(sent, apiTokenParameter) : sent;
  const client = clientOf(request, parts.trusted);
  if (request.body !== undefined) request.body = limitBody(request, request.raw);
  return reply.from(`${upstream}${rawPathOf(request.originalUrl)}`, {
    queryString: () => query,
    retryDelay: () => null,
    rewriteRequestHeaders: (_request, headers) => ({
      ...withoutLength(forwardableHeaders(headers), request.body !== undefined),
      ...identityHeaders(principal),
      'x-forwarded-for': client.address,
      'x-forwarded-proto': client.secure ? 'https' : 'http',
      'x-forwarded-host': request.headers.host ?? '',
    }),
    rewriteHeaders: ({ connection: _, 'keep-alive': __, 'transfer-encoding': ___, ...headers }) =>
      query === sent ? headers : { ...headers, 'cache-control': 'no-store', 'referrer-policy': 'no-referrer' },
    onError: (failed, { error }) => {
      const cause = error.cause ?? error;
      const failure = new KeywardError('unavailable', 'The service behind this path did not answer.', { cause });
      // What is left of the body will never be read, so the connection can carry no further request.
      if (!request.raw.complete) failed.header('connection', 'close');
      failed.send(cause instanceof KeywardError ? cause : failure);
    },
  });
}

/** A GET or HEAD goes on without a body, so its length must not go on either. */
function withoutLength<T extends object>(headers: T, hasBody: boolean): T {
  if (hasBody) return headers;
  const { 'content-length': _, ...rest } = headers as T & Record<'content-length', unknown>;
  return rest as unknown as T;
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
