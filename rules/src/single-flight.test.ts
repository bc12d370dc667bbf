// Loads in progress: who shares one, and who does not.

import { expect, test } from 'vitest';
import { createSingleFlight } from './single-flight.ts';

/** Loads that end when they are told to. */
function controlled() {
  const running: { resolve(value: string): void; reject(error: Error): void }[] = [];
  const load = () => new Promise<string>((resolve, reject) => running.push({ resolve, reject }));
  return { running, load };
}

test('all who ask while a load runs share it, and each key has its own', async () => {
  const { running, load } = controlled();
  const flights = createSingleFlight<string>();
  const answers = [flights.join('a', load), flights.join('a', load), flights.join('b', load)];
  expect(running).toHaveLength(2);
  expect(flights.current('a')).toBe(answers[0]);
  for (const [n, { resolve }] of running.entries()) resolve(String(n));
  expect(await Promise.all(answers)).toEqual(['0', '0', '1']);
  expect(flights.current('a')).toBeUndefined();
});

test('a failure reaches all who joined, and whoever comes after it begins anew', async () => {
  const { running, load } = controlled();
  const flights = createSingleFlight<string>();
  const answers = [flights.join('a', load), flights.join('a', load)];
  running[0]?.reject(new Error('away'));
  expect((await Promise.allSettled(answers)).map(({ status }) => status)).toEqual(['rejected', 'rejected']);
  const again = flights.join('a', load);
  running[1]?.resolve('back');
  expect(await again).toBe('back');
});

test('nobody joins a load that was detached, and its end does not end its successor', async () => {
  const { running, load } = controlled();
  const flights = createSingleFlight<string>();
  const old = flights.join('a', load);
  flights.detach();
  const fresh = flights.join('a', load);
  running[0]?.resolve('old');
  expect(await old).toBe('old');
  expect(flights.current('a')).toBe(fresh);
  running[1]?.resolve('fresh');
  expect(await fresh).toBe('fresh');
});
