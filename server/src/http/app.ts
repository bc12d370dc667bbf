// What every language shares: one Fastify instance with the request rules in front, each dialect in a scope of its own, and
// one place where anything that goes wrong is given words. It decides nothing about credentials.

import type { IncomingMessage, Server } from 'node:http';
import type { Socket } from 'node:net';
import type { Readable } from 'node:stream';
import Fastify, {
  type FastifyBaseLogger,
  type FastifyHttpOptions,
  type FastifyInstance,
  type FastifyReply,
  type FastifyRequest,
  LogController,
} from 'fastify';
import type { Core } from '../core/core.ts';
import { KeywardError } from '../core/errors.ts';
import type { Answer, Dialect } from '../dialects/dialect.ts';
import { bodyOf, codingFault, forgetTypeOfNothing, readBodies } from './body-parsers.ts';
import { clientOf, isFromProxy, type TrustedProxies, trustedProxies } from './client-address.ts';
import { corsHeaders, isPreflight, ownPolicy, preflightHeaders } from './cors.ts';
import { decorateWithCredential } from './credential.ts';
import { answerLinks, dialectSelector, isUnder, sendAnswer } from './dialect-selection.ts';
import { answerError, unmatched } from './error-handler.ts';
import { type AnswerFast, listenFast } from './fast-path/connection.ts';
import { mountFastPath } from './fast-path/endpoints.ts';
import { corsPolicies } from './gateway/cors-policies.ts';
import { endpoint, mountForwardAuth } from './gateway/forward-auth.ts';
import { mountGateway } from './gateway/gateway.ts';
import { answeringHead, type GuardedRoute } from './gateway/guarded-route.ts';
import { noteOwnPaths } from './gateway/own-paths.ts';
import { type ServerLimits, usualLimits } from './gateway/pass-limits.ts';
import { routeOf, rulesOf } from './gateway/route-match.ts';
import { routePattern } from './gateway/route-pattern.ts';
import { acceptUpgrades } from './gateway/web-socket.ts';
import { mountHealth, type UnavailableRoute } from './health.ts';
import { lazySchemas } from './lazy-schemas.ts';
import { awaitsContinue, sendContinue, takeExpectations } from './listener/expect-continue.ts';
import {
  refuseBrokenRequest,
  refuseConnect,
  serverOptions,
  type Tls,
  timeouts,
  tlsServerOptions,
} from './listener/listener.ts';
import { abortOnEnd, nodeConnections } from './listener/node-connection.ts';
import { answerPlainHttp } from './listener/plain-http.ts';
import { endConnectionsOnClose } from './listener/shutdown.ts';
import type { Logger } from './log.ts';
import { type Metrics, mountMetrics } from './metrics/metrics.ts';
import { mountOpenApi } from './openapi/mount.ts';
import { mountProblemPages } from './openapi/problem-pages.ts';
import { mountPortal, type PortalOptions } from './portal/portal.ts';
import { decorateWithProof } from './proof/proof.ts';
import { refusalHeader, requestId } from './request-id.ts';
import { areHeadersTooLarge, bodyLimit, headerFault, strictQueryOf, targetFault, urlLimit } from './request-rules.ts';
import { acceptAbsoluteForm } from './request-target.ts';
import { hsts, tellerOfInClear, transportFault } from './require-https.ts';
import { createRequestLog, type RequestLog, type RequestLogOptions } from './tracing/request-log.ts';
import { tracedCore } from './tracing/traced-core.ts';
import { traceRequests } from './tracing/traced-requests.ts';
import type { Tracer } from './tracing/tracer.ts';
import { createUnavailableLog, type Outages } from './unavailable-log.ts';

export interface AppOptions {
  core: Core;
  /** The dialects that are on. */
  dialects: readonly Dialect[];
  guarded?: readonly GuardedRoute[];
  /** How much and how long calls that are passed on may take, where a route says nothing else. */
  passLimits?: ServerLimits;
  /** Those of them that lack their plan or their API right now. */
  unavailableRoutes?: () => readonly UnavailableRoute[];
  logger: Logger;
  /** Told of each answer that the database's absence costs. */
  outages?: Outages;
  /** Logs a line for requests at `info`, for this share of them and no more than so many in a second, and not at `debug` only. */
  logRequests?: Pick<RequestLogOptions, 'isOn' | 'share' | 'perSecond'>;
  /** Records what is done for each request. */
  tracer?: Tracer | undefined;
  /** Addresses and CIDR ranges of the proxies whose headers are believed, or who knows them. */
  trustedProxies?: readonly string[] | TrustedProxies;
  /** Serves HTTPS with this certificate; without it HTTPS must be a trusted proxy's work. */
  tls?: Tls;
  /** Answers plain HTTP from this machine; for the demo only. */
  allowPlainLoopback?: boolean;
  /** What is counted, and whether everyone may read it. */
  metrics?: { of: Metrics; isOpen: boolean };
  /** Origins whose pages may read answers of Keyward's own API; none by default. */
  cors?: readonly string[];
  /** False leaves every request to Node's parser and the router. */
  fastPath?: boolean;
  /** The public address, for the description of the API. */
  url?: () => string;
  /** Serves the portal. */
  portal?: PortalOptions;
}

