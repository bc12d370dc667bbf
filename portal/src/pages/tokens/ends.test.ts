// When a token ends, by what was chosen.

import type { Token } from '@keyward/sdk/wire';
import { describe, expect, test } from 'vitest';
import { endOf, today } from './ends.ts';
import { endsSoon, stateOf } from './state.ts';

const now = Date.UTC(2026, 5, 1, 12);
const dayMs = 86_400_000;

describe('the end of a token', () => {
  test('is so many days from now, or never', () => {
    expect(endOf({ choice: '30', day: '' }, now)).toBe(new Date(now + 30 * dayMs).toISOString());
    expect(endOf({ choice: '365', day: '2030-01-01' }, now)).toBe(new Date(now + 365 * dayMs).toISOString());
    expect(endOf({ choice: 'never', day: '' }, now)).toBeNull();
  });

  test('is the last second of a day of the viewer’s, so that the whole day is good', () => {
    const end = endOf({ choice: 'date', day: '2026-12-31' }, now);
    expect(new Date(end ?? '').toString()).toContain('Dec 31 2026 23:59:59');
  });

  test('is nothing while no day was chosen', () => {
    expect(endOf({ choice: 'date', day: '' }, now)).toBeUndefined();
  });

  test('is asked for from today on', () => {
    expect(today(new Date(2026, 0, 5, 23, 59))).toBe('2026-01-05');
  });
});

describe('the state of a token', () => {
  const token: Pick<Token, 'deletedAt' | 'deactivatedAt' | 'state' | 'expiresAt' | 'rotation'> = {
    deletedAt: null,
    deactivatedAt: null,
    state: 'active',
    expiresAt: null,
    rotation: null,
  };
  const past = new Date(now - 1).toISOString();
  const rotation = { rotatedAt: past, previousUntil: past, previousLastUsed: null, currentLastUsed: null };

  test.each([
    ['active', {}],
    ['rotating', { rotation }],
    ['expired', { rotation, expiresAt: past }],
    ['inactive', { rotation, expiresAt: past, deactivatedAt: past }],
    ['deleted', { rotation, expiresAt: past, deactivatedAt: past, deletedAt: past }],
  ] as const)('is %s when that is what matters most', (state, change) => {
    expect(stateOf({ ...token, ...change }, now)).toBe(state);
  });

  test('is about to end in its last 30 days, and neither before nor after', () => {
    const at = (days: number) => new Date(now + days * dayMs).toISOString();
    expect([at(-1), at(1), at(30), at(31), null].map((end) => endsSoon(end, now))).toEqual([
      false,
      true,
      true,
      false,
      false,
    ]);
  });
});
