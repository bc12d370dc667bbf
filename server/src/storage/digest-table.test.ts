// What a table of digests remembers, held against a Map of texts. How fast it is, bench/ says.

import fc from 'fast-check';
import { expect, test } from 'vitest';
import { digestTable } from './digest-table.ts';

/** Few in all, and many that begin alike: in a small table these stand in one another's way. */
const digest = fc
  .record({ head: fc.constantFrom('00000000', '00000001', '0000003f', 'ffffffff', '0000ffff'), tail: fc.nat(9) })
  .map(({ head, tail }) => head + String(tail).repeat(56));

test('a table of digests holds what a Map of the same texts holds, whatever is put in and taken out', () => {
  const step = fc.oneof(
    fc.record({ put: digest, value: fc.nat() }),
    fc.record({ drop: digest }),
    fc.record({ clear: fc.constant(true) }),
  );
  fc.assert(
    fc.property(fc.array(step, { maxLength: 200 }), (steps) => {
      const [table, map] = [digestTable<{ value: number }>(), new Map<string, { value: number }>()];
      const seen = new Set<string>();
      for (const one of steps) {
        if ('put' in one) {
          const entry = { value: one.value };
          seen.add(one.put);
          table.set(one.put, entry);
          map.set(one.put, entry);
        } else if ('drop' in one) {
          table.delete(one.drop);
          map.delete(one.drop);
        } else {
          table.clear();
          map.clear();
        }
        expect(table.size).toBe(map.size);
      }
      for (const text of seen) expect(table.get(text)).toBe(map.get(text));
    }),
  );
});

test('a table of digests tells two apart that differ in one place alone', () => {
  const table = digestTable<{ at: number }>();
  const all = Array.from({ length: 64 }, (_, at) => `${'a'.repeat(at)}b${'a'.repeat(63 - at)}`);
  for (const [at, text] of all.entries()) table.set(text, { at });
  expect(all.map((text) => table.get(text)?.at)).toEqual(all.map((_, at) => at));
  expect(table.get('a'.repeat(64))).toBeUndefined();
});

test.each(['', 'a'.repeat(63), 'a'.repeat(65), 'A'.repeat(64), `${'a'.repeat(63)}ł`, `${'a'.repeat(63)}g`])(
  'a table of digests finds nothing for a text that is no digest: %s',
  (text) => {
    const table = digestTable<object>();
    table.set('a'.repeat(64), {});
    expect(table.get(text)).toBeUndefined();
    table.delete(text);
    expect(table.size).toBe(1);
    expect(() => table.set(text, {})).toThrow('no digest');
  },
);
