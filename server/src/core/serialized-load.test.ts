// What is loaded one at a time, with loads that end when the test says so.

import { expect, test } from 'vitest';
import { serializedLoad, serializedLoads } from './serialized-load.ts';

/** Loads that wait; `state` counts them. */
function slow() {
  const ends: { resolve(): void; reject(error: Error): void }[] = [];
  const state = { begun: 0, atOnce: 0, most: 0 };
  const load = serializedLoad(() => {
    state.begun += 1;
    state.atOnce += 1;
    state.most = Math.max(state.most, state.atOnce);
    return new Promise<void>((resolve, reject) => ends.push({ resolve, reject })).finally(() => {
      state.atOnce -= 1;
    });
  });
  return { load, ends, state };
}
const turn = () => new Promise((go) => setImmediate(go));

test('whoever asks during a load waits for one that began later, and all who do share it', async () => {
  const { load, ends, state } = slow();
  const first = load();
  const later = [load(), load(), load()];
  let isLoaded = false;
  later[2]?.then(() => {
    isLoaded = true;
  });
  ends[0]?.resolve();
  await first;
  await turn();
  expect([state.begun, isLoaded]).toEqual([2, false]);
  // The second is under way now, so this is a third.
  const last = load();
  ends[1]?.resolve();
  await Promise.all(later);
  await turn();
  expect(state.begun).toBe(3);
  ends[2]?.resolve();
  await last;
  expect(state.most).toBe(1);
});

test('no two are under way at once, whenever they are asked for', async () => {
  for (let turns = 0; turns < 8; turns += 1) {
    const { load, ends, state } = slow();
    load();
    load();
    ends[0]?.resolve();
    for (let made = 0; made < turns; made += 1) await null;
    load();
    await turn();
    expect(state.most).toBe(1);
    for (const end of ends) end.resolve();
  }
});

test('a load that fails fails for its own callers only', async () => {
  const { load, ends, state } = slow();
  const first = load();
  const second = load();
  ends[0]?.reject(new Error('gone'));
  await expect(first).rejects.toThrow('gone');
  await turn();
  ends[1]?.resolve();
  await second;
  const third = load();
  expect(state.begun).toBe(3);
  ends[2]?.resolve();
  await third;
});

const soon = () => new Promise((resolve) => setTimeout(resolve, 1));

test('make two reads of many questions at once: the one that runs and the one that all others share', async () => {
  const ask = serializedLoads('tell');
  let reads = 0;
  const read = async () => {
    reads += 1;
    await soon();
    return reads;
  };
  const answers = await Promise.all(Array.from({ length: 100 }, () => ask('a', read)));
  expect(answers).toEqual([1, ...Array.from({ length: 99 }, () => 2)]);
  expect(await ask('a', read)).toBe(3);
  await Promise.all([ask('b', read), ask('c', read)]);
  expect(reads).toBe(5);
});

test('never answer with what was before the question', async () => {
  const ask = serializedLoads('tell');
  let value = 0;
  const read = async () => {
    await soon();
    const seen = value;
    await soon();
    return seen;
  };
  await Promise.all(
    Array.from({ length: 200 }, async (_, index) => {
      await new Promise((resolve) => setTimeout(resolve, index / 2));
      value += 1;
      const least = value;
      expect(await ask('a', read)).toBeGreaterThanOrEqual(least);
    }),
  );
});

test('tell of a failure whoever waited for it, and nobody after them', async () => {
  const ask = serializedLoads('tell');
  let reads = 0;
  const fail = async () => {
    reads += 1;
    await soon();
    throw new Error('down');
  };
  const all = await Promise.allSettled([ask('a', fail), ask('a', fail), ask('a', fail)]);
  expect(all.map(({ status }) => status)).toEqual(['rejected', 'rejected', 'rejected']);
  expect(reads).toBe(1);
  expect(await ask('a', async () => 'up')).toBe('up');
});