/** The same in every language, since Node says it too before anyone knows what was asked. */
const oversizedHead: Answer = {
  status: 431,
  headers: { 'content-type': 'application/problem+json', connection: 'close' },
  body: { type: 'about:blank', title: 'Request Header Fields Too Large', status: 431 },
};

/** Builds the server, which does not listen yet. Throws an Error for a setting that makes no sense. */
export function createApp(options: AppOptions): FastifyInstance {
  const { core, dialects, logger, tracer, tls, cors = [] } = options;
  const guarded = answeringHead(options.guarded ?? []);
  const atUpstreams = guarded.filter((route) => route.upstream != null);
  const isOwn = (path: string) => dialects.some(({ paths }) => paths.some((prefix) => isUnder(prefix, path)));
  const acceptsApiToken = dialects.some((dialect) => dialect.apiTokenScheme === true);
  const selectDialect = dialectSelector(
    dialects,
    atUpstreams.map(({ path, dialect }) => ({ pattern: routePattern(path), dialect })),
  );
  const { trustedProxies: proxies = [] } = options;
  const trusted = typeof proxies === 'function' ? proxies : trustedProxies(proxies);
  const tellInClear = tellerOfInClear(core, trusted, logger);
  const refused = new WeakMap<IncomingMessage, KeywardError>();
  const app = createServer(logger, tls, refused, targetRule(guarded, atUpstreams));
  const ownPaths = noteOwnPaths(app);
  const corsPolicyOf = corsPolicies(atUpstreams, cors.length > 0 ? ownPolicy(cors) : undefined, isOwn);

  if (tls !== undefined) answerPlainHttp(app);
  // By size alone: beyond a count Node would drop headers unseen, and with them a second Authorization.
  app.server.maxHeadersCount = 0;
  app.server.on('connect', (_request, socket) => refuseConnect(socket, tls !== undefined));
  takeExpectations(app.server, (request, response) => app.routing(request, response));
  acceptUpgrades(app, tls !== undefined);
  app.removeAllContentTypeParsers();
  decorateWithCredential(app, acceptsApiToken);
  const linksOf = answerLinks(
    core,
    dialects.some(({ name }) => name === 'oauth2'),
  );
  app.decorateRequest('links', function (this: FastifyRequest) {
    return linksOf(this);
  });
  app.decorateRequest('clientAddress', '');
  app.decorateRequest('isSecure', false);
  app.decorateRequest('isFromTrustedProxy', function (this: FastifyRequest) {
    return isFromProxy(this, trusted);
  });
  app.decorateRequest('refusalId', null);
  app.decorateRequest('bodyBytes', null);
  const unavailable = createUnavailableLog({ log: logger, outages: options.outages });
  app.addHook('onClose', async () => unavailable.close());
  app.setNotFoundHandler((request, reply) => {
    const page = portal?.page(request, reply);
    if (page === undefined) throw unmatched(app, request);
    return page;
  });
  app.setErrorHandler((error, request, reply) => {
    // Where there is no route, what Fastify holds against the body is beside the point.
    const cause = request.is404 && !(error instanceof KeywardError) ? unmatched(app, request) : error;
    return answerError(cause, request, reply, selectDialect, unavailable);
  });
  const requestSpans = tracer === undefined ? undefined : traceRequests(app, tracer);
  app.addHook('onRequest', (request, reply, done) => {
    const client = clientOf(request, trusted);
    // Where HTTPS is served, no proxy's word makes up for it.
    if (tls !== undefined && !('encrypted' in request.raw.socket)) client.secure = false;
    if (request.routeOptions.config?.guarded) abortOnEnd(request.raw);
    request.clientAddress = client.address;
    request.isSecure = client.secure;
    setStandingHeaders(reply, client.secure);
    const corsPolicy = corsPolicyOf?.(request);
    if (corsPolicy !== undefined) reply.headers(corsHeaders(corsPolicy, request));
    if (areHeadersTooLarge(request.raw.rawHeaders)) {
      sendAnswer(reply, oversizedHead);
      return;
    }
    const inHead = headerFault(request.raw.rawHeaders);
    // Where the next request begins may be in doubt then (RFC 9112 section 6.1).
    if (inHead !== undefined) reply.header('connection', 'close');
    const inClear = transportFault(request, client, options.allowPlainLoopback === true);
    if (inClear !== undefined && inHead === undefined) tellInClear(request);
    const secure = inClear && inHead === undefined ? portal?.secureTarget(request) : undefined;
    if (secure !== undefined) {
      reply.redirect(secure, 308);
      return;
    }
    // In clear it is refused like a call, so that the browser never sends the credential.
    if (corsPolicy !== undefined && isPreflight(request) && inHead === undefined && inClear === undefined) {
      reply.code(204).headers(preflightHeaders(corsPolicy, request)).send();
      return;
    }
    const fault = inHead ?? inClear ?? refused.get(request.raw) ?? endpointFault(request);
    done(fault);
  });
  app.addHook('preParsing', (request, reply, payload, done) => {
    // The body of a guarded call is read after the verdict, if at all.
    if (!request.routeOptions.config?.guarded) sendContinue(request.raw, reply.raw);
    done(null, bodyOf(request.raw, payload as Readable));
  });
  app.addHook('onSend', (request, reply, payload, done) => {
    // Whether the client sends its body all the same is not known, so this is the connection's last answer.
    if (awaitsContinue(request.raw)) reply.header('connection', 'close');
    if (request.refusalId !== null) reply.header(refusalHeader, request.refusalId);
    if (reply.statusCode === 401 && !reply.hasHeader('www-authenticate')) reply.header('www-authenticate', 'Bearer');
    done(null, payload);
  });
  decorateWithProof(app, core, trusted);
  const requestLog = createRequestLog({ isOn: false, ...options.logRequests, logger, traceId: tracer?.traceId });
  app.addHook('onResponse', logAnswer(requestLog));

  const isClosing = endConnectionsOnClose(app);
  const allowPlainLoopback = options.allowPlainLoopback === true;
  const fastPathParts = {
    selectDialect,
    linksOf,
    trusted,
    acceptsApiToken,
    allowPlainLoopback,
    tracer,
    requestLog,
    unavailable,
    logger,
    isClosing,
    hasCors: cors.length > 0,
  } as const;
  const answerFast = options.fastPath === false ? undefined : mountFastPath(app, fastPathParts);
  acceptConnections(app, tls === undefined ? 'connection' : 'secureConnection', answerFast);
  const { metrics } = options;
  const watched = (way: string) => {
    const counted = metrics?.of.watch(core, way) ?? core;
    return tracer === undefined ? counted : tracedCore(counted, way, tracer);
  };
  mountHealth(app, core, options.unavailableRoutes, options.outages);
  if (metrics !== undefined) mountMetrics(app, core, metrics.of, metrics.isOpen);
  if (dialects.some(({ name }) => name === 'native')) mountProblemPages(app, guarded);
  mountOpenApi(app, { dialects, guarded, url: options.url ?? (() => '/') });
  const portal = options.portal && mountPortal(app, options.portal, dialects, guarded);
  for (const dialect of dialects) app.register(async (scope) => mountDialect(scope, dialect, watched(dialect.name)));
  app.register(async (scope) => mountForwardAuth(scope, guarded, { core: watched('forward-auth'), dialects, trusted }));
  app.register(async (scope) =>
    mountGateway(scope, guarded, {
      core: watched('gateway'),
      selectDialect,
      trusted,
      acceptsApiToken,
      ownPaths,
      limits: options.passLimits ?? usualLimits,
      ...(tracer !== undefined && requestSpans !== undefined && { traced: { tracer, requestSpans } }),
    }),
  );
  return app;
}

