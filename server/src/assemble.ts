// Builds the whole machine from Config: with assemble/, which holds what is no list of parts, the only place that names every
// concrete part. It decides nothing.

import { randomUUID } from 'node:crypto';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { setImmediate as turn } from 'node:timers/promises';
import type { InjectOptions } from 'fastify';
import { choresOf } from './assemble/chores.ts';
import { inWords, openPlace } from './assemble/database.ts';
import { demandDefaultPlan } from './assemble/default-plan.ts';
import { demandServable, openHeadKeeper } from './assemble/journal-head.ts';
import { latestKnownTime } from './assemble/latest-time.ts';
import { listenOptions } from './assemble/listen-options.ts';
import { type Outbounds, openOutbounds } from './assemble/outbounds.ts';
import { openProofs } from './assemble/proofs.ts';
import { openRecentCalls, presenceName } from './assemble/recent-calls.ts';
import type { AssembleOptions, InjectedAnswer, InjectedRequest, Server } from './assemble/server.ts';
import { coreSettings } from './assemble/settings/core-settings.ts';
import { openReload } from './assemble/settings/reload.ts';
import { signInLimiters } from './assemble/sign-in-limiters.ts';
import { knowing } from './assemble/sole-caller.ts';
import { openSubscribers } from './assemble/subscribers.ts';
import { tellUpgrade } from './assemble/upgrade.ts';
import { openWebhooks } from './assemble/webhooks.ts';
import { metricsOfWorkers } from './assemble/worker-metrics.ts';
import { applyChanges } from './chores/apply-changes.ts';
import { followJournal } from './chores/follow-journal.ts';
import { flushMs, usageRecorder } from './chores/last-used.ts';
import { observedRefusals } from './chores/observed-refusals.ts';
import { createOutageLog } from './chores/outage-log.ts';
import { schedule } from './chores/schedule.ts';
import { usedReaches } from './chores/used-reaches.ts';
import { type Config, ConfigError } from './config/config.ts';
import { boundedLines } from './core/bounded-lines.ts';
import { createApiCache } from './core/catalogue/api-cache.ts';
import { createVerifierFindings } from './core/checking/calls/verifier-findings.ts';
import { createLeaseRegistry } from './core/checking/lease-registry.ts';
import { createPlanCache } from './core/checking/plan-cache.ts';
import type { Clock } from './core/clock.ts';
import { createCore } from './core/core.ts';
import { createGitHubKeys } from './core/credentials/leaks/github.ts';
import { createInClear } from './core/credentials/leaks/in-clear.ts';
import { KeywardError } from './core/errors.ts';
import { createAssertionVerifier } from './core/federation/assertion.ts';
import { createLastReceipts } from './core/feed/recent-receipts.ts';
import { watchedSignIns } from './core/identity/sign-in-watch.ts';
import { createImportedSecrets } from './core/import/imported-secrets.ts';
import { createSettling } from './core/import/settling.ts';
import { createChainWatch } from './core/journal/chain-watch.ts';
import type { Ports } from './core/ports.ts';
import type { ServerState } from './core/recovery/records.ts';
import { createSealer, type SealingKeys } from './core/sealer.ts';
import { prepare } from './core/start-up.ts';
import { createClientDocuments, type RefusedClient } from './core/tokens/client-metadata/client-documents.ts';
import type { FailedExchange } from './core/tokens/exchange-failure.ts';
import { createKeySet } from './core/tokens/key-set.ts';
import { allDialects } from './dialects/all.ts';
import { createApp } from './http/app.ts';
import { renewableProxies } from './http/client-address.ts';
import { guardedCalls } from './http/gateway/guarded-calls.ts';
import { RouteError } from './http/gateway/route-pattern.ts';
import { unavailableRoutes } from './http/gateway/unavailable-routes.ts';
import { createLogger, type Logger } from './http/log.ts';
import { createMetrics } from './http/metrics/metrics.ts';
import { readPortal } from './http/portal/portal-files.ts';
import { openLimits } from './limits/open.ts';
import { createPasswordHasher } from './passwords/argon2.ts';
import { createSlowHasher } from './passwords/foreign.ts';
import { createPasswordStrength } from './passwords/strength.ts';
import { createTotp } from './passwords/totp.ts';
import { type CertificateAndKey, readCertificate } from './startup/certificate.ts';
import { steadyClock } from './startup/steady-clock.ts';
import { credentialCache } from './storage/credential-cache.ts';
import { renewableDigestFilter } from './storage/digest-filter.ts';
import { countedCachedLookup, countedLookup } from './storage/lookup-counter.ts';
import { type OpenStore, openStore } from './storage/open.ts';
import { revokedTokenCache } from './storage/revoked-token-cache.ts';
import type { Telemetry } from './telemetry/open.ts';

