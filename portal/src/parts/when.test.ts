// Times as people say them.

import { expect, test } from 'vitest';
import { relativeTime } from './when.tsx';

const now = Date.parse('2026-03-10T12:00:00Z');

test.each([
  [0, 'just now'],
  [-59_000, 'just now'],
  [-60_000, '1 minute ago'],
  [-3_600_000 * 5, '5 hours ago'],
  [-86_400_000, 'yesterday'],
  [86_400_000 * 3, 'in 3 days'],
  [-86_400_000 * 400, 'last year'],
])('%d ms from now is %j', (ms, words) => {
  expect(relativeTime(new Date(now + ms).toISOString(), now)).toBe(words);
});
