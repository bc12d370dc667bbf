// The holder's side of a limit that several holders share (ledger.ts): it spends what it has leased and nothing else,
// and knows when it must ask. It sends nothing itself and has no clock; the one it is told must never go back.

import type { LeaseGrant, LeaseRequest, Settlement } from './ledger.ts';
import { type Admission, demandCost, type LimitRule } from './limit.ts';

/** Changed in place by the functions of this file alone. */
export interface Holding {
  readonly holder: string;
  rule: LimitRule;
  /** For the next lease's name. */
  readonly names: { last: number };
  /** The oldest first. */
  open: Lease[];
  /** What is to be settled with the next request, and what went with the one under way. */
  closed: Lease[];
  settling: Lease[];
  /** Units that the ledger had left when it answered last, and at what times that may change. */
  remaining: number;
  resetAt: number;
  quietUntil: number;
  /** Until `retryAt` no cost from `refused` on, beyond what is open here, can be had. */
  refused: number;
  retryAt: number;
  /** The rule that the last request was made under. */
  askedRule: LimitRule;
  /** For the rate: when the last request went out, and what was spent since. */
  askedAt: number;
  spentSince: number;
}

interface Lease {
  name: string;
  amount: number;
  left: number;
  endsAt: number;
  lengthMs: number;
  /** Spends that lie close together count by the last of them. */
  spends: { from: number; to: number; amount: number }[];
}

/** Spends closer than this part of the window are reported together. */
const spendsPerWindow = 512;
/** Clocks that run at slightly different speeds: a lease is used, and an age reported, as a little shorter than it is. */
const drift = 0.999;
/** A lease from this size on is renewed before it is used up. */
const leastRenewed = 8;

/** `holder` is the process's own name. Its holdings, each for another key, share `names`, so that no name comes twice. */
export function createHolding(holder: string, rule: LimitRule, names = { last: 0 }): Holding {
  return {
    holder,
    rule,
    names,
    open: [],
    closed: [],
    settling: [],
    remaining: 0,
    resetAt: 0,
    quietUntil: 0,
    refused: 0,
    retryAt: 0,
    askedRule: rule,
    askedAt: Number.NaN,
    spentSince: 0,
  };
}

/** Spends `cost` of what is leased. Null if the ledger must be asked. `now`: monotonic milliseconds. */
export function spendLeased(holding: Holding, now: number, cost: number): Admission | null {
  demandCost(cost);
  const left = leftOf(holding, now);
  if (left < cost) return refusal(holding, now, cost, left);
  takeFrom(holding, now, cost);
  return answer(holding, now, true, left - cost, 0);
}

/** As `spendLeased`, but spends nothing; what the ledger said it has left counts as long as that is fresh. */
export function lookLeased(holding: Holding, now: number, cost: number): Admission | null {
  demandCost(cost);
  const left = leftOf(holding, now);
  const spendable = now < holding.quietUntil ? left + holding.remaining : left;
  return cost <= spendable ? answer(holding, now, true, left, 0) : refusal(holding, now, cost, left);
}

/** Another limit or window from now on. What was leased under a larger limit is given back with the next request. */
export function changeRule(holding: Holding, rule: LimitRule): void {
  if (isSameRule(holding.rule, rule)) return;
  if (rule.limit < holding.rule.limit) closeAll(holding);
  holding.rule = rule;
  holding.quietUntil = 0;
}

/** What the ledger has said of its remainder counts no more: it is asked again. */
export function forgetRefusal(holding: Holding): void {
  holding.quietUntil = 0;
}

/** True if it is time to renew in the background, while calls go on. */
export function isLow(holding: Holding, now: number): boolean {
  const newest = holding.open.at(-1);
  if (newest === undefined || newest.amount < leastRenewed || holding.remaining === 0) return false;
  if (newest.endsAt - now < newest.lengthMs / 4) return newest.left < newest.amount;
  return leftOf(holding, now) < newest.amount / 4;
}

/** True if there is nothing to give back now. */
export function isSettled(holding: Holding, now: number): boolean {
  leftOf(holding, now);
  return holding.closed.length === 0;
}

/** True if nothing is leased, or to be given back, or known that would spare the ledger a question. */
export function isForgettable(holding: Holding, now: number): boolean {
  const { open, settling, quietUntil } = holding;
  return isSettled(holding, now) && open.length === 0 && settling.length === 0 && now >= quietUntil;
}

/** Units that can be spent without asking. */
export function leftOf(holding: Holding, now: number): number {
  const { open } = holding;
  let left = 0;
  let ended = 0;
  for (const lease of open) {
    if (now >= lease.endsAt) ended += 1;
    else left += lease.left;
  }
  if (ended > 0) close(holding, (lease) => now >= lease.endsAt);
  return left;
}

/** Stops spending: everything is given back with the next request. */
export function closeAll(holding: Holding): void {
  close(holding, () => true);
}

/**
 * The request that serves calls which wait for `needed` units in all, the first of them for `first`; with `needed` 0 it
 * only renews or settles. Until its answer or its failure is told, no other request may be made.
 */