export type { AssembleOptions, InjectedAnswer, InjectedRequest, Server };

/** Of some 800 bytes each. */
const cachedRecordCount = 150_000;

/** Opens everything but the port. Refuses a data folder that another process has open. */
export async function assemble(config: Config, options: AssembleOptions): Promise<Server> {
  const logger = options.logger ?? createLogger(config.logLevel);
  const tls = config.tls === null ? null : readCertificate(config.tls);
  const outbounds = openOutbounds(config, options.demo);
  const { place, sealingKeys } = openPlace(config);
  const { wall = options.clock ?? Date.now } = options;
  let clock = options.clock ?? wall;
  const { worker } = options;
  const telemetry = await telemetryOf(config, options, logger);
  const watch = telemetry?.statement;
  const opening = {
    ...place,
    migrate: true,
    clock: () => clock(),
    watch,
    ...(worker !== undefined && { workers: worker }),
  };
  const opened = await inWords(place, openStore(opening));
  // Changes of several requests share a transaction: each is done in the span of its own.
  const store = telemetry === null ? opened : { ...opened, write: bound(opened.write, telemetry) };
  try {
    const state = await demandServable(config, store);
    clock = options.clock ?? steadyClock(await latestKnownTime(store, wall, logger), wall);
    return await build(config, options, { clock, wall, logger, telemetry, store, state, sealingKeys, tls, outbounds });
  } catch (error) {
    await store.close();
    throw settingError(error);
  }
}

/** What the parts are built on. */
interface Foundation {
  clock: Clock;
  wall: Clock;
  logger: Logger;
  telemetry: Telemetry | null;
  store: OpenStore;
  state: ServerState;
  sealingKeys: SealingKeys;
  tls: CertificateAndKey | null;
  outbounds: Outbounds;
}

