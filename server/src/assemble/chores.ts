// What happens without a request, and how often. The list only: each chore is in its own file in chores/, or in core.

import { chainStepMs, checkChain } from '../chores/check-chain.ts';
import type { followJournal } from '../chores/follow-journal.ts';
import type { usageRecorder } from '../chores/last-used.ts';
import { createNoticeChore, noticesMs } from '../chores/notices.ts';
import type { ObservedRefusals } from '../chores/observed-refusals.ts';
import { rotateDueKeys } from '../chores/rotate-keys.ts';
import { sweep } from '../chores/sweep.ts';
import type { UsedReaches } from '../chores/used-reaches.ts';
import { webhooksMs } from '../chores/webhooks.ts';
import { settleObserved } from '../core/checking/observed/settle.ts';
import { endDueLeaks } from '../core/credentials/leaks/end-due.ts';
import { endDueOverlaps } from '../core/credentials/overlap.ts';
import { heartbeatMs } from '../core/feed/subscribers.ts';
import type { ChainWatch } from '../core/journal/chain-watch.ts';
import type { Ports } from '../core/ports.ts';
import type { UnavailableRoutes } from '../http/gateway/unavailable-routes.ts';
import type { OpenStore } from '../storage/open.ts';
import type { RevokedTokenCache } from '../storage/revoked-token-cache.ts';

export type Chore = readonly [everyMs: number, chore: () => Promise<unknown>];

export interface ChoreParts {
  ports: Ports;
  store: OpenStore;
  chain: ChainWatch;
  usage: ReturnType<typeof usageRecorder>;
  observations: ObservedRefusals;
  reaches: UsedReaches;
  follower: Awaited<ReturnType<typeof followJournal>>;
  revoked: RevokedTokenCache;
  unavailable: UnavailableRoutes;
  keepTime(): Promise<unknown>;
  deliver(): Promise<unknown>;
  /** Those of single parts, such as the limits' counters. */
  more: readonly Chore[];
  /** False where nobody else writes to the database. */
  hasOtherNodes: boolean;
  /** How often what was counted is written down. */
  flushMs: number;
}

/** How soon a node hears of another's change; asking for what is new is one look at the end of an index. */
const pollMs = 50;
/** A little less than what followers are promised, for the time that sending takes. */
const sendHeartbeatMs = 0.9 * heartbeatMs;
const sweepMs = 60_000;
const keyCheckMs = 60_000;
/** What expires in the last so many milliseconds before a crash may be revived by a clock that is set back. */
const timeKeptMs = 60_000;
const routeReportMs = 1_000;
/** What was observed counts by itself from its end on; this is how soon the journal has it. */
const settleMs = 1000;
/** An overlap that is over ends without this; what is left of it is then removed. */
const overlapCheckMs = 60_000;

/** All chores of a server. */
export function choresOf(parts: ChoreParts): readonly Chore[] {
  const {
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
    deliver,
    more,
    hasOtherNodes,
    flushMs,
  } = parts;
  return [
    [sweepMs, () => sweep(store, ports.clock)],
    [sweepMs, () => revoked.forgetEnded()],
    [sweepMs, async () => store.presence?.deleteOlder(sweepMs)],
    // Whatever the journal tells of is loaded at once; this is for what somebody changed past it.
    [
      keyCheckMs,
      () => Promise.all([ports.keys, ports.plans, ports.apis, ports.imported].map(({ reload }) => reload())),
    ],
    [routeReportMs, async () => unavailable.report()],
    [keyCheckMs, () => rotateDueKeys(ports)],
    [timeKeptMs, keepTime],
    [overlapCheckMs, () => endDueOverlaps(ports)],
    [overlapCheckMs, () => endDueLeaks(ports)],
    [chainStepMs, () => checkChain(chain)],
    [flushMs, usage.flushSome],
    [webhooksMs, deliver],
    [noticesMs, createNoticeChore(ports)],
    [flushMs, observations.flush],
    [flushMs, reaches.flush],
    [settleMs, () => settleObserved(ports)],
    [sendHeartbeatMs, () => ports.subscribers.heartbeat()],
    ...more,
    ...(hasOtherNodes ? [[pollMs, () => follower.poll()] as const] : []),
  ];
}
