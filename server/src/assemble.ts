// Builds the whole machine from Config: the only file that names every concrete part. It decides nothing.

import { randomUUID } from 'node:crypto';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import about from '../package.json' with { type: 'json' };
import { applyChanges } from './chores/apply-changes.ts';
import { chainStepMs, checkChain } from './chores/check-chain.ts';
import { followJournal } from './chores/follow-journal.ts';
import { flushMs, usageRecorder } from './chores/last-used.ts';
import { createOutageLog } from './chores/outage-log.ts';
import { createPresenceSync } from './chores/presence.ts';
import { rotateDueKeys } from './chores/rotate-keys.ts';
import { schedule } from './chores/schedule.ts';
import { sweep } from './chores/sweep.ts';
import { type Config, ConfigError, listenUrl } from './config/config.ts';
import { boundedLines } from './core/bounded-lines.ts';
import { createLeaseRegistry } from './core/checking/lease-registry.ts';
import { createPlanCache } from './core/checking/plan-cache.ts';
import type { Clock } from './core/clock.ts';
import { type Core, createCore } from './core/core.ts';
import { endDueOverlaps } from './core/credentials/api-token-rotation.ts';
import { KeywardError } from './core/errors.ts';
import type { PresenceSync } from './core/feed/ports.ts';
import { createLastReceipts } from './core/feed/recent-receipts.ts';
import { createSubscriberRegistry, goneAfterMs, heartbeatMs } from './core/feed/subscribers.ts';
import { createSignInLimiter } from './core/identity/sign-in-limiter.ts';
import { watchedSignIns } from './core/identity/sign-in-watch.ts';
import { createChainWatch } from './core/journal/chain-watch.ts';
import type { JournalReads } from './core/journal/ports.ts';
import type { Ports, Store } from './core/ports.ts';
import { createSealer, generateSealingKeys, type SealingKeys } from './core/sealer.ts';
import type { Settings } from './core/settings.ts';
import { prepare } from './core/start-up.ts';
import type { FailedExchange } from './core/tokens/exchange-failure.ts';
import { createKeySet } from './core/tokens/key-set.ts';
import { allDialects } from './dialects/all.ts';
import type { Dialect } from './dialects/dialect.ts';
import { createApp } from './http/app.ts';
import type { GuardedRoute } from './http/gateway/guarded-route.ts';
import { missingPlans } from './http/gateway/missing-plans.ts';
import { RouteError } from './http/gateway/route-pattern.ts';
import { createLogger, type Logger } from './http/log.ts';
import { createMetrics } from './http/metrics/metrics.ts';
import { readPortal } from './http/portal/portal-files.ts';
import { openLimits } from './limits/open.ts';
import { createPasswordHasher } from './passwords/argon2.ts';
import { createPasswordStrength } from './passwords/strength.ts';
import { totp } from './passwords/totp.ts';
import { type CertificateAndKey, readCertificate } from './startup/certificate.ts';
import { openDataFolder } from './startup/data-folder.ts';
import { databaseFailure } from './startup/database-failure.ts';
import { readSealingKeys } from './startup/sealing-keys.ts';
import { mostAheadMs, steadyClock } from './startup/steady-clock.ts';
import { credentialCache } from './storage/credential-cache.ts';
import { renewableDigestFilter } from './storage/digest-filter.ts';
import { countedCachedLookup, countedLookup } from './storage/lookup-counter.ts';
import { migrate as migrateStore, type OpenStore, openStore, type StoreLocation } from './storage/open.ts';

export interface Server {
  /** The public address; final once it listens. */
  readonly url: string;
  readonly core: Core;
  readonly store: Store;
  /** Starts to listen; resolves with the public address. */
  listen(): Promise<string>;
  /** `reason` is for the log. */
  close(reason?: string): Promise<void>;
}

export interface AssembleOptions {
  /** Answers plain HTTP from this machine. */
  demo: boolean;
  /** Guarded routes beside those of the configuration. */
  routes?: readonly GuardedRoute[];
  clock?: Clock;
  /** The machine's clock, for whoever gives no `clock`. */
  wall?: Clock;
  logger?: Logger;
}

/** Of some 800 bytes each. */
const cachedRecordCount = 150_000;
/** How soon a node hears of another's change; asking for what is new is one look at the end of an index. */
const pollMs = 50;
/** A little less than what followers are promised, for the time that sending takes. */
const sendHeartbeatMs = 0.9 * heartbeatMs;
const sweepMs = 60_000;
const keyCheckMs = 60_000;
/** What expires in the last so many milliseconds before a crash may be revived by a clock that is set back. */
const timeKeptMs = 60_000;
const planReportMs = 1_000;
/** An overlap that is over ends without this; what is left of it is then removed. */
const overlapCheckMs = 60_000;

