// Calls that several limits count, where nodes share them: what is leased of all is spent in one turn, so that nobody comes
// between. What of them is not leased is asked of the store in one question, which grants all or nothing, and so is what is
// too small to be leased ahead. How one limit is counted is leased.ts's.

import {
  isLow,
  isSettled,
  leftOf,
  lookLeased,
  refuse,
  requestOf,
  spendLeased,
  takeFailure,
  takeGrant,
} from '@keyward/rules/lease';
import type { LeaseGrant, LeaseRequest } from '@keyward/rules/ledger';
import type { LimitAnswer, LimitKey, Quota } from '../core/checking/limit.ts';
import type { LeaseStore, LimitStore } from '../core/checking/ports.ts';
import type { Entry } from './leased-entry.ts';

/** What of the limits of one node this stands on. */
export interface LeasedParts {
  store: Pick<LeaseStore, 'grantAll'>;
  clock(): number;
  /** Null if there is no memory for it. */
  entryOf(key: LimitKey, quota: Quota, now: number): Entry | null;
  /** False while the store is known not to answer. */
  mayAsk(now: number): boolean;
  /** True if nothing is spent now, since the store does not answer. */
  isDenied(quota: Quota): boolean;
  /** What the policy decides without the store. */
  withoutStore(quota: Quota, now: number): LimitAnswer;
  /** Leases more of it in the background. */
  renew(entry: Entry): void;
  /** Serves those who wait for it alone. */
  serveWaiting(entry: Entry): void;
  /** Told before the store is asked and of how that went; true from `failed` if it did not answer. */
  asking(now: number): void;
  answered(): void;
  failed(error: unknown, now: number): boolean;
  /** Told of an entry of which something is leased. */
  isLent(entry: Entry): void;
}

type Wish = Pick<Parameters<LimitStore['spendAll']>[0][number], 'key' | 'quota'>;

/** Questions in vain, each outrun by others or by the end of a lease, before the store is taken for too slow. */
const mostQuestions = 5;

export function spendTogether(
  parts: LeasedParts,
  wishes: readonly Wish[],
  cost: number,
): readonly LimitAnswer[] | Promise<readonly LimitAnswer[]> {
  const outcome = spendHeld(parts, wishes, cost);
  return 'lacking' in outcome ? gather(parts, wishes, cost, outcome.lacking) : outcome;
}

interface Lacking {
  /** In the order of their keys. */
  lacking: readonly Entry[];
}

/** What can be said without a question: all spend, or one refuses. */
function spendHeld(parts: LeasedParts, wishes: readonly Wish[], cost: number): readonly LimitAnswer[] | Lacking {
  const now = parts.clock();
  const entries = wishes.map(({ key, quota }) => parts.entryOf(key, quota, now));
  const held = entries.filter((entry) => entry !== null);
  const isDenied = wishes.some(({ quota }) => parts.isDenied(quota));
  const looks = held.map(({ holding }) => lookLeased(holding, now, cost));
  if (!isDenied && looks.some((look) => look?.admitted === false)) {
    for (const entry of held.filter((_entry, at) => looks[at]?.admitted === false)) hasten(parts, entry, now);
    return entries.map((entry, at) => (entry === null ? open(parts, wishes[at], now) : standing(entry, now, cost)));
  }
  const lacking = isDenied ? held : held.filter(({ holding }) => leftOf(holding, now) < cost);
  if (held.length === entries.length && lacking.length === 0) {
    return held.map((entry) => spendOne(parts, entry, now, cost));
  }
  if (held.length === entries.length && parts.mayAsk(now)) return { lacking: [...lacking].sort(byKey) };
  return withoutStore(parts, wishes, entries, lacking, cost, now);
}

async function gather(
  parts: LeasedParts,
  wishes: readonly Wish[],
  cost: number,
  first: readonly Entry[],
): Promise<readonly LimitAnswer[]> {
  let lacking = first;
  for (let asked = 0; asked < mostQuestions; ) {
    const busy = lacking.find(({ asking }) => asking !== null);
    if (busy === undefined) asked += 1;
    const outcome =
      busy === undefined
        ? await askAndSpend(parts, wishes, cost, lacking)
        : await waitAndSpend(parts, wishes, cost, lacking, busy.asking);
    if (!('lacking' in outcome)) return outcome;
    lacking = outcome.lacking;
  }
  const now = parts.clock();
  const entries = wishes.map(({ key, quota }) => parts.entryOf(key, quota, now));
  return withoutStore(parts, wishes, entries, lacking, cost, now);
}

/** Whoever asks next asks for those who wait, too. */
async function waitAndSpend(
  parts: LeasedParts,
  wishes: readonly Wish[],
  cost: number,
  lacking: readonly Entry[],
  asking: Promise<void> | null,
): Promise<readonly LimitAnswer[] | Lacking> {
  for (const entry of lacking) entry.wanted += cost;
  await asking;
  for (const entry of lacking) entry.wanted -= cost;
  return spendHeld(parts, wishes, cost);
}

