// A registry of subscribers without a server: a journal in an array, a clock that the test moves, and readers that read when they are told.
// For tests only.

import type { JournalEntry } from '../journal/entry.ts';
import type { PresenceSync } from './ports.ts';
import type { FeedMessage, SubscriptionRequest } from './subscriber.ts';
import { createSubscriberRegistry, type Subscription } from './subscribers.ts';

export const acme = 'org-acme';

export function entry(seq: number, more: Partial<JournalEntry> = {}): JournalEntry {
  return {
    seq,
    at: 1000 + seq,
    organizationId: acme,
    actor: { type: 'system', id: 'system' },
    action: 'api_token.deactivated',
    subject: { type: 'api_token', id: `token-${seq}` },
    detail: { secret: 'not for followers' },
    hash: '',
    ...more,
  };
}

/** A registry of subscribers over a journal of `length` entries that were committed before; `start` of them were heard. */
export function world(length = 0, start = length, presence: PresenceSync | null = null) {
  const journal = Array.from({ length }, (_, index) => entry(index + 1));
  const state = { now: 0, down: false, reads: 0, patience: 100 };
  const effective: number[] = [];
  const subscribers = createSubscriberRegistry({
    journal: {
      after: async (seq, limit) => {
        state.reads += 1;
        return journal.slice(seq, seq + limit);
      },
    },
    start,
    catchUp: async () => {
      if (state.down) throw new Error('the journal is gone');
      const news = journal.slice(subscribers.head());
      if (news.length > 0) subscribers.apply(news);
    },
    now: () => state.now,
    pause: (ms) => new Promise((done) => setTimeout(done, Math.min(ms, state.patience))),
    clock: () => state.now,
    node: 'here',
    epoch: { id: 'first', isFirst: true },
    presence,
    effective: (ms) => effective.push(ms),
  });
  const place = (more: Partial<SubscriptionRequest> = {}): SubscriptionRequest => ({
    organizationId: acme,
    scope: acme,
    principal: { id: 'token', name: 'the verifiers' },
    verifier: null,
    address: '192.0.2.1',
    cursor: null,
    epoch: null,
    mayStill: async () => true,
    cut: () => undefined,
    ...more,
  });
  return {
    subscribers,
    journal,
    state,
    effective,
    place,
    commit(...added: Partial<JournalEntry>[]) {
      const entries = added.map((one, index) => entry(journal.length + index + 1, one));
      journal.push(...entries);
      subscribers.apply(entries);
      return entries;
    },
    async open(more: Partial<SubscriptionRequest> = {}): Promise<Subscription> {
      const following = await subscribers.open(place(more));
      if (typeof following === 'string') throw new Error(following);
      return following;
    },
  };
}

/** A presence store that nobody else uses, whose steps a test can see and hold up. */
export function emptyPresence(more: Partial<PresenceSync>): PresenceSync {
  return {
    enter: async () => {},
    tellSoon: () => {},
    tell: async () => {},
    watch: (_, opened) => opened.dismiss('others'),
    others: async () => [],
    acknowledge: async () => {},
    close: async () => {},
    ...more,
  };
}

export async function next({ told }: Subscription): Promise<FeedMessage | undefined> {
  const { value } = await told.next();
  return value ?? undefined;
}

/** The next changes, whatever heartbeats come before them. */
export async function seqs(following: Subscription): Promise<number[]> {
  for (;;) {
    const told = await next(following);
    if (told === undefined) return [];
    if ('changes' in told) return told.changes.map(({ seq }) => seq);
  }
}

export const isPending = async (what: Promise<unknown>) =>
  (await Promise.race([what.then(() => 'settled'), new Promise((on) => setTimeout(on, 20, 'pending'))])) === 'pending';