export function requestOf(
  holding: Holding,
  now: number,
  { needed, first, renews }: { needed: number; first: number; renews: boolean },
): LeaseRequest {
  const left = leftOf(holding, now);
  holding.names.last += 1;
  holding.askedRule = holding.rule;
  holding.settling = holding.closed;
  holding.closed = [];
  const request = {
    holder: holding.holder,
    lease: `${holding.holder}/${holding.names.last}`,
    needed: Math.max(0, needed - left),
    atLeast: Math.max(0, first - left),
    wanted: renews ? wantedOf(holding, now) : 0,
    settled: holding.settling.map((lease) => settlementOf(lease, now)),
  };
  if (renews) {
    holding.askedAt = now;
    holding.spentSince = 0;
  }
  return request;
}

/** The answer to `request`, which was sent at `sentAt`. */
export function takeGrant(
  holding: Holding,
  request: LeaseRequest,
  grant: LeaseGrant,
  sentAt: number,
  now: number,
): void {
  holding.settling = [];
  if (grant.granted > 0) {
    const lengthMs = grant.forMs * drift;
    const { granted } = grant;
    const endsAt = sentAt + lengthMs;
    holding.open.push({ name: request.lease, amount: granted, left: granted, endsAt, lengthMs, spends: [] });
  }
  const { remaining, resetMs, quietMs, retryAfterMs } = grant;
  holding.remaining = remaining;
  holding.resetAt = now + resetMs;
  // Under another rule than it was asked about it says nothing: there may be more to be had.
  holding.quietUntil = isSameRule(holding.askedRule, holding.rule) ? now + quietMs : 0;
  const isRefused = grant.granted === 0 && request.atLeast > remaining;
  holding.refused = isRefused ? request.atLeast : remaining + 1;
  holding.retryAt = now + (isRefused ? retryAfterMs : resetMs);
}

/** The request failed, or nobody knows what became of it: what it settled is settled again. */
export function takeFailure(holding: Holding): void {
  holding.closed = [...holding.settling, ...holding.closed];
  holding.settling = [];
}

/** A refusal of `cost` by what the ledger said last, whether or not it could be asked again. */
export function refuse(holding: Holding, now: number, cost: number): Admission {
  const { windowMs, limit } = holding.rule;
  const retryAfterMs = cost > limit ? windowMs : holding.retryAt - now;
  return answer(holding, now, false, leftOf(holding, now), retryAfterMs);
}

function refusal(holding: Holding, now: number, cost: number, left: number): Admission | null {
  const lacking = cost - left;
  const isKnown = now < holding.quietUntil && lacking > holding.remaining && lacking <= holding.refused;
  return isKnown || cost > holding.rule.limit ? refuse(holding, now, cost) : null;
}

function answer(holding: Holding, now: number, admitted: boolean, left: number, retryAfterMs: number): Admission {
  const { limit, windowMs } = holding.rule;
  const resetMs = Math.max(0, holding.resetAt - now);
  const remaining = Math.min(limit, left + holding.remaining);
  return {
    admitted,
    remaining,
    resetMs,
    retryAfterMs: admitted ? 0 : Math.max(resetMs, retryAfterMs),
    limit,
    windowMs,
  };
}

function isSameRule(one: LimitRule, other: LimitRule): boolean {
  return one.limit === other.limit && one.windowMs === other.windowMs;
}

/** Takes `cost`, which is there, from the leases that end first. */
function takeFrom(holding: Holding, now: number, cost: number): void {
  holding.spentSince += cost;
  let rest = cost;
  for (const lease of holding.open) {
    const part = Math.min(rest, lease.left);
    if (part === 0) continue;
    lease.left -= part;
    rest -= part;
    noteSpend(lease, now, part, holding.rule.windowMs / spendsPerWindow);
    if (rest === 0) break;
  }
  if (holding.open[0]?.left === 0) close(holding, (lease) => lease.left === 0);
}

function noteSpend({ spends }: Lease, now: number, amount: number, togetherMs: number): void {
  const last = spends.at(-1);
  if (last !== undefined && now - last.from < togetherMs) {
    last.to = now;
    last.amount += amount;
  } else spends.push({ from: now, to: now, amount });
}

function close(holding: Holding, isOver: (lease: Lease) => boolean): void {
  holding.closed.push(...holding.open.filter(isOver));
  holding.open = holding.open.filter((lease) => !isOver(lease));
}

function settlementOf({ name, spends }: Lease, now: number): Settlement {
  return { lease: name, spent: spends.map(({ to, amount }) => [(now - to) * drift, amount] as const) };
}

/** Half as much again as is spent in the length of a lease at the present rate; a first guess where there is none. */
function wantedOf({ rule, askedAt, spentSince }: Holding, now: number): number {
  const guess = Math.ceil(rule.limit / 1000);
  const rate = spentSince / Math.max(0.01, now - askedAt);
  const wanted = Math.ceil((rate * rule.windowMs * 1.5) / 20);
  return Math.min(rule.limit, Math.max(guess, wanted || 0));
}