async function build(config: Config, options: AssembleOptions, foundation: Foundation): Promise<Server> {
  const { clock, wall, logger, telemetry, store, state, sealingKeys, tls, outbounds } = foundation;
  const { outbound, clientOutbound, webhookSender } = outbounds;
  const dialects = allDialects.filter((dialect) => config.dialects[dialect.name]);
  const sealer = createSealer(sealingKeys);
  const keys = createKeySet(store, sealer);
  const plans = createPlanCache(store, clock);
  const apis = createApiCache(store, {
    get issuer() {
      return settings.issuer;
    },
  });
  const read = countedLookup(store.credentials);
  const digests = renewableDigestFilter(store.digests);
  const passwords = createPasswordHasher();
  const slowHasher = createSlowHasher();
  const settling = createSettling({ store, clock, turn, failed: (error) => outages.failed(error) });
  const imported = createImportedSecrets({ store, sealer, slowHasher, settling });
  const revoked = revokedTokenCache(store.revokedTokens, { clock, isFresh: () => isFresh() });
  const credentials = credentialCache(read, {
    maxEntries: cachedRecordCount,
    clock,
    isFresh: () => isFresh(),
    known: digests,
    revoked,
    // Without another node there is nobody to hear from.
    ...(store.isShared && { catchUp: () => follower.catchUp() }),
  });
  const stopping = new AbortController();
  const outages = createOutageLog({ ping: () => store.ping(), now: monotonic, log: logger });
  const { failed } = outages;
  const { worker } = options;
  // One for all: two would write over one another.
  const keepsHead = worker === undefined || worker.place.number === 1;
  const head = keepsHead ? await openHeadKeeper(config, store, state, monotonic, logger) : null;
  const changes = applyChanges({
    credentials,
    digests,
    keys,
    plans,
    apis,
    imported,
    revoked,
    limits: () => counters.limits,
    subscribers: () => subscribers,
    stopping: stopping.signal,
    head,
    failed,
    logger,
  });
  const follower = await followJournal(store.news, monotonic, changes);
  const isFresh = () => !store.isShared || follower.isFresh();
  const routes = [...config.routes, ...(options.routes ?? [])];
  const unavailable = unavailableRoutes(routes, { plans, apis }, logger);
  const metrics = createMetrics({
    isFresh,
    unavailableRoutes: unavailable.list,
    isReloadRefused: () => reload.isRefused(),
    journalHead: () => subscribers.head(),
    writesWaiting: () => store.waiting(),
    lag: () => subscribers.lag(),
    lookups: () => ({ all: asked.asked(), database: read.asked() }),
    limits: () => counters.state(),
  });
  const node = randomUUID().slice(0, 8);
  const subscribers = openSubscribers({
    node: presenceName(node),
    store,
    state,
    follower,
    clock,
    monotonic,
    effective: metrics.effective,
  });
  store.onCommit((entries) => follower.committed(entries));
  worker?.onNews(() => void (stopping.signal.aborted || follower.poll().catch(failed)));

  let port = config.port;
  let hasListened = false;
  let closed: Promise<void> | undefined;
  const settings = coreSettings(config, dialects, routes, () => port);
  const asked = countedCachedLookup(credentials);
  const usage = usageRecorder(store, clock);
  const observations = observedRefusals(store, clock);
  const reaches = usedReaches(store);
  const chain = createChainWatch(store.journal, clock);
  const counters = openLimits(store.leases, join(config.data, 'limits.log'));
  const recent = openRecentCalls(store, node, monotonic);
  const signInLimiter = signInLimiters({ leases: store.leases, node, monotonic, perMinute: config.signInFailures });
  const ports: Ports = {
    store,
    credentials: asked,
    usage,
    calls: recent.calls,
    otherNodes: recent.otherNodes,
    guardedCalls: guardedCalls(routes),
    observations,
    findings: createVerifierFindings(),
    reaches,
    passwords,
    slowHasher,
    imported,
    strength: createPasswordStrength(),
    totp: createTotp(wall),
    sealer,
    keys,
    proofs: openProofs(config, sealer, clock, worker?.place.startId),
    plans,
    apis,
    limits: counters.limits,
    leases: createLeaseRegistry(monotonic),
    assertions: createAssertionVerifier({ store, outbound, clock }),
    describedAssertions: createAssertionVerifier({ store, outbound: clientOutbound, clock }),
    clientDocuments: createClientDocuments({
      outbound: clientOutbound,
      clock,
      allowed: config.clientMetadata,
      refused: boundedLines(monotonic, (client: RefusedClient) => logger.warn(client, 'a client was not taken')),
    }),
    signInLimiter: watchedSignIns(signInLimiter('password'), monotonic, (failure) =>
      logger.warn(failure, 'a sign-in failed'),
    ),
    leakLimiter: signInLimiter('leak'),
    inClear: createInClear(config.leaks.inClear, monotonic),
    gitHubKeys:
      config.leaks.githubKeys === null
        ? null
        : createGitHubKeys({ outbound, clock: monotonic, url: config.leaks.githubKeys }),
    subscribers,
    webhookSender,
    lastReceipts: createLastReceipts(),
    chain,
    isFresh,
    clock,
    settings,
    exchangeFailed: boundedLines(monotonic, (failure: FailedExchange) => logger.warn(failure, 'an exchange failed')),
    sawExpired: (jti) => credentials.forgetIssued([jti]),
  };
  tellUpgrade(await prepare(ports), logger);
  await imported.reload();
  // Before any access token is decided about.
  await revoked.reload();
  const { asCaller } = options;
  if (asCaller === undefined) demandDefaultPlan(plans, config.defaultPlan);
  unavailable.report();
  const core = asCaller === undefined ? createCore(ports) : knowing(createCore(ports), await asCaller(store));
  const proxies = renewableProxies(config.trustedProxies);
  const app = createApp({
    core,
    dialects,
    guarded: routes,
    unavailableRoutes: unavailable.list,
    passLimits: config.gateway,
    logger,
    outages,
    logRequests: { isOn: config.requestLog, share: config.requestLogShare, perSecond: config.requestLogPerSecond },
    tracer: telemetry?.tracer,
    trustedProxies: proxies.trusted,
    ...(tls !== null && { tls }),
    cors: config.cors,
    allowPlainLoopback: options.demo,
    fastPath: config.fastPath,
    metrics: { of: worker === undefined ? metrics : metricsOfWorkers(metrics, worker), isOpen: options.demo },
    url: () => settings.issuer,
    ...(config.portal && config.dialects.native && { portal: { files: readPortal(), url: () => settings.issuer } }),
  });
  const reload = openReload(config, { tls, server: app.server, proxies, logger, worker: worker?.place.number });
  const webhooks = openWebhooks(ports, follower, store.isShared, failed);
  const keepTime = () => store.write((changes) => changes.serverTime.keep(clock()));
  const chores = choresOf({
    ports,
    store,
    chain,
    usage,
    observations,
    reaches,
    follower,
    revoked,
    unavailable,
    keepTime,
    // Not before it listens: a command that works on the database for a moment leaves this to the server.
    deliver: async () => (hasListened ? webhooks.run() : undefined),
    more: [...counters.chores, ...recent.chores],
    hasOtherNodes: store.isShared,
    flushMs: options.flushMs ?? flushMs,
  });
  const stops = (asCaller === undefined ? chores : []).map(([everyMs, chore]) => schedule(everyMs, chore, failed));
  return {
    core,
    store,
    get url() {
      return settings.issuer;
    },
    get port() {
      return port;
    },
    async listen() {
      if (asCaller !== undefined) throw new Error('A server that knows one caller alone listens to nobody.');
      await app.listen(listenOptions(config, worker)).catch((error) => {
        throw settingError(error);
      });
      port = (app.server.address() as AddressInfo).port;
      hasListened = true;
      telemetry?.sendMetrics(() => metrics.text());
      void digests.fill();
      worker?.ready(port);
      return settings.issuer;
    },
    async inject({ method, path, headers, body }) {
      const asked = { method, url: path, headers, ...(body !== undefined && { payload: body }) };
      const answer = await app.inject({ ...asked, payloadAsStream: true } as InjectOptions);
      return { status: answer.statusCode, headers: answer.headers, body: answer.stream() };
    },
    reload: reload.run,
    close(reason) {
      closed ??= (async () => {
        if (hasListened) logger.info(reason === undefined ? {} : { reason }, 'stopping');
        for (const stop of stops) stop();
        stopping.abort(new KeywardError('unavailable', 'The server is stopping.'));
        const left = subscribers.close().catch(failed);
        const undelivered = webhooks.close();
        await app.close();
        await left;
        await undelivered;
        await counters.close().catch(failed);
        await digests.close();
        await usage.flush().catch(failed);
        await observations.flush().catch(failed);
        await reaches.flush().catch(failed);
        await keepTime().catch(failed);
        await settling.idle();
        await head?.flush();
        await telemetry?.close();
        outages.close();
        await store.close();
        if (hasListened) logger.info('stopped');
      })();
      return closed;
    },
  };
}

/** A route that cannot be served is a mistake in the settings; every other error stays what it is. */
function settingError(error: unknown): unknown {
  return error instanceof RouteError ? new ConfigError([`routes: ${error.message}.`]) : error;
}

/** Loads the room only where a collector is set, and not for a command. */
async function telemetryOf(config: Config, options: AssembleOptions, logger: Logger): Promise<Telemetry | null> {
  const { traces, metrics } = config.telemetry;
  if ((traces === null && metrics === null) || options.asCaller !== undefined) return null;
  const { openTelemetry } = await import('./telemetry/open.ts');
  const database = config.database === null ? 'sqlite' : 'postgresql';
  return openTelemetry(config.telemetry, { logger, database, worker: options.worker?.place.number });
}

function bound(write: OpenStore['write'], telemetry: Telemetry): OpenStore['write'] {
  return (change) => write(telemetry.bound(change));
}

const monotonic = () => performance.now();
