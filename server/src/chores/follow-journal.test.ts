// Following the journal: whoever catches up has heard of all that was committed before, many who do ask seldom, and a
// journal that goes back does not go unnoticed.

import { describe, expect, it } from 'vitest';
import { chainHash, genesisHash } from '../core/journal/chain.ts';
import type { JournalEntry } from '../core/journal/entry.ts';
import type { JournalReads } from '../core/journal/ports.ts';
import { followJournal } from './follow-journal.ts';

/** A journal in memory whose reads take their time, and see what was there when they began. */
function slowJournal() {
  const entries: JournalEntry[] = [];
  const state = { reads: 0, failing: false, during: () => {} };
  const add = (action = 'x') => {
    const seq = entries.length + 1;
    const actor = { type: 'system', id: 'test' } as const;
    const subject = { type: 'api_token', id: String(seq) };
    const entry = { seq, at: 0, organizationId: null, actor, action, subject, detail: {} };
    entries.push({ ...entry, hash: chainHash(entries.at(-1)?.hash ?? genesisHash, entry) });
    return seq;
  };
  const journal: Pick<JournalReads, 'after' | 'latest'> = {
    after: async (seq, limit) => {
      state.reads += 1;
      if (state.failing) throw new Error('down');
      const found = entries.slice(seq, seq + limit);
      await new Promise((resolve) => setTimeout(resolve, 3 + Math.random() * 5));
      state.during();
      return found;
    },
    latest: async (_, limit) => entries.slice(-limit).reverse(),
  };
  return { journal, entries, state, add };
}

const monotonic = () => performance.now();
const nobody = { apply: () => {}, startOver: () => {} };

/** A follower of a journal of five entries, and what it was told. */
async function told() {
  const { add, ...rest } = slowJournal();
  for (let n = 0; n < 5; n += 1) add();
  const said: string[] = [];
  const follower = await followJournal(rest.journal, monotonic, {
    apply: (entries) => said.push(...entries.map(({ seq, action }) => `${seq}${action}`)),
    startOver: (head, lost) => said.push(`over ${lost} -> ${head}`),
  });
  return { ...rest, add, follower, said };
}

describe('catching up with the journal', () => {
  it('has heard of all that was committed before, also while a poll is in progress', async () => {
    const { journal, add } = slowJournal();
    let heard = 0;
    const follower = await followJournal(journal, monotonic, {
      ...nobody,
      apply: (entries) => {
        heard = Math.max(heard, ...entries.map(({ seq }) => seq));
      },
    });
    const late: number[] = [];
    const alone = add();
    await follower.catchUp();
    expect(heard).toBe(alone);
    const next = add();
    await new Promise((resolve) => setTimeout(resolve, 20));
    await follower.catchUp();
    expect(heard).toBe(next);
    const polls = setInterval(() => void follower.poll(), 2);
    await Promise.all(
      Array.from({ length: 200 }, async (_, index) => {
        await new Promise((resolve) => setTimeout(resolve, index));
        const seq = add();
        await follower.catchUp();
        if (heard < seq) late.push(seq);
      }),
    );
    clearInterval(polls);
    expect(late).toEqual([]);
  });

  it('is shared by those who come together, so that a flood of them costs few questions', async () => {
    const { journal, state } = slowJournal();
    const follower = await followJournal(journal, monotonic, nobody);
    const began = performance.now();
    let asked = 0;
    while (asked < 4000) {
      for (let index = 0; index < 100; index += 1) void follower.catchUp();
      asked += 100;
      await new Promise((resolve) => setTimeout(resolve, 1));
    }
    await follower.catchUp();
    expect(state.reads).toBeLessThanOrEqual((performance.now() - began) / 5 + 2);
  });

  it('fails when the journal cannot be read, and works again afterwards', async () => {
    const { journal, state } = slowJournal();
    const follower = await followJournal(journal, monotonic, nobody);
    state.failing = true;
    await expect(Promise.all([follower.catchUp(), follower.catchUp()])).rejects.toThrow('down');
    state.failing = false;
    await follower.catchUp();
  });
});

describe('a journal that is followed', () => {
  it('is read to its end though entries come faster than a read takes', async () => {
    const { follower, said, add, state } = await told();
    state.during = () => add();
    add();
    await follower.catchUp();
    expect(said[0]).toBe('6x');
    expect(state.reads).toBe(1);
    for (let n = 0; n < 2500; n += 1) add();
    await follower.catchUp();
    // Those that came while the last thousand were read are for the next time.
    expect(said.length).toBeGreaterThanOrEqual(2501);
    expect(state.reads).toBe(4);
  });

  it('is asked one question a poll, and tells nothing twice', async () => {
    const { follower, said, add, state } = await told();
    for (let n = 0; n < 3; n += 1) {
      add();
      await follower.poll();
      await follower.poll();
    }
    expect([said, state.reads]).toEqual([['6x', '7x', '8x'], 6]);
  });

  it.each([
    ['lost its end', [], 'over 5 -> 3'],
    ['lost its end and has fewer others', ['y'], 'over 5 -> 4'],
    ['lost its end and has as many others', ['y', 'z'], 'over 5 -> 5'],
    ['lost its end and has more others', ['y', 'z', 'z', 'z'], 'over 5 -> 7'],
  ])('and %s is followed anew from its end [S114]', async (_, others, over) => {
    const { follower, said, entries, add } = await told();
    entries.length = 3;
    for (const other of others) add(other);
    await follower.poll();
    expect(said).toEqual([over]);
    const later = add('later');
    await follower.poll();
    await follower.poll();
    expect(said).toEqual([over, `${later}later`]);
    expect(follower.seen()).toBe(later);
  });

  it('and lost everything is followed anew [S114]', async () => {
    const { follower, said, entries, add } = await told();
    entries.length = 0;
    await follower.poll();
    add('first');
    await follower.poll();
    expect(said).toEqual(['over 5 -> 0', '1first']);
  });

  it('and went back before this process wrote to it again does not go unnoticed for that [S114]', async () => {
    for (const before of [0, 1, 2, 3]) {
      const { follower, said, entries, add } = await told();
      entries.length = 3;
      for (let n = 0; n < before; n += 1) add('theirs');
      const own = add('own');
      follower.committed(entries.slice(own - 1));
      await follower.poll();
      expect(said).toEqual([`${own}own`, `over 5 -> ${own}`]);
    }
  });

  it('takes the own entries of this process for its end when they fit on, and reads them no more', async () => {
    const { follower, said, entries, add } = await told();
    add('own');
    follower.committed(entries.slice(5));
    add('theirs');
    add('own');
    follower.committed(entries.slice(7));
    await follower.poll();
    expect(said).toEqual(['6own', '8own', '7theirs', '8own']);
  });
});
