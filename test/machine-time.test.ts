// The time of the machine: the clock's where nothing else runs, and less where something does.

import { availableParallelism } from 'node:os';
import { setTimeout as pause } from 'node:timers/promises';
import { Worker } from 'node:worker_threads';
import { expect, test } from 'vitest';
import { machineMs, watchMachine, within } from './machine-time.ts';

test('is never more than the clock has it, nor less than nothing', async () => {
  await watchMachine();
  const began = performance.now();
  await pause(300);
  const now = performance.now();
  expect(machineMs(began, now)).toBeLessThanOrEqual(now - began);
  expect(machineMs(began, now)).toBeGreaterThanOrEqual(0);
});

test('stands still while others keep every processor busy, by what the control waited', async () => {
  await watchMachine();
  const busy = Array.from(
    { length: 4 * availableParallelism() },
    () => new Worker('for (;;) Math.random()', { eval: true }),
  );
  try {
    const began = performance.now();
    await expect.poll(() => performance.now() - began - machineMs(began)).toBeGreaterThan(50);
  } finally {
    await Promise.all(busy.map((one) => one.terminate()));
  }
});

test('is what a promise is held to: one that is broken is told', async () => {
  await within(60_000, () => pause(1));
  await expect(within(0, () => pause(200))).rejects.toThrow('by the clock');
});
