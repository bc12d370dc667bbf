// The chain while the server runs: what was altered, taken out or cut off is found, whenever it happens.

import { describe, expect, it } from 'vitest';
import { chainHash, genesisHash } from './chain.ts';
import { createChainWatch, walkAgainMs } from './chain-watch.ts';
import type { JournalEntry } from './entry.ts';

function world(length: number) {
  const journal: JournalEntry[] = [];
  const state = { now: 1_800_000_000_000 };
  const write = (count: number) => {
    for (let made = 0; made < count; made += 1) {
      const seq = journal.length + 1;
      const entry = {
        seq,
        at: state.now,
        organizationId: 'acme',
        actor: { type: 'system', id: 'test' } as const,
        action: 'thing.made',
        subject: { type: 'thing', id: String(seq) },
        detail: { seq },
      };
      journal.push({ ...entry, hash: chainHash(journal.at(-1)?.hash ?? genesisHash, entry) });
    }
  };
  write(length);
  const after = async (seq: number, limit: number) => journal.filter((entry) => entry.seq > seq).slice(0, limit);
  const watch = createChainWatch({ after }, () => state.now);
  const walk = async () => {
    for (let step = 0; step < 1000; step += 1) if (await watch.step(7)) return watch.state();
    throw new Error('It did not come to an end.');
  };
  return { journal, state, write, watch, walk };
}

describe('the watch over the chain', () => {
  it('does not say what it does not know yet', async () => {
    const { watch, walk } = world(20);
    expect(watch.state()).toEqual({ intact: null, checkedTo: 0, checkedAt: null });
    expect(await watch.step(7)).toBe(false);
    expect(watch.state()).toMatchObject({ intact: null, checkedTo: 7 });
    expect(await walk()).toMatchObject({ intact: true, checkedTo: 20 });
  });

  it('takes an empty journal for whole, and follows one that grows', async () => {
    const { walk, write } = world(0);
    expect(await walk()).toMatchObject({ intact: true, checkedTo: 0 });
    for (const more of [1, 7, 8, 30]) {
      write(more);
      expect(await walk()).toMatchObject({ intact: true });
    }
    expect(await walk()).toMatchObject({ checkedTo: 46 });
  });

  it.each([1, 7, 8, 14, 20])('finds entry %i edited, taken out or cut off before the walk [S123]', async (at) => {
    const edited = world(20);
    Object.assign(edited.journal[at - 1] ?? {}, { detail: { forged: true } });
    expect(await edited.walk()).toMatchObject({ intact: false, problem: `Entry ${at} was altered.` });

    const forged = world(20);
    const entry = forged.journal[at - 1];
    if (entry !== undefined) Object.assign(entry, { hash: '0'.repeat(64) });
    expect(await forged.walk()).toMatchObject({ intact: false, problem: `Entry ${at} was altered.` });

    const removed = world(21);
    removed.journal.splice(at - 1, 1);
    expect(await removed.walk()).toMatchObject({ intact: false, problem: `Entry ${at} is missing.` });
  });

  it('finds the end cut off, or the last entry altered, behind its back [S123]', async () => {
    const cut = world(20);
    await cut.walk();
    cut.journal.length = 15;
    expect(await cut.walk()).toMatchObject({ intact: false, problem: 'Entry 20 is missing: the end was cut off.' });
    cut.write(5);
    expect(await cut.walk()).toMatchObject({ intact: false });

    const rewritten = world(20);
    await rewritten.walk();
    rewritten.journal.length = 19;
    rewritten.state.now += 1;
    rewritten.write(3);
    expect(await rewritten.walk()).toMatchObject({ intact: false, problem: 'Entry 20 was altered.' });
  });

  it('finds all of it written anew, or its end cut off, when it walks again [S123]', async () => {
    const rewritten = world(20);
    await rewritten.walk();
    rewritten.state.now += walkAgainMs;
    await rewritten.walk();
    rewritten.journal.length = 0;
    rewritten.write(25);
    expect(await rewritten.walk()).toMatchObject({ intact: false, problem: 'Entry 20 was altered.' });

    const cut = world(20);
    await cut.walk();
    cut.state.now += walkAgainMs;
    await cut.walk();
    cut.journal.length = 15;
    expect(await cut.walk()).toMatchObject({ intact: false, problem: 'Entry 20 is missing: the end was cut off.' });
  });

  it('looks again at what it found whole, within a day [S123]', async () => {
    const { journal, state, walk } = world(20);
    expect(await walk()).toMatchObject({ intact: true });
    Object.assign(journal[2] ?? {}, { detail: { forged: true } });
    expect(await walk()).toMatchObject({ intact: true });
    state.now += walkAgainMs;
    await walk();
    expect(await walk()).toMatchObject({ intact: false, problem: 'Entry 3 was altered.' });
  });
});
