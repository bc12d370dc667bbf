// Where a signing key stands, moment by moment.

import type { SigningKey } from '@keyward/sdk/wire';
import { expect, test } from 'vitest';
import { overlapOf, stateOf } from './state.ts';

const at = (minutes: number) => new Date(Date.UTC(2026, 0, 1) + minutes * 60_000).toISOString();
const now = Date.parse(at(0));
const key = (given: Partial<SigningKey>): SigningKey => ({
  kid: 'k',
  profile: 'oauth',
  algorithm: 'ES256',
  createdAt: at(-100),
  signsFrom: at(-100),
  retiredAt: null,
  verifiesUntil: null,
  revokedAt: null,
  ...given,
});

test('tells a key that signs from one that will, one that only verifies, and those that do neither', () => {
  expect(stateOf(key({}), now)).toBe('signs');
  expect(stateOf(key({ signsFrom: at(10) }), now)).toBe('upcoming');
  expect(stateOf(key({ retiredAt: at(10), verifiesUntil: at(100) }), now)).toBe('signs');
  expect(stateOf(key({ retiredAt: at(0), verifiesUntil: at(100) }), now)).toBe('verifies');
  expect(stateOf(key({ retiredAt: at(-10), verifiesUntil: at(0) }), now)).toBe('ended');
  expect(stateOf(key({ signsFrom: at(10), revokedAt: at(-1) }), now)).toBe('revoked');
});

test('counts down to the new key and to the end of the old ones, and leaves ended keys out', () => {
  const old = key({ retiredAt: at(10), verifiesUntil: at(100) });
  const ended = key({ retiredAt: at(-900), verifiesUntil: at(-1) });
  expect(overlapOf([ended, old, key({ signsFrom: at(10) })], now)).toEqual({
    signsFrom: at(10),
    verifiesUntil: at(100),
  });
  expect(overlapOf([ended, key({})], now)).toEqual({ signsFrom: null, verifiesUntil: null });
});