/** Opens everything but the port. Refuses a data folder that another process has open. */
export async function assemble(config: Config, options: AssembleOptions): Promise<Server> {
  const logger = options.logger ?? createLogger(config.logLevel);
  const tls = config.tls === null ? null : readCertificate(config.tls);
  const { place, sealingKeys } = openPlace(config);
  const store = await inWords(place, openStore({ ...place, migrate: true }));
  try {
    const { wall = Date.now } = options;
    const clock = options.clock ?? steadyClock(await latestKnownTime(store, wall, logger), wall);
    return await build(config, options, { clock, logger, store, sealingKeys, tls });
  } catch (error) {
    await store.close();
    throw settingError(error);
  }
}

/** When the newest change was made, which is kept with it, or the time that was kept since. */
async function latestKnownTime({ journal, serverTime }: Store, wall: Clock, logger: Logger): Promise<number> {
  const changedAt = (await journal.at(await journal.head()))?.at ?? 0;
  const at = Math.max(changedAt, await serverTime.latest());
  const aheadMs = at - wall();
  const clock = { latestTime: new Date(at).toISOString(), aheadMs };
  if (aheadMs > mostAheadMs) {
    logger.error(
      clock,
      'the latest time that is known lies more than a day ahead of the clock, which is believed: set it right',
    );
  } else if (aheadMs > 0) {
    logger.warn(
      clock,
      'the clock was set back: time goes on from the latest that is known, at half speed until they meet',
    );
  }
  return at;
}

interface Ground {
  clock: Clock;
  logger: Logger;
  store: OpenStore;
  sealingKeys: SealingKeys;
  tls: CertificateAndKey | null;
}

async function build(config: Config, options: AssembleOptions, ground: Ground): Promise<Server> {
  const { clock, logger, store, sealingKeys, tls } = ground;
  const dialects = allDialects.filter((dialect) => config.dialects[dialect.name]);
  const sealer = createSealer(sealingKeys);
  const keys = createKeySet(store, sealer);
  const plans = createPlanCache(store);
  const read = countedLookup(store.credentials);
  const digests = renewableDigestFilter(store.digests);
  const credentials = credentialCache(read, {
    maxEntries: cachedRecordCount,
    clock,
    isFresh: () => isFresh(),
    known: digests,
    // Without another node there is nobody to hear from.
    ...(config.database !== null && { catchUp: () => follower.catchUp() }),
  });
  const stopping = new AbortController();
  const changes = applyChanges({
    credentials,
    digests,
    keys,
    plans,
    subscribers: () => subscribers,
    stopping: stopping.signal,
    logger,
  });
  const follower = await followJournal(store.news, monotonic, changes);
  const isFresh = () => config.database === null || follower.isFresh();
  const routes = [...config.routes, ...(options.routes ?? [])];
  const missing = missingPlans(routes, plans, logger);
  const metrics = createMetrics({
    isFresh,
    missingPlans: missing.list,
    journalHead: () => subscribers.head(),
    writesWaiting: () => store.waiting(),
    lag: () => subscribers.lag(),
    lookups: () => ({ all: asked.asked(), database: read.asked() }),
    limits: () => counters.state(),
  });
  const node = `node-${randomUUID().slice(0, 8)}`;
  const presence: PresenceSync | null =
    store.presence === null
      ? null
      : createPresenceSync({
          presence: store.presence,
          node,
          lines: () => subscribers.lines(),
          moved: (id, cursor) => subscribers.moved(id, cursor),
          goneAfterMs,
        });
  const subscribers = createSubscriberRegistry({
    journal: store.journal,
    start: follower.seen(),
    catchUp: () => follower.catchUp(),
    now: monotonic,
    clock,
    pause: (ms) => pause(ms, undefined, { ref: false }),
    node,
    presence,
    effective: metrics.effective,
  });
  store.onCommit((entries) => follower.committed(entries));

  let port = config.port;
  let hasListened = false;
  let closed: Promise<void> | undefined;
  const settings = settingsOf(config, dialects, () => port);
  const sawExpired = (jti: string) => credentials.forgetIssued([jti]);
  const asked = countedCachedLookup(credentials);
  const usage = usageRecorder(store, clock);
  const chain = createChainWatch(store.journal, clock);
  const counters = openLimits(store.leases, join(config.data, 'limits.log'));
  const ports: Ports = {
    store,
    credentials: asked,
    usage,
    passwords: createPasswordHasher(),
    strength: createPasswordStrength(),
    totp,
    sealer,
    keys,
    plans,
    limits: counters.limits,
    leases: createLeaseRegistry(monotonic),
    signInLimiter: watchedSignIns(createSignInLimiter(monotonic, config.signInFailures), monotonic, (failure) =>
      logger.warn(failure, 'a sign-in failed'),
    ),
    subscribers,
    lastReceipts: createLastReceipts(),
    chain,
    isFresh,
    clock,
    settings,
    exchangeFailed: boundedLines(monotonic, (failure: FailedExchange) => logger.warn(failure, 'an exchange failed')),
    sawExpired,
  };
  await prepare(ports);
  missing.report();
  const core = createCore(ports);
  const outages = createOutageLog({ ping: () => store.ping(), now: monotonic, log: logger });
  const app = createApp({
    core,
    dialects,
    guarded: routes,
    missingPlans: missing.list,
    passLimits: config.gateway,
    logger,
    outages,
    logRequests: config.requestLog,
    trustedProxies: config.trustedProxies,
    ...(tls !== null && { tls }),
    cors: config.cors,
    allowPlainLoopback: options.demo,
    fastPath: config.fastPath,
    metrics: { of: metrics, isOpen: options.demo },
    ...(config.portal && config.dialects.native && { portal: { files: readPortal(), url: () => settings.issuer } }),
  });
  const failed = outages.failed;
  const keepTime = () => store.write((changes) => changes.serverTime.keep(clock()));
  const stops = [
    schedule(sweepMs, () => sweep(store, clock), failed),
    schedule(sweepMs, async () => store.presence?.deleteOlder(sweepMs), failed),
    // Whatever the journal tells of is loaded at once; this is for what somebody changed past it.
    schedule(keyCheckMs, () => Promise.all([keys.reload(), plans.reload()]), failed),
    schedule(planReportMs, async () => missing.report(), failed),
    schedule(keyCheckMs, () => rotateDueKeys(ports), failed),
    schedule(timeKeptMs, keepTime, failed),
    schedule(overlapCheckMs, () => endDueOverlaps(ports), failed),
    schedule(chainStepMs, () => checkChain(chain), failed),
    schedule(flushMs, usage.flushSome, failed),
    schedule(sendHeartbeatMs, () => subscribers.heartbeat(), failed),
    ...counters.chores.map(([everyMs, chore]) => schedule(everyMs, chore, failed)),
    ...(config.database === null ? [] : [schedule(pollMs, () => follower.poll(), failed)]),
  ];
  return {
    core,
    store,
    get url() {
      return settings.issuer;
    },
    async listen() {
      await app.listen({ host: config.host, port: config.port }).catch((error) => {
        throw settingError(error);
      });
      port = (app.server.address() as AddressInfo).port;
      hasListened = true;
      void digests.fill();
      return settings.issuer;
    },
    close(reason) {
      closed ??= (async () => {
        if (hasListened) logger.info(reason === undefined ? {} : { reason }, 'stopping');
        for (const stop of stops) stop();
        stopping.abort(new KeywardError('unavailable', 'The server is stopping.'));
        const left = subscribers.close().catch(failed);
        await app.close();
        await left;
        await counters.close().catch(failed);
        await digests.close();
        await usage.flush().catch(failed);
        await keepTime().catch(failed);
        outages.close();
        await store.close();
        if (hasListened) logger.info('stopped');
      })();
      return closed;
    },
  };
}

