// What an operator reads of a database that goes and comes back, however many chores miss it meanwhile.

import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { KeywardError } from '../core/errors.ts';
import { createOutageLog } from './outage-log.ts';

let lines: { level: string; message: string; fields: object }[];
let isAway: boolean;
let now: number;
const log = {
  warn: (fields: object, message: string) => void lines.push({ level: 'warn', message, fields }),
  info: (fields: object, message: string) => void lines.push({ level: 'info', message, fields }),
};
const away = () => new KeywardError('unavailable', 'The database cannot be used right now.');
const open = () =>
  createOutageLog({ ping: async () => (isAway ? Promise.reject(away()) : undefined), now: () => now, log });

beforeEach(() => {
  vi.useFakeTimers();
  lines = [];
  isAway = true;
  now = 0;
});
afterEach(() => vi.useRealTimers());

test('tells of an outage once when it begins and once when it is over, with the count of what failed', async () => {
  const outages = open();
  for (let failure = 0; failure < 78; failure += 1) outages.failed(away());
  await vi.advanceTimersByTimeAsync(3000);
  expect(lines).toEqual([expect.objectContaining({ level: 'warn', message: expect.stringContaining('is away') })]);
  now = 4000;
  isAway = false;
  await vi.advanceTimersByTimeAsync(1000);
  expect(lines.slice(1)).toEqual([
    { level: 'info', message: 'the database is back', fields: { failures: 78, ms: 4000 } },
  ]);
});

test('tells of the next outage again', async () => {
  const outages = open();
  for (let time = 0; time < 2; time += 1) {
    isAway = true;
    outages.failed(away());
    isAway = false;
    await vi.advanceTimersByTimeAsync(1000);
  }
  expect(lines.map(({ level }) => level)).toEqual(['warn', 'info', 'warn', 'info']);
});

test('tells each time of what is no outage, and asks for nothing once it is closed', async () => {
  const outages = open();
  outages.failed(new Error('one'));
  outages.failed(new Error('two'));
  expect(lines.map(({ message }) => message)).toEqual(Array(2).fill('a chore failed and will be tried again'));
  outages.failed(away());
  outages.close();
  isAway = false;
  await vi.advanceTimersByTimeAsync(5000);
  expect(lines).toHaveLength(3);
});
