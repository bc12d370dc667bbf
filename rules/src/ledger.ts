// The ledger of one limit that several holders share: who may spend how much of it, and what has been spent. Whoever
// stores it calls `grant` for one request at a time. It has no clock, and never trusts a holder's: only waits travel.
//
// A lease counts whole from its grant until its end plus the window, unless its holder settles it and says what was
// spent and how long ago. So what all holders together may spend never exceeds the limit in any window.

import {
  type Admission,
  type Counter,
  count,
  fromSaved as counterFromSaved,
  toSaved as counterToSaved,
  createCounter,
  idleInMs,
  isIdle,
  type LimitRule,
  look,
  spend,
  waitUntilSpent,
  withRule,
} from './limit.ts';

/** What a holder asks for, in one go with what it gives back. */
export interface LeaseRequest {
  /** The holder's name: one per process, never used again. */
  holder: string;
  /** What the lease is to be called: the holder's name, a slash, and what it has not used before. */
  lease: string;
  /** Units for calls that are waiting. */
  needed: number;
  /** What the first of them lacks: if there is not as much left, nothing is granted. */
  atLeast: number;
  /** Units for calls to come; how many of them are granted depends on what is left and on how many holders share it. */
  wanted: number;
  settled: readonly Settlement[];
  /** Units of what is settled that are not spent yet and go over into the new lease; its holder has them whatever is granted. */
  kept?: number;
}

/** A lease of which nothing will be spent any more; what was, as amounts and how long ago, in milliseconds. */
export interface Settlement {
  lease: string;
  spent: readonly (readonly [agoMs: number, amount: number])[];
}

export interface LeaseGrant {
  /** Units that may be spent under the requested name; 0: there is no lease. */
  granted: number;
  /** How long they may be spent, counted from when the request was sent. */
  forMs: number;
  /** Units left for anybody after this grant. */
  remaining: number;
  /** Until `remaining` grows by itself. */
  resetMs: number;
  /** With nothing granted: until `atLeast` is left by itself. */
  retryAfterMs: number;
  /** Until asking for more than `remaining` can make sense: something leaves the window or is given back. */
  quietMs: number;
}

export interface Ledger {
  counter: Counter;
  leases: { name: string; amount: number; until: number }[];
  /** When each holder last asked for units. */
  holders: Map<string, number>;
}

/** Finer than a counter's own: what many holders lose to rounding comes on top of what lies in their leases. */
const parts = 256;
/** A lease's length is the window divided by this. */
const leasesPerWindow = 20;
/** Where nothing but waiting calls is served, a lease outlives the answer by far. */
const mostWaitingMs = 5000;
/** With fewer units per holder only waiting calls are served. */
const leastShare = 100;
/** The smallest lease is this part of a holder's share, so that holders of a nearly spent limit do not ask for each call. */
const leastLeasesPerShare = 500;
/** The most of what is left that one lease takes, for each holder. */
const leasesPerRemainder = 8;
/** How long after its end a lease may be settled by a holder that is well, if the window is long enough to wait. */
const settlingMs = 1000;

export function createLedger(rule: LimitRule): Ledger {
  return { counter: createCounter(rule, parts), leases: [], holders: new Map() };
}

