// Followers without a server: a journal in an array, a clock that the test moves, and readers that read when they are told.
// For tests only.

import { createFollowers, type Following, type Place, type Told } from './followers.ts';
import type { JournalEntry } from './journal.ts';
import type { RollCall } from './roll.ts';

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

/** Followers over a journal of `length` entries that were committed before; `start` of them were heard. */
export function world(length = 0, start = length, roll: RollCall | null = null) {
  const journal = Array.from({ length }, (_, index) => entry(index + 1));
  const state = { now: 0, down: false, reads: 0, patience: 100 };
  const effective: number[] = [];
  const followers = createFollowers({
    journal: {
      after: async (seq, limit) => {
        state.reads += 1;
        return journal.slice(seq, seq + limit);
      },
    },
    start,
    catchUp: async () => {
      if (state.down) throw new Error('the journal is gone');
      const news = journal.slice(followers.head());
      if (news.length > 0) followers.apply(news);
    },
    now: () => state.now,
    pause: (ms) => new Promise((done) => setTimeout(done, Math.min(ms, state.patience))),
    clock: () => state.now,
    node: 'here',
    roll,
    effective: (ms) => effective.push(ms),
  });
  const place = (more: Partial<Place> = {}): Place => ({
    organizationId: acme,
    principal: { id: 'token', name: 'the verifiers' },
    verifier: null,
    address: '192.0.2.1',
    cursor: null,
    mayStill: async () => true,
    cut: () => undefined,
    ...more,
  });
  return {
    followers,
    journal,
    state,
    effective,
    place,
    commit(...added: Partial<JournalEntry>[]) {
      const entries = added.map((one, index) => entry(journal.length + index + 1, one));
      journal.push(...entries);
      followers.apply(entries);
      return entries;
    },
    async open(more: Partial<Place> = {}): Promise<Following> {
      const following = await followers.open(place(more));
      if (typeof following === 'string') throw new Error(following);
      return following;
    },
  };
}

/** A roll that nobody else is on, whose steps a test can see and hold up. */
export function emptyRoll(more: Partial<RollCall>): RollCall {
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

export async function next({ told }: Following): Promise<Told | undefined> {
  const { value } = await told.next();
  return value ?? undefined;
}

/** The next changes, whatever heartbeats come before them. */
export async function seqs(following: Following): Promise<number[]> {
  for (;;) {
    const told = await next(following);
    if (told === undefined) return [];
    if ('changes' in told) return told.changes.map(({ seq }) => seq);
  }
}

export const isPending = async (what: Promise<unknown>) =>
  (await Promise.race([what.then(() => 'settled'), new Promise((on) => setTimeout(on, 20, 'pending'))])) === 'pending';
