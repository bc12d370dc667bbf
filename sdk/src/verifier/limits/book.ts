// One budget as this verifier spends it: what is leased of it and nothing else, so that all verifiers together never spend
// more than the plan. It sends nothing and has no clock; what it wants is asked for by limits.ts, with what others want.
//
// A lease is renewed before it is used up. What is left of it then goes over into the new one, and may be spent meanwhile,
// until its own end and whether or not an answer comes: then the next is spent, and what was left lapses.

import type { Lease, WantedLease } from '../../wire/leases.ts';
import type { WhenUnavailable } from '../../wire/plans.ts';
import type { Evictable } from '../cache/bounded-map.ts';
import type { LimitState } from '../verdict.ts';

/** `ask`: let Keyward decide this call, and count it. */
export type Spending = LimitState | null | 'ask';

/**
 * Changed in place by the functions of this file alone. Times are monotonic milliseconds. What a call looks at comes first,
 * and is whole: fractions would lie elsewhere in memory, and with many books each look at memory is what a call costs.
 */
export interface Book extends Evictable {
  /** What a spend looks at: what is leased, what is left of it, and below what and from when it is to be renewed. */
  mode: 'unknown' | 'unlimited' | 'leased' | 'ask';
  left: number;
  /** When the lease ends; without one, how long the mode lasts. */
  until: number;
  lowAt: number;
  renewAt: number;
  /** True while it waits for its turn to be asked for, or for the answer: until then it is not due again. */
  isQueued: boolean;
  /** What was to be spent since a lease was asked for last. */
  demand: number;
  /** Of the plan that Keyward named last; `plan` is null where it has named none, or nothing is limited. */
  plan: string | null;
  limit: number;
  windowMs: number;
  /** The next lease, while the one before is spent: how much, and when it ends. */
  next: number;
  nextUntil: number;
  policy: WhenUnavailable;
  readonly organization: string;
  /** The plan that calls name in place of the organization's. */
  readonly named: string | undefined;
  /** True once nobody looks after it any more. */
  isGone: boolean;
  lengthMs: number;
  askedAt: number;
  /** Of leases that are over, what can be given back. */
  unspent: number;
  refusal: { limit: LimitState; cost: number; until: number } | null;
  /** Until then Keyward is taken to be away. */
  failedUntil: number;
  /** Counts the times that the plan may have become another. */
  epoch: number;
}

/** Clocks that run at slightly different speeds: a lease is used for a little shorter than it is. */
const drift = 0.999;
/** Wanted where nothing is known of the rate of calls yet. */
const firstWanted = 100;
const leastWanted = 10;
const mostWanted = 1_000_000;
/** How long Keyward is not asked for a lease after it did not answer. */
const pauseMs = 1000;
/** How long each call is Keyward's where it leases nothing to this verifier. */
const refusedMs = 10_000;
/** How long it is believed that nothing is limited; a change of plan is heard of at once. */
const unlimitedMs = 60_000;

export function newBook(organization: string, named: string | undefined): Book {
  return {
    isUsed: true,
    mode: 'unknown',
    left: 0,
    until: 0,
    lowAt: 0,
    renewAt: 0,
    isQueued: false,
    demand: 0,
    plan: null,
    limit: 0,
    windowMs: 0,
    next: 0,
    policy: 'local',
    organization,
    named,
    isGone: false,
    nextUntil: 0,
    lengthMs: 0,
    askedAt: Number.NaN,
    unspent: 0,
    refusal: null,
    failedUntil: 0,
    epoch: 0,
  };
}

/**
 * Spends `cost`, a whole number from 1 on, and says what is left; refused if `retryAfterMs` is not 0. Null: nothing is
 * limited.
 */
export function spend(book: Book, cost: number, now: number): Spending {
  book.demand += cost;
  if (book.mode === 'leased') {
    if (cost > book.left || now >= book.until) takeNext(book);
    if (cost <= book.left && now < book.until) {
      book.left -= cost;
      return stateOf(book, now, 0, book.left + book.next);
    }
  }
  const { refusal } = book;
  if (refusal !== null && now < refusal.until && cost >= refusal.cost) {
    const waitMs = refusal.until - now;
    return { ...refusal.limit, resetMs: waitMs, retryAfterMs: waitMs };
  }
  if (book.policy === 'allow' && now < book.failedUntil) return { ...stateOf(book, now, 0, 0), unavailable: 'allow' };
  return book.mode === 'unlimited' && now < book.until ? null : 'ask';
}

/** True if a lease is to be asked for; asking makes it false until the answer. */
export function isDue(book: Book, now: number): boolean {
  return (book.left < book.lowAt || now >= book.renewAt) && !book.isQueued;
}

/** It waits for its turn to be asked for. */
export function queue(book: Book): void {
  [book.lowAt, book.isQueued] = [0, true];
}

/** Ends a lease whose end has come. True if there is something to give back, or to replace since calls come in. */
export function endIfOver(book: Book, now: number): boolean {
  if (book.mode !== 'leased' || now < book.until) return false;
  if (now < book.nextUntil) takeNext(book);
  if (now < book.until) return false;
  forgetLease(book);
  return book.unspent + book.demand > 0;
}

