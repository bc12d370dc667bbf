// Insisting: what fails is tried again, soon at first, until it succeeds or nobody wants it any more.

import { expect, it } from 'vitest';
import { machineMs, watchMachine } from '../../../test/machine-time.ts';
import { retry } from './retry.ts';

it('tries again after a failure, ever less hastily, until it succeeds', async () => {
  await watchMachine();
  const at: number[] = [];
  const failures: unknown[] = [];
  const attempt = async () => {
    at.push(performance.now());
    if (at.length < 4) throw new Error(`failure ${at.length}`);
  };
  await retry(attempt, new AbortController().signal, (error) => failures.push(error));
  expect(failures.map(String)).toEqual([1, 2, 3].map((n) => `Error: failure ${n}`));
  const pauses = at.slice(1).map((time, index) => time - (at[index] ?? 0));
  for (const [index, least] of [95, 195, 395].entries()) expect(pauses[index]).toBeGreaterThanOrEqual(least);
  expect(machineMs(at[0] ?? 0, at[1])).toBeLessThan(1000);
});

it('gives up at once when it is told to, with the reason', async () => {
  const closing = new AbortController();
  let attempts = 0;
  const trying = retry(
    () => {
      attempts += 1;
      return Promise.reject(new Error('down'));
    },
    closing.signal,
    () => closing.abort(new Error('stopping')),
  );
  await expect(trying).rejects.toThrow('stopping');
  expect(attempts).toBe(1);
});