/** What is wrong with a target, as a method's target. */
type TargetRule = (method: string, target: string) => KeywardError | undefined;

/** The rule of plain paths, less strict where a guarded route is so. */
function targetRule(guarded: readonly GuardedRoute[], atUpstreams: readonly GuardedRoute[]): TargetRule {
  if (!guarded.some(({ encodedSlashes, semicolons }) => encodedSlashes || semicolons)) {
    return (_method, target) => targetFault(target);
  }
  const [own, asked] = [rulesOf(atUpstreams), rulesOf(guarded)];
  return (method, target) => {
    const found = target.startsWith(`${endpoint}/`)
      ? routeOf(asked, method, target.slice(endpoint.length))
      : routeOf(own, method, target);
    return found instanceof KeywardError ? found : undefined;
  };
}

function createServer(
  logger: Logger,
  tls: Tls | undefined,
  refused: WeakMap<IncomingMessage, KeywardError>,
  faultOf: TargetRule,
): FastifyInstance {
  const options: Omit<FastifyHttpOptions<Server>, 'http'> = {
    loggerInstance: logger as FastifyBaseLogger,
    logController: new LogController({ disableRequestLogging: true }),
    // A logger for each request would cost more than most requests log: who logs of one names its id.
    childLoggerFactory: (parent) => parent,
    genReqId: ({ headers }) => requestId(headers),
    // HEAD wherever GET is answered (RFC 9110 section 9.1).
    exposeHeadRoutes: true,
    bodyLimit,
    requestTimeout: timeouts.request,
    keepAliveTimeout: timeouts.keepAlive,
    connectionTimeout: timeouts.idleSocket,
    // Parts are mounted at the start, which a slow machine may take long over; Fastify would give up after ten seconds.
    pluginTimeout: 120_000,
    schemaController: lazySchemas,
    ajv: { customOptions: { removeAdditional: false, coerceTypes: false, allErrors: true } },
    // Queries are read in the hook: the router would have to read them before anyone may refuse them.
    routerOptions: { maxParamLength: urlLimit, querystringParser: () => ({}) },
    clientErrorHandler: (error, socket) => refuseBrokenRequest(error, socket, tls !== undefined),
    // The router never sees a target that it and an upstream could read differently (S64).
    rewriteUrl: (raw) => {
      const target = raw.url ?? '';
      const fault = faultOf(raw.method ?? '', target);
      if (fault === undefined) return target;
      refused.set(raw, fault);
      return '/';
    },
  };
  if (tls === undefined) return Fastify({ ...options, http: serverOptions }) as unknown as FastifyInstance;
  // Fastify types its options for one kind of server at a time; what is set here means the same for both.
  const overTls = { ...options, https: tlsServerOptions(tls) } as unknown as FastifyHttpOptions<Server>;
  return Fastify(overTls) as unknown as FastifyInstance;
}

