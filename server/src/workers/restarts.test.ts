// When a worker that died is started again.

import fc from 'fast-check';
import { expect, test } from 'vitest';
import { createRestarts, livedMs } from './restarts.ts';

test('a worker that lived long is started again at once, however often others died', () => {
  fc.assert(
    fc.property(fc.array(fc.integer({ min: 0, max: 3 * livedMs })), (lives) => {
      const restarts = createRestarts();
      for (const life of lives) restarts.pauseAfter(life);
      expect(restarts.pauseAfter(livedMs)).toBe(0);
      expect(restarts.pauseAfter(0)).toBe(0);
    }),
  );
});

test('one that dies of its start is tried later and later, and at least every ten seconds', () => {
  const restarts = createRestarts();
  const pauses = Array.from({ length: 12 }, () => restarts.pauseAfter(50));
  expect(pauses.slice(0, 5)).toEqual([0, 100, 200, 400, 800]);
  expect(pauses.at(-1)).toBe(10_000);
});
