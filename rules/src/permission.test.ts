// Permissions against a reference matcher that knows no shortcuts: it spells out which permissions a pattern means.

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ownPermissions } from './own-permissions.ts';
import {
  allows,
  covering,
  covers,
  intersect,
  isHalfOpen,
  isPermission,
  isPermissionPattern,
  simplify,
} from './permission.ts';

const letters = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_.-';

/** The grammar without a regular expression. */
function parse(text: string): [verb: string, resource: string] | undefined {
  const [verb, resource, ...rest] = text.split(':');
  if (verb === undefined || resource === undefined || rest.length > 0) return undefined;
  const isSide = (side: string) =>
    side === '*' || (side.length >= 1 && side.length <= 64 && [...side].every((c) => letters.includes(c)));
  return isSide(verb) && isSide(resource) ? [verb, resource] : undefined;
}

const own: readonly string[] = ownPermissions;

/** Every permission that `pattern` means, in a world of these names and one that nobody has mentioned. */
function meaning(pattern: string, names: ReadonlySet<string>): Set<string> {
  const parsed = parse(pattern);
  if (!parsed) return new Set();
  const [verbs, resources] = parsed.map((side) => (side === '*' ? [...names] : [side]));
  const all = verbs?.flatMap((verb) => resources?.map((resource) => `${verb}:${resource}`) ?? []) ?? [];
  const wildcards = parsed.filter((side) => side === '*').length;
  return new Set(all.filter((one) => wildcards !== 1 || !own.includes(one)));
}

function worldOf(...patterns: string[]): Set<string> {
  return new Set([...patterns.flatMap((one) => parse(one) ?? []).filter((side) => side !== '*'), 'never.mentioned']);
}

function referenceCovers(held: string[], wanted: string): boolean {
  const names = worldOf(...held, wanted);
  const granted = new Set(held.flatMap((one) => [...meaning(one, names)]));
  const asked = meaning(wanted, names);
  return asked.size > 0 && [...asked].every((one) => granted.has(one));
}

const side = fc.constantFrom('*', 'a', 'A', 'ab', 'a.b', 'b');
/** Of Keyward's own, of the guarded API, and of both at once. */
const near = fc
  .tuple(fc.constantFrom('*', 'read', 'update', 'a'), fc.constantFrom('*', 'user', 'role', 'journal', 'b'))
  .map((sides) => sides.join(':'));
const pattern = fc.oneof(
  fc.tuple(side, side).map((sides) => sides.join(':')),
  near,
);
const oddSide = fc.oneof(
  side,
  fc.constantFrom(
    '',
    'a*',
    'a.*',
    '*a',
    '**',
    '..',
    '../a',
    ' a',
    'a ',
    'a\n',
    'а',
    'ａ',
    'é',
    'e\u0301',
    'ı',
    '\0',
    'a\0',
    'x'.repeat(64),
    'x'.repeat(65),
  ),
  fc.string({ unit: 'binary', maxLength: 3 }),
);
const odd = fc.oneof(
  pattern,
  fc.tuple(oddSide, oddSide).map((sides) => sides.join(':')),
  oddSide,
  fc.tuple(oddSide, oddSide, oddSide).map((sides) => sides.join(':')),
);

