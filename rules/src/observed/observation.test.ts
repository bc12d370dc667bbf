// What is observed, against what it is made of: today's bounds and the narrower ones, each decided alone.

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { isObserved, lackOf, longestObservationMs, narrowed, type ObservedCall, type Reach } from './observation.ts';

const permission = fc.constantFrom('read:a', 'read:b', 'write:a', 'manage:own_api_key', 'read:usage');
const pattern = fc.oneof(permission, fc.constantFrom('*:*', 'read:*', '*:a', 'write:*'));
const address = fc.constantFrom('192.0.2.1', '192.0.2.200', '198.51.100.7', '2001:db8::1', '2001:db8:1::1');
const range = fc.oneof(address, fc.constantFrom('192.0.2.0/24', '192.0.2.0/25', '2001:db8::/32', '0.0.0.0/0'));
const api = fc.constantFrom('default', 'other', 'third');
const apis = fc.option(fc.uniqueArray(api, { minLength: 1 }));
const reach: fc.Arbitrary<Reach> = fc.record({
  permissions: fc.uniqueArray(pattern, { maxLength: 4 }),
  addresses: fc.uniqueArray(range, { maxLength: 3 }),
  apis,
});
const call: fc.Arbitrary<ObservedCall> = fc.record(
  {
    permissions: fc.uniqueArray(permission, { maxLength: 2 }),
    match: fc.constantFrom('all' as const, 'any' as const),
    address,
    api,
  },
  { requiredKeys: [] },
);

describe('a narrowing', () => {
  it('allows exactly what both it and today allow, and so never more than today', () => {
    let [allowed, refused] = [0, 0];
    fc.assert(
      fc.property(reach, fc.record({ permissions: reach, places: reach, apis }), call, (today, parts, wanted) => {
        const narrowing = {
          permissions: parts.permissions.permissions,
          addresses: parts.places.addresses,
          apis: parts.apis,
        };
        const both = narrowed(today, narrowing);
        const [lackNow, lackLater] = [lackOf(today, wanted), lackOf({ ...today, ...narrowing }, wanted)];
        // One permission of several will do: then each may be held by another of the two.
        const isSplit = wanted.match === 'any' && lackNow === null && lackLater === null;
        const isAllowed = lackOf(both, wanted) === null;
        if (isAllowed) expect([lackNow, lackLater]).toEqual([null, null]);
        else if (!isSplit) expect([lackNow, lackLater]).not.toEqual([null, null]);
        if (isAllowed) allowed += 1;
        else refused += 1;
      }),
      { numRuns: 5000 },
    );
    expect(Math.min(allowed, refused)).toBeGreaterThan(100);
  });

  it('leaves what it does not say as it is', () => {
    fc.assert(
      fc.property(reach, (today) => {
        expect(narrowed(today, {})).toEqual(today);
      }),
    );
  });

  it('that shares no address with today is good from nowhere, not from anywhere', () => {
    const today = { permissions: [], addresses: ['192.0.2.0/24'], apis: null };
    const both = narrowed(today, { addresses: ['198.51.100.0/24'] });
    for (const each of ['192.0.2.1', '198.51.100.1', undefined]) {
      expect(lackOf(both, { address: each })).toBe('address_not_allowed');
    }
  });
});

describe('an observation', () => {
  const now = 1_700_000_000_000;
  it.each([
    ['until a later millisecond', now + 1, true],
    ['until 30 days from now', now + longestObservationMs, true],
    ['no more at its very end', now, false],
    ['no more after its end', now - 1, false],
    ['not further than 30 days', now + longestObservationMs + 1, false],
    ['not for ever', Number.POSITIVE_INFINITY, false],
    ['not without an end', undefined, false],
    ['not until no time at all', Number.NaN, false],
    ['not until what is a text', '2030-01-01T00:00:00Z', false],
    ['not until null', null, false],
  ])('lasts %s', (_what, until, lasts) => {
    expect(isObserved(until, now)).toBe(lasts);
  });
});