/** Has connections begin on the fast path, or, without it, with Node. */
function acceptConnections(app: FastifyInstance, event: 'connection' | 'secureConnection', answer?: AnswerFast): void {
  acceptAbsoluteForm(app.server);
  const serveByNode = nodeConnections(app.server, event);
  if (answer === undefined) app.server.prependListener(event, (socket: Socket) => serveByNode(socket));
  else listenFast(app, event, answer, serveByNode);
}

function mountDialect(scope: FastifyInstance, dialect: Dialect, core: Core): void {
  readBodies(scope, dialect.bodies);
  scope.addHook('onRoute', (route) => {
    route.config = { ...route.config, dialect: dialect.name };
  });
  dialect.mount(scope, core);
}

function setStandingHeaders(reply: FastifyReply, isSecure: boolean): void {
  reply.header('cache-control', 'no-store');
  reply.header('x-content-type-options', 'nosniff');
  reply.header('referrer-policy', 'no-referrer');
  if (isSecure) reply.header('strict-transport-security', hsts);
}

/** The rules of our own endpoints; a guarded call's query and body belong to the guarded API. */
function endpointFault(request: FastifyRequest): KeywardError | undefined {
  if (request.routeOptions.config?.guarded) return undefined;
  try {
    request.query = strictQueryOf(request.url, request.routeOptions.config?.listParameters);
    forgetTypeOfNothing(request.raw);
    return codingFault(request);
  } catch (error) {
    if (error instanceof KeywardError) return error;
    throw error;
  }
}

/** One line for each call: it costs as much as the check itself. */
function logAnswer(log: RequestLog) {
  return (request: FastifyRequest, reply: FastifyReply, done: () => void): void => {
    if (!log.isOn()) {
      done();
      return;
    }
    const { id, method, routeOptions, clientAddress: address, refusalId } = request;
    const { statusCode: status, elapsedTime: ms } = reply;
    log.tell({ id, method, route: routeOptions.url, status, ms, address, refusalId, traceId: log.traceId() });
    done();
  };
}
