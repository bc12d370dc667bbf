// The arithmetic of rate limits: a counter that never admits more than the limit in any half-open window of the rule's
// length, wherever it starts, and never refuses an even load of 98 %. It has no clock and stores nothing.
//
// A limit of at most `parts` (64) is kept as an exact log of calls. A larger one is counted in `parts` sub-windows per
// window; a sub-window counts whole until its last call has left the window: refusing early by up to 1/parts, never late,
// and no wait is longer than the window.

export interface LimitRule {
  /** Units per window; a call costs one unless told otherwise. */
  limit: number;
  /** Whole milliseconds. */
  windowMs: number;
}

/** How a call fared, and what is left. Times are waits from now on, in milliseconds, not rounded. */
export interface Admission extends LimitRule {
  admitted: boolean;
  /** Units that could be spent at this moment. */
  remaining: number;
  /** Until some of the quota returns; before that nobody can use more than `remaining` (the `t` of `RateLimit`). */
  resetMs: number;
  /**
   * 0 if admitted; else the earliest wait after which this cost would be admitted if nobody else called, never less
   * than `resetMs`. A cost above the limit never is: for it, the window's length.
   */
  retryAfterMs: number;
}

/** Changed in place by the functions of this file alone. `toSaved` makes data of it that JSON can carry. */
export interface Counter extends LimitRule {
  parts: number;
  /** An entry's stamp is the time of its calls; otherwise the number of its sub-window, which collects them. */
  isExact: boolean;
  /** The latest time that was told. Time that seems to go back stands still. */
  at: number;
  spent: number;
  /** A ring of triples (stamp, amount, time of the last call), the oldest at `head`. */
  entries: number[];
  head: number;
  size: number;
}

/** Throws a RangeError unless the limit and the window are whole numbers from 1 on. */
export function createCounter({ limit, windowMs }: LimitRule, parts = 64): Counter {
  if (!isCount(limit) || !isCount(windowMs))
    throw new RangeError('A limit and its window are whole numbers from 1 on.');
  const entries = [0, 0, 0, 0, 0, 0];
  return { limit, windowMs, parts, isExact: limit <= parts, at: 0, spent: 0, entries, head: 0, size: 0 };
}

/**
 * Spends `cost` if it fits. `now`: milliseconds from any origin, not negative. Throws a RangeError for a cost that is no
 * whole number from 0 on; a cost of 0 spends nothing and fits unless the counter is above its limit.
 */
export function spend(counter: Counter, now: number, cost: number): Admission {
  const stamp = advance(counter, now);
  const admitted = fits(counter, cost);
  if (admitted && cost > 0) add(counter, stamp, counter.at, cost);
  return answer(counter, cost, admitted);
}

/** As `spend`, but spends nothing. */
export function look(counter: Counter, now: number, cost: number): Admission {
  advance(counter, now);
  return answer(counter, cost, fits(counter, cost));
}

/** Whether `spend` would admit it: as `look`, where the state does not matter. */
export function hasRoom(counter: Counter, now: number, cost: number): boolean {
  advance(counter, now);
  return fits(counter, cost);
}

/** Counts what has been spent at `time`, in the past or now, whether it fits or not. */
export function count(counter: Counter, time: number, amount: number): void {
  advance(counter, time);
  if (amount > 0 && counter.at - time < counter.windowMs) add(counter, stampOf(counter, time), time, amount);
}

/** True if nothing that was spent counts any more: a counter like new. */
export function isIdle(counter: Counter, now: number): boolean {
  advance(counter, now);
  return counter.size === 0;
}

/** How long until the newest of what was spent counts no more; 0 if nothing does. */
export function idleInMs(counter: Counter, now: number): number {
  return isIdle(counter, now) ? 0 : waitUntilSpent(counter, 0);
}

/**
 * The counter under another rule; may be the same object. What was spent goes on counting, by its latest possible time;
 * a longer window begins with what the shorter one still remembers.
 */
export function withRule(counter: Counter, rule: LimitRule): Counter {
  if (counter.limit === rule.limit && counter.windowMs === rule.windowMs) return counter;
  const fresh = createCounter(rule, counter.parts);
  if (counter.windowMs !== fresh.windowMs || counter.isExact !== fresh.isExact) return refill(fresh, counter, 0);
  counter.limit = fresh.limit;
  return counter;
}

/** The counter as an array of numbers for `fromSaved`. */
export function toSaved(counter: Counter): number[] {
  const saved = [counter.limit, counter.windowMs, counter.parts, counter.at];
  for (let place = 0; place < counter.size; place += 1) saved.push(stampAt(counter, place), amountAt(counter, place));
  return saved;
}

/**
 * The counter that was saved, or null if `saved` is none. If the clock now reads less than it did then, no time is
 * taken to have passed.
 */
export function fromSaved(saved: unknown, now: number): Counter | null {
  if (!Array.isArray(saved) || saved.length % 2 !== 0 || !saved.every(Number.isFinite)) return null;
  const [limit, windowMs, parts, at, ...pairs] = saved as number[];
  if (!isCount(limit) || !isCount(windowMs) || !isCount(parts) || at === undefined || at < 0) return null;
  const counter = createCounter({ limit, windowMs }, parts);
  counter.at = at;
  for (let index = 0; index < pairs.length; index += 2) {
    const [stamp = 0, amount] = pairs.slice(index, index + 2);
    if (!isCount(amount) || stamp > stampOf(counter, at)) return null;
    // When its last call came is not kept: at its end, at the latest.
    add(counter, stamp, Math.min(at, endOfStamp(counter, stamp)), amount);
  }
  if (now >= at) return counter;
  const fresh = createCounter(counter, parts);
  fresh.at = now;
  return refill(fresh, counter, now - at);
}