/** Brings the schema up to date; answers the names of the migrations that ran. */
export async function migrate(config: Config): Promise<string[]> {
  const { place } = openPlace(config);
  return inWords(place, migrateStore(place));
}

/** Opens the journal for reading only, beside a running server. */
export async function openJournal(config: Config): Promise<{ journal: JournalReads; close(): Promise<void> }> {
  const place: StoreLocation =
    config.database === null
      ? { sqlite: { file: join(config.data, 'keyward.db') } }
      : { postgres: { url: config.database } };
  const store = await inWords(place, openStore({ ...place, readOnly: true }));
  return { journal: store.journal, close: () => store.close() };
}

function openPlace(config: Config): { place: StoreLocation; sealingKeys: SealingKeys } {
  if (config.database !== null) {
    const place = { postgres: { url: config.database } };
    return { place, sealingKeys: readSealingKeys(config.secrets ?? '', 'KEYWARD_SECRETS') };
  }
  const { database, secrets, secretsFile } = openDataFolder(config.data, config.secrets, generateSealingKeys);
  const source = config.secrets === null ? secretsFile : 'KEYWARD_SECRETS';
  return { place: { sqlite: { file: database } }, sealingKeys: readSealingKeys(secrets, source) };
}

/** What opening the database throws, in the operator's words. */
async function inWords<T>(place: StoreLocation, opening: Promise<T>): Promise<T> {
  try {
    return await opening;
  } catch (error) {
    throw databaseFailure(error, place);
  }
}

function settingsOf(config: Config, dialects: readonly Dialect[], port: () => number): Settings {
  return {
    get issuer() {
      return config.url ?? listenUrl(config, port());
    },
    apiUserDomain: config.apiUserDomain,
    accepts: new Set(dialects.flatMap((dialect) => dialect.accepts)),
    facts: {
      version: about.version,
      dialects: config.dialects,
      database: config.database === null ? 'sqlite' : 'postgresql',
      signInFailures: config.signInFailures,
      whereToChange: 'keyward.yaml',
    },
    sessionIdleMs: config.sessionIdleMinutes * 60_000,
    sessionMs: config.sessionHours * 3_600_000,
  };
}

/** A route that cannot be served is a mistake in the settings; every other error stays what it is. */
function settingError(error: unknown): unknown {
  return error instanceof RouteError ? new ConfigError([`routes: ${error.message}.`]) : error;
}

const monotonic = () => performance.now();
