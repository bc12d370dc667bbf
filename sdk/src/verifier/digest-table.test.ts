// The table of digests: that it finds what a Map would, however its slots collide; its bound, and what it gives up for it.

import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { Kept } from './bounded-map.ts';
import { digestOf } from './digest.ts';
import { createDigestTable } from './digest-table.ts';

interface Thing extends Kept {
  name: string;
}
const thing = (name: string): Thing => ({ name, isUsed: false });
const never = () => expect.unreachable('nothing was to be dropped');

/** Digests of which many begin alike, some up to their last byte, at both ends of a small table. */
const colliding = fc
  .record({ first: fc.constantFrom(0, 1, 126, 127), last: fc.nat(255) })
  .map(({ first, last }) => `${String.fromCharCode(first)}${'\0'.repeat(30)}${String.fromCharCode(last)}`);
const digest = fc.oneof(colliding, fc.nat(200).map(String).map(digestOf));
const step = fc.record({ kind: fc.constantFrom('set', 'set', 'get', 'delete'), digest });

test('finds what a Map would find, however digests collide', () => {
  fc.assert(
    fc.property(fc.array(step, { maxLength: 600 }), (steps) => {
      const table = createDigestTable<Thing>(10_000, never);
      const map = new Map<string, Thing>();
      for (const [n, { kind, digest: key }] of steps.entries()) {
        if (kind === 'set') {
          const value = thing(String(n));
          expect(table.set(key, value)).toBe(map.get(key));
          map.set(key, value);
        } else if (kind === 'delete') {
          table.delete(key);
          map.delete(key);
        }
        expect(table.get(key)).toBe(map.get(key));
        expect(table.size).toBe(map.size);
      }
      for (const [key, value] of map) expect(table.get(key)).toBe(value);
    }),
  );
});

test('takes no digest for another that differs in a single bit [S16]', () => {
  const table = createDigestTable<Thing>(10, never);
  const right = digestOf('a token');
  table.set(right, thing('right'));
  for (let bit = 0; bit < 256; bit += 1) {
    const bytes = Buffer.from(right, 'latin1');
    bytes[bit >> 3] = (bytes[bit >> 3] ?? 0) ^ (1 << (bit & 7));
    expect(table.get(bytes.toString('latin1'))).toBeUndefined();
  }
  expect(table.get(right)?.name).toBe('right');
});

test('never holds more than its capacity, says what it drops, and finds all the others', () => {
  const held = new Set<string>();
  const table = createDigestTable<Thing>(100, ({ name }) => held.delete(name));
  for (let n = 0; n < 3000; n += 1) {
    held.add(`${n}`);
    table.set(digestOf(`${n}`), thing(`${n}`));
    expect(table.size).toBe(Math.min(100, n + 1));
  }
  expect(held.size).toBe(100);
  for (let n = 0; n < 3000; n += 1) expect(table.get(digestOf(`${n}`)) !== undefined).toBe(held.has(`${n}`));
});

test('keeps what is used, however many come that are seen once', () => {
  const table = createDigestTable<Thing>(100, () => {});
  for (let n = 0; n < 40; n += 1) table.set(digestOf(`hot${n}`), thing('hot'));
  for (let n = 0; n < 5000; n += 1) {
    table.get(digestOf(`hot${n % 40}`));
    table.set(digestOf(`cold${n}`), thing('cold'));
  }
  for (let n = 0; n < 40; n += 1) expect(table.get(digestOf(`hot${n}`))?.name).toBe('hot');
});

test('drops something even where all is used, and begins anew when it is cleared', () => {
  const table = createDigestTable<Thing>(1000, () => {});
  for (let n = 0; n < 1000; n += 1) table.set(digestOf(`${n}`), { name: '', isUsed: true });
  table.set(digestOf('one more'), thing('one more'));
  expect([table.size, table.get(digestOf('one more'))?.name]).toEqual([1000, 'one more']);
  table.clear();
  expect([table.size, table.get(digestOf('one more'))]).toEqual([0, undefined]);
  table.set(digestOf('again'), thing('again'));
  expect(table.get(digestOf('again'))?.name).toBe('again');
});