/** Throws a RangeError unless `cost` is a whole number from 0 on: a negative one would give quota away. */
export function demandCost(cost: number): void {
  if (!Number.isSafeInteger(cost) || cost < 0) throw new RangeError('A cost is a whole number from 0 on.');
}

/** What a limit comes to for an organization of that many contributors; `cap` holds only what they multiply. */
export function effectiveLimit(
  {
    limit,
    per,
    cap,
  }: { limit: number; per: 'organization' | 'contributor' | 'api_token' | 'address'; cap: number | null },
  contributors: number,
): number {
  if (per !== 'contributor') return limit;
  return Math.min(limit * Math.max(1, contributors), cap ?? Number.MAX_SAFE_INTEGER);
}

function isCount(value: unknown): value is number {
  return Number.isSafeInteger(value) && (value as number) >= 1;
}

/** Moves on to `now`, forgets what has left the window, and returns the stamp of `now`. */
function advance(counter: Counter, now: number): number {
  if (now > counter.at) counter.at = now;
  while (counter.size > 0 && counter.at - lastAt(counter, 0) >= counter.windowMs) {
    counter.spent -= amountAt(counter, 0);
    counter.head = slotOf(counter, 1);
    counter.size -= 1;
  }
  return stampOf(counter, counter.at);
}

/** Rounding down first keeps the division exact, so that no call falls into a sub-window before its own. */
function stampOf({ isExact, parts, windowMs }: Counter, time: number): number {
  return isExact ? time : Math.floor(Math.floor(time * parts) / windowMs);
}

/** The latest time that an entry's calls can have come at. */
function endOfStamp({ isExact, parts, windowMs }: Counter, stamp: number): number {
  return isExact ? stamp : ((stamp + 1) * windowMs) / parts;
}

function fits(counter: Counter, cost: number): boolean {
  demandCost(cost);
  return counter.spent + cost <= counter.limit;
}

function answer(counter: Counter, cost: number, admitted: boolean): Admission {
  const { limit, windowMs, spent } = counter;
  const resetMs = spent === 0 ? windowMs : waitUntilSpent(counter, Math.min(spent, limit) - 1);
  let retryAfterMs = 0;
  if (!admitted) retryAfterMs = cost > limit ? Math.max(windowMs, resetMs) : waitUntilSpent(counter, limit - cost);
  return { admitted, remaining: spent < limit ? limit - spent : 0, resetMs, retryAfterMs, limit, windowMs };
}

/** How long until at most `target` of what is spent now still counts. */
export function waitUntilSpent(counter: Counter, target: number): number {
  let left = counter.spent;
  let place = -1;
  while (left > target && place + 1 < counter.size) {
    place += 1;
    left -= amountAt(counter, place);
  }
  return place < 0 ? 0 : lastAt(counter, place) + counter.windowMs - counter.at;
}

/** Adds to the entry of `stamp`, which is nearly always the newest or newer. */
function add(counter: Counter, stamp: number, last: number, amount: number): void {
  counter.spent += amount;
  let place = counter.size;
  while (place > 0 && stampAt(counter, place - 1) > stamp) place -= 1;
  if (place > 0 && stampAt(counter, place - 1) === stamp) {
    const slot = slotOf(counter, place - 1);
    counter.entries[slot + 1] = amountAt(counter, place - 1) + amount;
    if (last > lastAt(counter, place - 1)) counter.entries[slot + 2] = last;
    return;
  }
  if (counter.size * 3 === counter.entries.length) grow(counter);
  for (let moving = counter.size; moving > place; moving -= 1) {
    put(counter, moving, stampAt(counter, moving - 1), amountAt(counter, moving - 1), lastAt(counter, moving - 1));
  }
  put(counter, place, stamp, amount, last);
  counter.size += 1;
}

function slotOf({ head, entries }: Counter, place: number): number {
  const slot = head + place * 3;
  return slot < entries.length ? slot : slot - entries.length;
}

function stampAt(counter: Counter, place: number): number {
  return counter.entries[slotOf(counter, place)] ?? 0;
}

function amountAt(counter: Counter, place: number): number {
  return counter.entries[slotOf(counter, place) + 1] ?? 0;
}

function lastAt(counter: Counter, place: number): number {
  return counter.entries[slotOf(counter, place) + 2] ?? 0;
}

function put(counter: Counter, place: number, stamp: number, amount: number, last: number): void {
  const slot = slotOf(counter, place);
  counter.entries[slot] = stamp;
  counter.entries[slot + 1] = amount;
  counter.entries[slot + 2] = last;
}

/** Doubles the ring, and stops once at what all sub-windows take. */
function grow(counter: Counter): void {
  const { entries, head, parts } = counter;
  const all = (parts + 1) * 3;
  const doubled = entries.length * 2;
  const length = entries.length < all && doubled > all ? all : doubled;
  const room = Array<number>(length - entries.length).fill(0);
  counter.entries = [...entries.slice(head), ...entries.slice(0, head), ...room];
  counter.head = 0;
}

/** Counts in `fresh` all that `old` has counted, each at the latest time at which it can have been, moved by `shiftMs`. */
function refill(fresh: Counter, old: Counter, shiftMs: number): Counter {
  advance(fresh, old.at + shiftMs);
  for (let place = 0; place < old.size; place += 1) {
    count(fresh, lastAt(old, place) + shiftMs, amountAt(old, place));
  }
  return fresh;
}