/** What was granted is spent before anybody else may ask. */
async function askAndSpend(
  parts: LeasedParts,
  wishes: readonly Wish[],
  cost: number,
  lacking: readonly Entry[],
): Promise<readonly LimitAnswer[] | Lacking> {
  try {
    const refused = await ask(parts, lacking, cost);
    return refused.length === 0 ? spendHeld(parts, wishes, cost) : lastStanding(parts, wishes, cost, refused);
  } finally {
    for (const entry of lacking) {
      entry.asking = null;
      if (entry.waiting.length > 0) parts.serveWaiting(entry);
    }
  }
}

/** One question for all of them, of which no other is asked meanwhile. Resolves with those that refused; rejects for bugs. */
async function ask(parts: LeasedParts, entries: readonly Entry[], cost: number): Promise<readonly Entry[]> {
  const sentAt = parts.clock();
  parts.asking(sentAt);
  const questions = entries.map((entry) => ({
    entry,
    request: requestOf(entry.holding, sentAt, { needed: cost + entry.wanted, first: cost, renews: true }),
  }));
  const exchange = async (): Promise<readonly Entry[]> => {
    try {
      const asked = questions.map(({ entry: { key, quota: rule }, request }) => ({ key, rule, request }));
      const grants = await parts.store.grantAll(asked);
      parts.answered();
      return takeAll(parts, questions, grants, sentAt);
    } catch (error) {
      for (const { entry } of questions) takeFailure(entry.holding);
      if (!parts.failed(error, parts.clock())) throw error;
      return [];
    }
  };
  const exchanged = exchange();
  // Those who wait are told later than who asked, and do not fail because of what was asked.
  const over = exchanged.then(nothing, nothing);
  for (const { entry } of questions) entry.asking = over;
  return await exchanged;
}

const nothing = () => {};

function takeAll(
  parts: LeasedParts,
  questions: readonly { entry: Entry; request: LeaseRequest }[],
  grants: readonly LeaseGrant[],
  sentAt: number,
): readonly Entry[] {
  const now = parts.clock();
  const refused: Entry[] = [];
  questions.forEach(({ entry, request }, at) => {
    const granted = grants[at];
    if (granted === undefined) throw new Error('There is no answer to a request for a lease.');
    takeGrant(entry.holding, request, granted, sentAt, now);
    if (granted.granted > 0) parts.isLent(entry);
    else if (request.atLeast > granted.remaining) refused.push(entry);
  });
  return refused;
}

/** What is said of a call that the store has just refused, however soon it may be asked again. */
function lastStanding(
  parts: LeasedParts,
  wishes: readonly Wish[],
  cost: number,
  refused: readonly Entry[],
): readonly LimitAnswer[] {
  const now = parts.clock();
  return wishes.map((wish) => {
    const entry = parts.entryOf(wish.key, wish.quota, now);
    if (entry === null) return open(parts, wish, now);
    return refused.includes(entry) ? refuse(entry.holding, now, cost) : standing(entry, now, cost);
  });
}

/** How a limit stands, by what is known: that it has room unless it is known to have none. */
function standing({ holding }: Entry, now: number, cost: number): LimitAnswer {
  const known = lookLeased(holding, now, cost);
  return known ?? { ...refuse(holding, now, cost), admitted: true, retryAfterMs: 0 };
}

/** What was spent and not yet reported makes refusals last too long. */
function hasten(parts: LeasedParts, entry: Entry, now: number): void {
  if (entry.asking === null && !isSettled(entry.holding, now) && parts.mayAsk(now)) parts.renew(entry);
}

function spendOne(parts: LeasedParts, entry: Entry, now: number, cost: number): LimitAnswer {
  const answer = spendLeased(entry.holding, now, cost);
  if (answer === null) throw new Error('What is leased was there a moment ago.');
  if (entry.asking === null && isLow(entry.holding, now) && parts.mayAsk(now)) parts.renew(entry);
  return answer;
}

/** Where the policy lets calls in, what is leased of the other limits is spent all the same. */
function withoutStore(
  parts: LeasedParts,
  wishes: readonly Wish[],
  entries: readonly (Entry | null)[],
  lacking: readonly Entry[],
  cost: number,
  now: number,
): readonly LimitAnswer[] {
  const isLacking = (entry: Entry | null): entry is null => entry === null || lacking.includes(entry);
  const [one] = wishes.filter((_wish, at) => isLacking(entries[at] ?? null));
  const decided = open(parts, one, now);
  return wishes.map(({ quota: { limit, windowMs } }, at) => {
    const entry = entries[at] ?? null;
    if (isLacking(entry)) return { ...decided, limit, windowMs };
    return decided.admitted ? spendOne(parts, entry, now, cost) : standing(entry, now, cost);
  });
}

function open(parts: LeasedParts, wish: Wish | undefined, now: number): LimitAnswer {
  if (wish === undefined) throw new Error('A call is counted by one limit at least.');
  return parts.withoutStore(wish.quota, now);
}

function byKey(one: Entry, other: Entry): number {
  return one.key < other.key ? -1 : 1;
}
