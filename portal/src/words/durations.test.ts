// How long something takes, in words.

import { expect, test } from 'vitest';
import { duration } from './durations.ts';

test('says a wait in its two largest units, rounded up, and never as nothing', () => {
  expect([0, 1, 1000, 1001, 59_999, 60_000, 569_000, 3_600_000, 90_061_000].map(duration)).toEqual([
    '1 second',
    '1 second',
    '1 second',
    '2 seconds',
    '1 minute',
    '1 minute',
    '9 minutes 29 seconds',
    '1 hour',
    '1 day 1 hour',
  ]);
});
