// Reads in turn: never two of the same thing at once, and never an answer from before the question.

import { expect, it } from 'vitest';
import { serializedReads } from './serialized-reads.ts';

const turn = () => new Promise((resolve) => setTimeout(resolve, 1));

it('make two reads of many questions at once: the one that runs and the one that all others share', async () => {
  const ask = serializedReads();
  let reads = 0;
  const read = async () => {
    reads += 1;
    await turn();
    return reads;
  };
  const answers = await Promise.all(Array.from({ length: 100 }, () => ask('a', read)));
  expect(answers).toEqual([1, ...Array.from({ length: 99 }, () => 2)]);
  expect(await ask('a', read)).toBe(3);
  await Promise.all([ask('b', read), ask('c', read)]);
  expect(reads).toBe(5);
});

it('never answer with what was before the question', async () => {
  const ask = serializedReads();
  let value = 0;
  const read = async () => {
    await turn();
    const seen = value;
    await turn();
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

it('tell of a failure whoever waited for it, and nobody after them', async () => {
  const ask = serializedReads();
  let reads = 0;
  const fail = async () => {
    reads += 1;
    await turn();
    throw new Error('down');
  };
  const all = await Promise.allSettled([ask('a', fail), ask('a', fail), ask('a', fail)]);
  expect(all.map(({ status }) => status)).toEqual(['rejected', 'rejected', 'rejected']);
  expect(reads).toBe(1);
  expect(await ask('a', async () => 'up')).toBe('up');
});
