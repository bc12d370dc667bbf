// What a credential may do, against a model that asks each of the three lists by itself.

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Bounds, entitledTo, lacking, mayDo } from './entitlement.ts';
import { isOwnPermission, ownPermissions } from './own-permissions.ts';
import { covers, isPermissionPattern } from './permission.ts';

const side = fc.constantFrom('*', 'read', 'write', 'update', 'verify', 'orders', 'user', 'role', 'credential');
const pattern = fc.oneof(
  { weight: 4, arbitrary: fc.tuple(side, side).map((sides) => sides.join(':')) },
  { weight: 1, arbitrary: fc.constantFrom<string>(...ownPermissions) },
  { weight: 1, arbitrary: fc.constantFrom('*:*', 'read:*', '*:orders') },
);
const list = fc.array(fc.oneof({ weight: 9, arbitrary: pattern }, fc.constantFrom('', '*', 'a:b:c', 'read')), {
  maxLength: 5,
});
const bounds: fc.Arbitrary<Bounds> = fc.record({
  token: fc.option(list),
  role: list,
  entitlement: fc.option(list),
});

/** Each list asked by itself; what is Keyward's own, or nothing at all, is no affair of the entitlement. */
function isDone({ token, role, entitlement }: Bounds, wanted: string): boolean {
  const isHeld = (token === null || covers(token, wanted)) && covers(role, wanted);
  return isHeld && (entitlement === null || isOwnPermission(wanted) || covers(entitlement, wanted));
}

describe('what a credential may do', () => {
  it('is exactly what token, role and entitlement each cover', () => {
    fc.assert(
      fc.property(bounds, pattern, (three, wanted) => {
        expect(covers(mayDo(three), wanted)).toBe(isDone(three, wanted));
        expect(lacking(three, wanted) === null).toBe(isDone(three, wanted));
      }),
      { numRuns: 20_000 },
    );
  });

  it('is of Keyward’s own permissions what it is without any entitlement', () => {
    fc.assert(
      fc.property(bounds, fc.constantFrom(...ownPermissions), (three, own) => {
        expect(covers(mayDo(three), own)).toBe(covers(mayDo({ ...three, entitlement: null }), own));
      }),
    );
  });

  it('is nothing outside the grammar, and says nothing twice', () => {
    fc.assert(
      fc.property(bounds, (three) => {
        const left = mayDo({ ...three, entitlement: three.entitlement ?? [] });
        if (!covers(three.entitlement ?? [], '*:*')) expect(left.every(isPermissionPattern)).toBe(true);
        if (three.token !== null) expect(new Set(left).size).toBe(left.length);
      }),
    );
  });

  it('comes to the same however often it is bounded', () => {
    fc.assert(
      fc.property(list, list, pattern, (held, entitlement, wanted) => {
        const once = entitledTo(held, entitlement);
        expect(covers(entitledTo(once, entitlement), wanted)).toBe(covers(once, wanted));
      }),
    );
  });

  it('is, of everything bounded by one permission, that one and all of Keyward’s own by name', () => {
    expect(entitledTo(['*:*'], ['read:orders'])).toEqual(['read:orders', ...ownPermissions]);
    expect(entitledTo(['*:*'], [])).toEqual(ownPermissions);
    expect(entitledTo(['*:*'], ['*:*'])).toEqual(['*:*']);
    expect(entitledTo(['*:*'], null)).toEqual(['*:*']);
  });

  it('names the first of the three that stands in the way', () => {
    const three = { token: ['read:*'], role: ['read:orders', 'read:funds'], entitlement: ['read:orders'] };
    expect(lacking(three, 'read:orders')).toBeNull();
    expect(lacking(three, 'write:orders')).toBe('token');
    expect(lacking(three, 'read:ledger')).toBe('role');
    expect(lacking(three, 'read:funds')).toBe('entitlement');
    expect(lacking({ ...three, token: null, role: ['*:*'] }, 'verify:credential')).toBeNull();
  });
});
