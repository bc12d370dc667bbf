// Limits that several nodes share. Each spends only what it has leased from the store, renews in the background while
// calls go on, and gives back what it does not need. What may be granted is decided where the ledger is, not here.

import { randomUUID } from 'node:crypto';
import {
  changeRule,
  closeAll,
  createHolding,
  forgetRefusal,
  isForgettable,
  isLow,
  isSettled,
  lookLeased,
  refuse,
  requestOf,
  spendLeased,
  takeFailure,
  takeGrant,
} from '@keyward/rules/lease';
import {
  isOpenKey,
  type LimitAnswer,
  type LimitKey,
  type Quota,
  type WhenUnavailable,
} from '../core/checking/limit.ts';
import type { LeaseStore, LimitStore } from '../core/checking/ports.ts';
import { KeywardError } from '../core/errors.ts';
import { createEvictor } from './eviction.ts';
import type { Entry, Waiting } from './leased-entry.ts';
import { type LeasedParts, spendTogether } from './leased-together.ts';

export interface LeasedLimits extends LimitStore {
  /** Gives back leases that have ended. To be called about twice a second. */
  tidy(): Promise<void>;
  /** Gives back everything. Calls after it are answered as if the store were unreachable. */
  close(): Promise<void>;
  /** True while the store does not answer and policies decide. */
  isDown(): boolean;
  /** How many calls each policy has decided so far, because the store did not answer. */
  decided(): Readonly<Record<WhenUnavailable, number>>;
  /** How many keys are in memory. */
  size(): number;
}

export interface LeasedLimitOptions {
  store: LeaseStore;
  /** Monotonic milliseconds from any origin. */
  clock: () => number;
  /** Unique to this process; random unless given. */
  holder?: string;
  /** Keys of the open kinds in memory; at the bound, new ones are answered as if the store were unreachable. */
  mostOpenKeys?: number;
}

/** After a failure the store is asked by one call in this time. */
const downMs = 1000;
const mostTidied = 1000;

