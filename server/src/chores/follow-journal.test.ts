// Catching up: whoever does has heard of all that was committed before, and many who do ask seldom.

import { describe, expect, it } from 'vitest';
import type { JournalEntry } from '../core/journal.ts';
import type { JournalReads } from '../core/ports.ts';
import { followJournal } from './follow-journal.ts';

/** A journal in memory whose reads take their time, and see what was there when they began. */
function slowJournal() {
  const entries: JournalEntry[] = [];
  const state = { reads: 0, failing: false };
  const add = () => {
    const seq = entries.length + 1;
    const actor = { type: 'system', id: 'test' } as const;
    const subject = { type: 'api_token', id: String(seq) };
    entries.push({ seq, at: 0, organizationId: null, actor, action: 'x', subject, detail: {}, hash: '' });
    return seq;
  };
  const journal: JournalReads = {
    after: async (seq, limit) => {
      state.reads += 1;
      if (state.failing) throw new Error('down');
      const found = entries.slice(seq, seq + limit);
      await new Promise((resolve) => setTimeout(resolve, 3 + Math.random() * 5));
      return found;
    },
    latest: async () => [],
    matching: async () => [],
    at: async () => null,
    head: async () => entries.length,
  };
  return { journal, state, add };
}

describe('catching up with the journal', () => {
  it('has heard of all that was committed before, also while a poll is in progress', async () => {
    const { journal, add } = slowJournal();
    let heard = 0;
    const follower = await followJournal(
      journal,
      () => performance.now(),
      (entries) => {
        heard = Math.max(heard, ...entries.map(({ seq }) => seq));
      },
    );
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
    const follower = await followJournal(
      journal,
      () => performance.now(),
      () => {},
    );
    const began = performance.now();
    let asked = 0;
    while (performance.now() - began < 200) {
      for (let index = 0; index < 100; index += 1) void follower.catchUp();
      asked += 100;
      await new Promise((resolve) => setTimeout(resolve, 1));
    }
    await follower.catchUp();
    expect(asked).toBeGreaterThan(2000);
    expect(state.reads).toBeLessThanOrEqual((performance.now() - began) / 5 + 2);
  });

  it('fails when the journal cannot be read, and works again afterwards', async () => {
    const { journal, state } = slowJournal();
    const follower = await followJournal(
      journal,
      () => performance.now(),
      () => {},
    );
    state.failing = true;
    await expect(Promise.all([follower.catchUp(), follower.catchUp()])).rejects.toThrow('down');
    state.failing = false;
    await follower.catchUp();
  });
});