/** What is asked for, and given back with it. `isLast`: no calls are to come. */
export function wantedOf(book: Book, now: number, isLast = false): WantedLease {
  if (book.next > 0) takeNext(book);
  const wanted = isLast || book.demand === 0 ? 0 : amountWanted(book, now);
  if (wanted === 0 || now >= book.until) forgetLease(book);
  const kept = book.mode === 'leased' ? book.left : 0;
  const returned = Math.min(book.unspent, mostWanted);
  // If this request is lost nobody knows whether it was heard: to give back twice would be to spend twice.
  book.unspent = 0;
  [book.askedAt, book.demand] = [now, 0];
  return {
    organization: book.organization,
    ...(book.named !== undefined && { plan: book.named }),
    wanted,
    ...(returned > 0 && { returned }),
    ...(kept > 0 && { kept }),
  };
}

/** The answer to what was asked for in `epoch`, at `sentAt`. */
export function take(book: Book, answer: Lease, epoch: number, sentAt: number, now: number): void {
  if (epoch !== book.epoch) {
    book.unspent += answer.granted;
    return;
  }
  if (answer.error !== undefined) {
    if (answer.error.code === 'unavailable') fail(book, now);
    else askInstead(book, now);
    return;
  }
  book.failedUntil = 0;
  book.policy = answer.whenUnavailable;
  ({ plan: book.plan, limit: book.limit, windowMs: book.windowMs } = answer);
  if (answer.plan === null) {
    endLease(book);
    book.mode = 'unlimited';
    book.until = Math.floor(now) + unlimitedMs;
    renewFrom(book, now + unlimitedMs * 0.75);
  } else if (answer.granted > 0) takeGrant(book, answer, sentAt);
  // Spent, or too little to be divided. Only Keyward can tell, and will say when it is worth while to come again.
  else rest(book, now + Math.max(pauseMs, Math.min(answer.retryAfterMs, answer.windowMs / 20)));
}

/** Keyward did not answer. */
export function fail(book: Book, now: number): void {
  book.failedUntil = now + pauseMs;
  if (book.policy === 'deny') endLease(book);
  renewFrom(book, book.failedUntil);
}

/** Keyward answers, only not this: each call is its own for a while. */
export function askInstead(book: Book, now: number): void {
  endLease(book);
  [book.unspent, book.plan] = [0, null];
  rest(book, now + refusedMs);
}

/** Keyward has refused a call of this cost: until it can pass, such calls are refused without asking. */
export function noteRefusal(book: Book, limit: LimitState, cost: number, now: number): void {
  // What counts otherwise than the leases say is another limit, which may be somebody else's.
  if (limit.plan !== book.plan || limit.limit !== book.limit || limit.windowMs !== book.windowMs) return;
  // Known already, and for less.
  if (book.refusal !== null && now < book.refusal.until && book.refusal.cost < cost) return;
  book.refusal = { limit: { ...limit }, cost, until: now + limit.retryAfterMs };
}

/** The plan may be another now: nothing that was leased or refused counts any more. */
export function restart(book: Book): void {
  book.epoch += 1;
  if (book.next > 0) takeNext(book);
  forgetLease(book);
  [book.policy, book.plan, book.refusal] = ['local', null, null];
}

/** What can be spent at this moment without asking. */
export function leasedIn(book: Book, now: number): number {
  if (book.mode !== 'leased') return 0;
  return (now < book.until ? book.left : 0) + (now < book.nextUntil ? book.next : 0);
}

function stateOf({ plan, limit, windowMs, until }: Book, now: number, retryAfterMs: number, remaining: number) {
  return {
    plan: plan ?? '',
    limit,
    windowMs,
    remaining,
    resetMs: Math.max(retryAfterMs, until - now),
    retryAfterMs,
  };
}

function takeNext(book: Book): void {
  if (book.next === 0) return;
  [book.left, book.until, book.next, book.nextUntil] = [book.next, book.nextUntil, 0, 0];
  watch(book, book.left, book.until);
}

function takeGrant(book: Book, { granted, expiresInMs }: Lease, sentAt: number): void {
  book.lengthMs = expiresInMs * drift;
  const until = Math.floor(sentAt + book.lengthMs);
  if (book.mode === 'leased' && book.left > 0 && book.until < until) {
    [book.next, book.nextUntil] = [granted, until];
    watch(book, 0, until);
    return;
  }
  book.mode = 'leased';
  [book.left, book.until] = [granted, until];
  watch(book, granted, until);
}

/** From a quarter of a lease on it is renewed, whether that is left of its calls or of its time. */
function watch(book: Book, amount: number, until: number): void {
  book.lowAt = Math.ceil(amount / 4);
  renewFrom(book, until - book.lengthMs / 4);
}

function renewFrom(book: Book, at: number): void {
  [book.renewAt, book.isQueued] = [Math.ceil(at), false];
}

/** What is left of a lease may be spent; beyond that each call is Keyward's until then. */
function rest(book: Book, until: number): void {
  renewFrom(book, until);
  if (book.mode === 'leased' && book.left > 0) return;
  book.mode = 'ask';
  book.until = book.renewAt;
}

/** As if nothing had been asked for yet. */
function forgetLease(book: Book): void {
  endLease(book);
  book.lowAt = 0;
  renewFrom(book, 0);
}

function endLease(book: Book): void {
  if (book.mode === 'leased') book.unspent += book.left;
  book.mode = 'unknown';
  [book.left, book.until, book.next, book.nextUntil] = [0, 0, 0, 0];
}

/** Half as much again as is spent in the length of a lease at the present rate. */
function amountWanted({ demand, askedAt, lengthMs }: Book, now: number): number {
  const rate = demand / Math.max(1, now - askedAt);
  const guess = lengthMs === 0 ? Math.max(firstWanted, demand) : Math.ceil(rate * lengthMs * 1.5);
  return Math.min(mostWanted, Math.max(leastWanted, guess));
}