/** Settles, grants, and says how things stand. `now`: one clock for all requests; if it goes back, time stands still. */
export function grant(ledger: Ledger, rule: LimitRule, request: LeaseRequest, now: number): LeaseGrant {
  ledger.counter = withRule(ledger.counter, rule);
  const settledUntil = settle(ledger, request, now);
  const { kept = 0 } = request;
  const { at } = ledger.counter;
  const { windowMs, limit } = rule;
  const sharing = shareHolders(ledger, request, at);
  const mayLease = limit / sharing >= leastShare;
  const forMs = mayLease ? windowMs / leasesPerWindow : Math.min(windowMs / leasesPerWindow, mostWaitingMs);
  const left = Math.max(0, leftOf(ledger) - kept);
  const granted = request.atLeast > left ? 0 : sizeOf(request, left, mayLease ? limit / sharing : 0, sharing);
  // What is kept may be spent for as long as before.
  const until = kept > 0 ? Math.max(at + forMs, settledUntil) : at + forMs;
  if (granted + kept > 0) ledger.leases.push({ name: request.lease, amount: granted + kept, until });
  const remaining = left - granted;
  const resetMs = waitFor(ledger, remaining + 1);
  // The asking holder knows what is left of its own leases.
  const others = ledger.leases.filter(({ name }) => !name.startsWith(`${request.holder}/`));
  return {
    granted,
    forMs,
    remaining,
    resetMs,
    retryAfterMs: granted > 0 ? 0 : Math.max(resetMs, waitFor(ledger, request.atLeast)),
    quietMs: Math.min(resetMs, ...others.map(({ until }) => settledInMs(until, at, windowMs))),
  };
}

/** What one ledger is asked, among others. */
export interface LedgerQuestion {
  ledger: Ledger;
  rule: LimitRule;
  request: LeaseRequest;
}

/**
 * As `grant`, of several ledgers for calls that all of them count, in this order: once one has not as much left as `atLeast`
 * none of them grants anything. No ledger twice.
 */
export function grantTogether(questions: readonly LedgerQuestion[], now: number): LeaseGrant[] {
  const grants: LeaseGrant[] = [];
  let isRefused = false;
  for (const { ledger, rule, request } of questions) {
    const granted = grant(ledger, rule, isRefused ? settling(request) : request, now);
    if (!isRefused && granted.granted === 0 && request.atLeast > granted.remaining) isRefused = true;
    grants.push(granted);
  }
  if (!isRefused) return grants;
  return questions.map(({ ledger, rule, request }, at) => {
    const granted = grants[at] as LeaseGrant;
    if (granted.granted === 0) return granted;
    ledger.leases = ledger.leases.filter(({ name }) => name !== request.lease);
    return grant(ledger, rule, settling(request), now);
  });
}

/** Forgets what was spent. What is leased goes on counting: it may still be spent. */
export function forgetSpent(ledger: Ledger): void {
  const { counter } = ledger;
  ledger.counter = { ...createCounter(counter, counter.parts), at: counter.at };
}

/** Spends, or with `isSpent` false only looks, beside the holders: where ledger and caller are in one process. */
export function spendBeside(ledger: Ledger, now: number, cost: number, isSpent: boolean): Admission {
  forgetEnded(ledger, now);
  const { counter } = ledger;
  const { limit, windowMs } = counter;
  if (ledger.leases.length === 0) return isSpent ? spend(counter, now, cost) : look(counter, now, cost);
  // What is leased is spent for everybody else.
  const left = leftOf(ledger);
  const admitted = look(counter, now, cost).admitted && cost <= left;
  if (admitted && isSpent) count(counter, counter.at, cost);
  const remaining = admitted && isSpent ? left - cost : left;
  const resetMs = waitFor(ledger, remaining + 1);
  const retryAfterMs = admitted ? 0 : Math.max(resetMs, waitFor(ledger, cost));
  return { admitted, remaining, resetMs, retryAfterMs, limit, windowMs };
}

/** When nothing in the ledger counts any more. */
export function endOf(ledger: Ledger): number {
  const { counter, leases } = ledger;
  const ends = leases.map(({ until }) => until + counter.windowMs);
  return Math.max(counter.at + idleInMs(counter, counter.at), ...ends);
}

/** The ledger as data that JSON can carry, for `fromSaved`. */
export function toSaved({ counter, leases, holders }: Ledger): unknown {
  return [counterToSaved(counter), leases.map(({ name, amount, until }) => [name, amount, until]), [...holders]];
}