describe('permissions', () => {
  it('covers exactly what a matcher that lists every meaning covers [S59]', () => {
    let covered = 0;
    fc.assert(
      fc.property(fc.array(pattern, { maxLength: 5 }), pattern, (held, wanted) => {
        expect(covers(held, wanted)).toBe(referenceCovers(held, wanted));
        if (covers(held, wanted)) covered += 1;
      }),
      { numRuns: 10_000 },
    );
    expect(covered).toBeGreaterThan(1_000);
  });

  it('grants nothing by and for text that is not a permission: `*`, `a.*`, `a*`, `..`, unicode, empty sides [S59]', () => {
    fc.assert(
      fc.property(fc.array(odd, { maxLength: 4 }), odd, fc.boolean(), (held, wanted, also) => {
        const all = also ? [...held, wanted] : held;
        expect(covers(all, wanted)).toBe(referenceCovers(all, wanted));
      }),
      { numRuns: 10_000 },
    );
  });

  it('covers the same where much is asked of the same patterns', () => {
    fc.assert(
      fc.property(fc.array(odd, { maxLength: 6 }), fc.array(odd, { maxLength: 6 }), (held, wanted) => {
        const isCovered = covering(held);
        for (const one of [...wanted, ...held]) expect(isCovered(one)).toBe(covers(held, one));
      }),
      { numRuns: 10_000 },
    );
  });

  it('says the same in fewer patterns, exactly those that no other one covers', () => {
    let dropped = 0;
    fc.assert(
      fc.property(fc.array(pattern, { maxLength: 8 }), (patterns) => {
        const each = [...new Set(patterns)];
        const simple = simplify(patterns);
        expect(simple).toEqual(each.filter((one) => !each.some((other) => other !== one && covers([other], one))));
        expect(allows(simple, patterns)).toBe(true);
        dropped += each.length - simple.length;
      }),
      { numRuns: 10_000 },
    );
    expect(dropped).toBeGreaterThan(1_000);
  });

  it.each([
    '*',
    'a',
    '',
    ':',
    'a:',
    ':a',
    '*:',
    ':*',
    'a:b:c',
    'a*:b',
    'a:b*',
    'a.*:b.*',
    '**:*',
    ' a:b',
    'a:b\n',
    'а:b\u200b',
    `${'x'.repeat(65)}:a`,
  ])('takes %j for neither a permission nor a pattern, so that even *:* does not cover it [S59]', (text) => {
    expect([isPermission(text), isPermissionPattern(text)]).toEqual([false, false]);
    expect(covers(['*:*', text], text)).toBe(false);
    expect(covers([text], 'a:b')).toBe(false);
    expect(intersect([text], ['*:*'])).toEqual([]);
    expect(intersect(['*:*'], [text])).toEqual([]);
  });

  it('does not read a held text without a colon as a permission whose last letter was cut [S59]', () => {
    expect(covers(['rea'], 're:rea')).toBe(false);
    expect(covers(['rea:*'], 'read')).toBe(false);
  });

  it('takes `.` and case literally, and a wildcard only as a whole side [S59]', () => {
    expect(covers(['read:a.b'], 'read:axb')).toBe(false);
    expect(covers(['read:funds'], 'Read:funds')).toBe(false);
    expect(covers(['read:*'], 'read:..')).toBe(true);
    expect(covers(['read:*'], 'write:funds')).toBe(false);
    expect(covers(['read:funds', 'read:bonds'], 'read:*')).toBe(false);
    expect(covers(['*:funds'], '*:*')).toBe(false);
  });

  it('reaches what is Keyward’s own by its exact name and by *:* alone, never by verb:* or *:resource', () => {
    for (const one of ownPermissions) {
      const [verb, resource] = one.split(':');
      expect(covers(['*:*'], one)).toBe(true);
      expect(covers([one], one)).toBe(true);
      expect(covers([`${verb}:*`, `*:${resource}`], one)).toBe(false);
      expect(allows([`${verb}:*`, `*:${resource}`], [one], 'any')).toBe(false);
    }
    fc.assert(
      fc.property(fc.array(odd, { maxLength: 5 }), fc.constantFrom(...ownPermissions), (held, wanted) => {
        expect(covers(held, wanted)).toBe(held.includes(wanted) || held.includes('*:*'));
      }),
      { numRuns: 5_000 },
    );
  });

  it('never makes one of Keyward’s own out of two patterns', () => {
    for (const one of ownPermissions) {
      const [verb, resource] = one.split(':');
      for (const pair of [
        [`${verb}:*`, `*:${resource}`],
        [`${verb}:*`, one],
        [one, `*:${resource}`],
      ] as const) {
        expect(intersect([pair[0]], [pair[1]])).toEqual([]);
        expect(intersect([pair[1]], [pair[0]])).toEqual([]);
      }
      expect(intersect([one], ['*:*'])).toEqual([one]);
    }
    const half = fc.array(near.filter(isHalfOpen), { maxLength: 4 });
    fc.assert(
      fc.property(half, fc.array(pattern, { maxLength: 4 }), (granted, held) => {
        for (const one of [...intersect(granted, held), ...intersect(held, granted)]) expect(own).not.toContain(one);
      }),
      { numRuns: 5_000 },
    );
  });

  it('has a permission or pattern cover no more alone than among others', () => {
    fc.assert(
      fc.property(fc.array(pattern, { maxLength: 4 }), fc.array(pattern, { maxLength: 4 }), pattern, (a, b, wanted) => {
        expect(covers([...a, ...b], wanted)).toBe(covers(a, wanted) || covers(b, wanted));
      }),
      { numRuns: 5_000 },
    );
  });

  it('agrees with the reference grammar about every text [S59]', () => {
    fc.assert(
      fc.property(odd, (text) => {
        expect(isPermissionPattern(text)).toBe(parse(text) !== undefined);
        expect(isPermission(text)).toBe(parse(text) !== undefined && !text.includes('*'));
      }),
      { numRuns: 10_000 },
    );
  });

  it('intersects to exactly the permissions that both sides mean [S59]', () => {
    const sets = fc.array(odd, { maxLength: 4 });
    fc.assert(
      fc.property(sets, sets, (granted, held) => {
        const names = worldOf(...granted, ...held);
        const mean = (patterns: string[]) => new Set(patterns.flatMap((one) => [...meaning(one, names)]));
        const both = intersect(granted, held);
        expect(both.every(isPermissionPattern)).toBe(true);
        const heldMeaning = mean(held);
        expect(mean(both)).toEqual(new Set([...mean(granted)].filter((one) => heldMeaning.has(one))));
        for (const one of both) expect(covers(granted, one) && covers(held, one)).toBe(true);
      }),
      { numRuns: 10_000 },
    );
  });

  it('asks for all or for any, and an empty requirement of nothing', () => {
    const held = ['read:*'];
    expect(allows(held, ['read:a', 'write:a'])).toBe(false);
    expect(allows(held, ['read:a', 'write:a'], 'any')).toBe(true);
    expect(allows(held, ['write:a', 'write:b'], 'any')).toBe(false);
    expect(allows([], [])).toBe(true);
    expect(allows([], [], 'any')).toBe(true);
  });
});
