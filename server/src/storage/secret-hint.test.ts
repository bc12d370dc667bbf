// How a secret begins and ends is told of that secret and of no other.

import { expect, test } from 'vitest';
import { fromHints, toHints } from './secret-hint.ts';

const digest = '0123456789abcdef'.repeat(4);
const unknown = { prefix: 'kw', lastFour: null };

test('what is kept comes back', () => {
  const hints = { prefix: 'acme', lastFour: '9aZ0' };
  expect(toHints(fromHints({ ...hints, digest }), digest)).toEqual(hints);
});

test('nothing is said of a secret that an older version made, also in place of one that was known [S120]', () => {
  expect(toHints(null, digest)).toEqual(unknown);
  expect(toHints(fromHints({ prefix: 'acme', lastFour: '9aZ0', digest }), 'f'.repeat(64))).toEqual(unknown);
  expect(fromHints({ ...unknown, digest })).toBeNull();
});