/**
 * The ledger that was saved; throws if `saved` is none. If the clock now reads less than it did then, no time is taken
 * to have passed; without `now` it is the same clock, and waits until it reads more.
 */
export function fromSaved(saved: unknown, now = Number.POSITIVE_INFINITY): Ledger {
  const [savedCounter, leases, holders] = saved as [number[], [string, number, number][], [string, number][]];
  const counter = counterFromSaved(savedCounter, now);
  if (counter === null) throw new Error('What was saved is no ledger of a limit.');
  const shiftMs = counter.at - (savedCounter[3] ?? 0);
  return {
    counter,
    leases: leases.map(([name, amount, until]) => ({ name, amount, until: until + shiftMs })),
    holders: new Map(holders.map(([name, seenAt]) => [name, seenAt + shiftMs])),
  };
}

/** The same request, of which nothing is to be granted. */
function settling(request: LeaseRequest): LeaseRequest {
  return { ...request, needed: 0, atLeast: 0, wanted: 0 };
}

/**
 * A settlement that comes twice, or after its lease has stopped to count, changes nothing. Answers when the last of those
 * that were settled would have ended.
 */
function settle(ledger: Ledger, { holder, settled }: LeaseRequest, now: number): number {
  forgetEnded(ledger, now);
  const { counter } = ledger;
  let endsAt = Number.NEGATIVE_INFINITY;
  for (const { lease, spent } of settled) {
    const place = ledger.leases.findIndex(({ name }) => name === lease && name.startsWith(`${holder}/`));
    if (place < 0) continue;
    for (const { until } of ledger.leases.splice(place, 1)) endsAt = Math.max(endsAt, until);
    for (const [agoMs, amount] of spent) count(counter, counter.at - Math.max(0, agoMs), amount);
  }
  return endsAt;
}

function forgetEnded(ledger: Ledger, now: number): void {
  const { counter } = ledger;
  isIdle(counter, now);
  if (ledger.leases.length === 0) return;
  ledger.leases = ledger.leases.filter(({ until }) => until + counter.windowMs > counter.at);
}

/** How many holders share the limit: those that asked for some of it lately, the one that asks now among them. */
function shareHolders({ holders, counter }: Ledger, { holder, needed, wanted }: LeaseRequest, at: number): number {
  if (needed + wanted > 0) holders.set(holder, at);
  for (const [name, seenAt] of holders) if (at - seenAt > counter.windowMs / 4) holders.delete(name);
  return Math.max(1, holders.size);
}

function sizeOf({ needed, wanted }: LeaseRequest, left: number, share: number, sharing: number): number {
  const base = Math.min(left, needed);
  if (share === 0) return base;
  const most = Math.max(1, share / leastLeasesPerShare, (left - base) / (leasesPerRemainder * sharing));
  return base + Math.min(left - base, wanted, Math.floor(most));
}

function leasedOf(leases: Ledger['leases']): number {
  return leases.reduce((sum, { amount }) => sum + amount, 0);
}

function leftOf(ledger: Ledger): number {
  return Math.max(0, ledger.counter.limit - ledger.counter.spent - leasedOf(ledger.leases));
}

/**
 * How long until `amount` is left, with every lease spent in full at its end, and at most the window: leases that are given
 * back shorten it, and nobody is sent away for longer than a window.
 */
function waitFor({ counter, leases }: Ledger, amount: number): number {
  const { limit, windowMs, at } = counter;
  if (amount > limit) return windowMs;
  const target = limit - amount - leasedOf(leases);
  if (target >= 0) return waitUntilSpent(counter, target);
  return Math.min(windowMs, Math.max(...leases.map(({ until }) => until)) + windowMs - at);
}

/** How long until a lease that ends at `until` should have been settled; its end in the window if it should be already. */
function settledInMs(until: number, at: number, windowMs: number): number {
  const settled = until + Math.min(settlingMs, windowMs / leasesPerWindow);
  return (settled > at ? settled : until + windowMs) - at;
}
