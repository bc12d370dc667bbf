// Whom a JWT belongs to: that its end reads as Date writes it.

import fc from 'fast-check';
import { expect, test } from 'vitest';
import { withEnd } from './principal.ts';
import type { Principal } from './verdict.ts';

test('the end of a JWT is written as Date writes it, for every second to the end of the year 9999', () => {
  const principal = { id: 'a', expiresAt: null } as Principal;
  const told = (second: number) => withEnd(principal, second * 1000).expiresAt;
  const second = fc.integer({ min: 0, max: 253_402_300_799 });
  fc.assert(fc.property(second, (one) => told(one) === new Date(one * 1000).toISOString()));
  for (let one = 1_795_366_790; one < 1_795_366_990; one += 1) {
    expect(told(one)).toBe(new Date(one * 1000).toISOString());
  }
  expect(Object.isFrozen(withEnd(principal, 0))).toBe(true);
});