export function leasedLimits({
  store,
  clock,
  holder = randomUUID(),
  mostOpenKeys = 200_000,
}: LeasedLimitOptions): LeasedLimits {
  const entries = new Map<LimitKey, Entry>();
  /** Those with something to give back, now or later. */
  const lent = new Set<Entry>();
  const names = { last: 0 };
  const decided = { local: 0, deny: 0, allow: 0 };
  let openKeys = 0;
  /** 0 while the store answers. */
  let downUntil = 0;
  let closed = false;

  const remove = (entry: Entry) => {
    entries.delete(entry.key);
    lent.delete(entry);
    if (isOpenKey(entry.key)) openKeys -= 1;
  };
  /** One that was asked for at this very moment may be one of several that a call is about. */
  const isUnused = ({ holding, asking, usedAt }: Entry, now: number) =>
    asking === null && usedAt !== now && isForgettable(holding, now);
  const sweep = createEvictor(entries, isUnused, remove);
  const isDenied = (quota: Quota) => downUntil > 0 && quota.whenUnavailable === 'deny';
  const mayAsk = (now: number) => !closed && now >= downUntil;

  const entryOf = (key: LimitKey, quota: Quota, now: number): Entry | null => {
    const known = entries.get(key);
    if (known !== undefined) {
      known.quota = quota;
      known.usedAt = now;
      changeRule(known.holding, quota);
      return known;
    }
    sweep(now);
    const isOpen = isOpenKey(key);
    if (isOpen && openKeys >= mostOpenKeys) return null;
    const holding = createHolding(holder, quota, names);
    const entry: Entry = { key, quota, holding, waiting: [], wanted: 0, usedAt: now, asking: null };
    entries.set(key, entry);
    if (isOpen) openKeys += 1;
    return entry;
  };

  /** Answers what needs no question; null if the store must be asked. */
  const answerAlone = ({ holding, quota }: Entry, now: number, cost: number, isLook: boolean): LimitAnswer | null => {
    if (isDenied(quota)) return mayAsk(now) ? null : withoutStore(quota, now);
    return isLook ? lookLeased(holding, now, cost) : spendLeased(holding, now, cost);
  };

  const answer = (key: LimitKey, quota: Quota, cost: number, isLook: boolean): LimitAnswer | Promise<LimitAnswer> => {
    const now = clock();
    const entry = entryOf(key, quota, now);
    if (entry === null) return withoutStore(quota, now);
    const known = answerAlone(entry, now, cost, isLook);
    if (known !== null) {
      // What was spent and not yet reported makes refusals last too long.
      const isDue = known.admitted ? isLow(entry.holding, now) : !isSettled(entry.holding, now);
      if (isDue && entry.asking === null && mayAsk(now)) ask(entry);
      return known;
    }
    if (!mayAsk(now)) return withoutStore(quota, now);
    return new Promise((resolve, reject) => {
      entry.waiting.push({ cost, isLook, resolve, reject });
      ask(entry);
    });
  };

  const withoutStore = (quota: Quota, now: number): LimitAnswer => {
    const { limit, windowMs, whenUnavailable = 'local' } = quota;
    const admitted = whenUnavailable === 'allow';
    decided[whenUnavailable] += 1;
    const resetMs = Math.max(downUntil - now, downMs);
    const retryAfterMs = admitted ? 0 : resetMs;
    return { admitted, remaining: 0, resetMs, retryAfterMs, limit, windowMs, unavailable: whenUnavailable };
  };

  const ask = (entry: Entry): void => {
    entry.asking ??= askUntilServed(entry);
  };

  const askUntilServed = async (entry: Entry): Promise<void> => {
    do await exchange(entry, true);
    while (entry.waiting.length > 0);
    // In the same turn as the last look at who waits: nobody may come between.
    entry.asking = null;
  };

  /** One request to the store for all who wait, and what it answers to each. Never rejects. */
  const exchange = async (entry: Entry, renews: boolean): Promise<void> => {
    const { key, holding, quota } = entry;
    const asked = entry.waiting;
    entry.waiting = [];
    const sentAt = clock();
    noteAsking(sentAt);
    const spends = asked.filter(({ isLook }) => !isLook);
    const needed = spends.reduce((sum, { cost }) => sum + cost, 0);
    const request = requestOf(holding, sentAt, { needed, first: spends[0]?.cost ?? 0, renews });
    try {
      const granted = await store.grant(key, quota, request);
      downUntil = 0;
      const now = clock();
      takeGrant(holding, request, granted, sentAt, now);
      if (granted.granted > 0) lent.add(entry);
      serve(entry, asked, now, granted.granted > 0);
    } catch (error) {
      takeFailure(holding);
      const now = clock();
      const isUnavailable = noteFailure(error, now);
      for (const one of [...asked, ...entry.waiting.splice(0)]) {
        if (isUnavailable) one.resolve(answerAlone(entry, now, one.cost, one.isLook) ?? withoutStore(entry.quota, now));
        else one.reject(error);
      }
    }
  };

  /** While the store is not known to answer again, this question is the only one. */
  const noteAsking = (now: number): void => {
    if (downUntil > 0) downUntil = now + downMs;
  };

  const noteFailure = (error: unknown, now: number): boolean => {
    const isUnavailable = error instanceof KeywardError && error.code === 'unavailable';
    if (isUnavailable) downUntil = now + downMs;
    return isUnavailable;
  };

  /** Answers in order. Those for whom it does not suffice are asked for again, but for whom the question was. */
  const serve = (entry: Entry, asked: readonly Waiting[], now: number, isGranted: boolean): void => {
    const again: Waiting[] = [];
    let isFirst = true;
    for (const one of asked) {
      const known = answerAlone(entry, now, one.cost, one.isLook);
      const isForThis = one.isLook || isFirst;
      if (!one.isLook) isFirst = false;
      if (known !== null) one.resolve(known);
      else if (!isForThis) again.push(one);
      // A lease that had ended before it arrived: the store is too slow to be of use.
      else one.resolve(isGranted ? withoutStore(entry.quota, now) : refuse(entry.holding, now, one.cost));
    }
    entry.waiting.unshift(...again);
  };

  const settle = async (entry: Entry): Promise<void> => {
    while (entry.asking !== null) await entry.asking;
    if (closed) closeAll(entry.holding);
    if (!isSettled(entry.holding, clock())) {
      entry.asking = exchange(entry, false);
      await entry.asking;
      entry.asking = null;
      if (entry.waiting.length > 0) ask(entry);
    }
    const { open, closed: given } = entry.holding;
    if (open.length + given.length === 0) lent.delete(entry);
  };

  const parts: LeasedParts = {
    store,
    clock,
    entryOf,
    mayAsk,
    isDenied,
    withoutStore,
    renew: ask,
    serveWaiting: ask,
    asking: noteAsking,
    answered: () => {
      downUntil = 0;
    },
    failed: noteFailure,
    isLent: (entry) => lent.add(entry),
  };

  const beginning = (beginnings: readonly string[]) =>
    [...entries.values()].filter(({ key }) => beginnings.some((text) => key.startsWith(text)));
  const wasReset = (beginnings: readonly string[]) => {
    for (const { holding } of beginning(beginnings)) forgetRefusal(holding);
  };

  return {
    spend: (key, quota, cost) => answer(key, quota, cost, false),
    spendAll: (charges, cost) => spendTogether(parts, charges, cost),
    look: (key, quota, cost) => answer(key, quota, cost, true),
    lease: (key, rule, request) => store.grant(key, rule, request),
    reset: async (beginnings) => {
      const held = beginning(beginnings);
      // What this node has spent is forgotten with the rest.
      for (const { holding } of held) closeAll(holding);
      await Promise.all(held.map(settle));
      await store.reset(beginnings);
      wasReset(beginnings);
    },
    wasReset,
    tidy: async () => {
      const now = clock();
      if (!mayAsk(now)) return;
      const ended: Entry[] = [];
      for (const entry of lent) {
        const { holding, asking } = entry;
        if (asking === null && (!isSettled(holding, now) || holding.open.length === 0)) ended.push(entry);
        if (ended.length === mostTidied) break;
      }
      await Promise.all(ended.map(settle));
    },
    close: async () => {
      closed = true;
      const held = [...entries.values()].filter((entry) => entry.asking !== null || lent.has(entry));
      await Promise.all(held.map(settle));
    },
    isDown: () => downUntil > 0,
    decided: () => decided,
    size: () => entries.size,
  };
}
