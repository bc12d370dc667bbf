// The table of digests: that it finds what a Map would, however its slots collide; its bound, and what it gives up for it.
// How fast it is, bench/ says.

import { hash } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type Bound, createDigestTable, readBytes, readHex } from './digest-table.ts';

interface Thing {
  name: string;
  isUsed: boolean;
}
const thing = (name: string): Thing => ({ name, isUsed: false });

const forms = [
  { form: 'bytes', read: readBytes, write: (digest: Buffer) => digest.toString('latin1') },
  { form: 'hex', read: readHex, write: (digest: Buffer) => digest.toString('hex') },
];

describe.each(forms)('written as $form, the table', ({ read, write }) => {
  const digestOf = (text: string) => write(Buffer.from(hash('sha256', text, 'hex'), 'hex'));
  /** Digests of which many begin alike, some up to their last byte, at both ends of a small table. */
  const colliding = fc
    .record({ first: fc.constantFrom(0, 1, 126, 127), last: fc.nat(255) })
    .map(({ first, last }) => write(Buffer.from([first, ...Array(30).fill(0), last])));
  const digest = fc.oneof(colliding, fc.nat(200).map(String).map(digestOf));
  const step = fc.record({ kind: fc.constantFrom('set', 'set', 'get', 'delete', 'clear'), digest, rare: fc.nat(20) });

  test('finds what a Map would find, however digests collide', () => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 600 }), (steps) => {
        const table = createDigestTable<Thing>({ read });
        const map = new Map<string, Thing>();
        for (const [n, { kind, digest: key, rare }] of steps.entries()) {
          if (kind === 'set') {
            const value = thing(String(n));
            expect(table.set(key, value)).toBe(map.get(key));
            map.set(key, value);
          } else if (kind === 'delete') {
            table.delete(key);
            map.delete(key);
          } else if (kind === 'clear' && rare === 0) {
            table.clear();
            map.clear();
          }
          expect(table.get(key)).toBe(map.get(key));
          expect(table.size).toBe(map.size);
        }
        for (const [key, value] of map) expect(table.get(key)).toBe(value);
      }),
    );
  });

  test('takes no digest for another that differs in a single bit [S16]', () => {
    const table = createDigestTable<Thing>({ read });
    const right = Buffer.from(hash('sha256', 'a token', 'hex'), 'hex');
    table.set(write(right), thing('right'));
    for (let bit = 0; bit < 256; bit += 1) {
      const bytes = Buffer.from(right);
      bytes[bit >> 3] = (bytes[bit >> 3] ?? 0) ^ (1 << (bit & 7));
      expect(table.get(write(bytes))).toBeUndefined();
    }
    expect(table.get(write(right))?.name).toBe('right');
  });

  test('finds nothing for a text that is no digest, though the low bytes of its characters are one [S14] [S15]', () => {
    const table = createDigestTable<Thing>({ read });
    const right = digestOf('a token');
    table.set(right, thing('right'));
    const shifted = Array.from(right, (_, at) => {
      const code = right.charCodeAt(at) + 0x100;
      return right.slice(0, at) + String.fromCharCode(code) + right.slice(at + 1);
    });
    for (const text of ['', right.slice(1), `${right}0`, ...shifted]) {
      expect(table.get(text)).toBeUndefined();
      table.delete(text);
      expect(() => table.set(text, thing('wrong'))).toThrow('no digest');
    }
    expect([table.size, table.get(right)?.name]).toEqual([1, 'right']);
  });
});

test('hex digits are lower-case: no digest has two spellings', () => {
  const table = createDigestTable<Thing>({ read: readHex });
  table.set('a'.repeat(64), thing('one'));
  expect(table.get('A'.repeat(64))).toBeUndefined();
  expect(table.get(`${'a'.repeat(63)}g`)).toBeUndefined();
});

describe('with a bound, the table', () => {
  const digestOf = (text: string) => hash('sha256', text, 'hex');
  const spare = (value: Thing) => {
    const wasUsed = value.isUsed;
    value.isUsed = false;
    return wasUsed;
  };
  const bounded = (capacity: number, onEvict: Bound<Thing>['onEvict'] = () => {}) =>
    createDigestTable<Thing>({ read: readHex, bound: { capacity, spare, onEvict } });

  test('never holds more than its capacity, says what it evicts, and finds all the others', () => {
    const held = new Set<string>();
    const table = bounded(100, ({ name }) => held.delete(name));
    for (let n = 0; n < 3000; n += 1) {
      held.add(`${n}`);
      table.set(digestOf(`${n}`), thing(`${n}`));
      expect(table.size).toBe(Math.min(100, n + 1));
    }
    expect(held.size).toBe(100);
    for (let n = 0; n < 3000; n += 1) expect(table.get(digestOf(`${n}`)) !== undefined).toBe(held.has(`${n}`));
  });

  test('keeps what is used, however many come that are seen once', () => {
    const table = bounded(100);
    for (let n = 0; n < 40; n += 1) table.set(digestOf(`hot${n}`), thing('hot'));
    for (let n = 0; n < 5000; n += 1) {
      const hot = table.get(digestOf(`hot${n % 40}`));
      if (hot !== undefined) hot.isUsed = true;
      table.set(digestOf(`cold${n}`), thing('cold'));
    }
    for (let n = 0; n < 40; n += 1) expect(table.get(digestOf(`hot${n}`))?.name).toBe('hot');
  });

  test('evicts something even where all is used, and begins anew when it is cleared', () => {
    const table = bounded(1000);
    for (let n = 0; n < 1000; n += 1) table.set(digestOf(`${n}`), { name: '', isUsed: true });
    table.set(digestOf('one more'), thing('one more'));
    expect([table.size, table.get(digestOf('one more'))?.name]).toEqual([1000, 'one more']);
    table.clear();
    expect([table.size, table.get(digestOf('one more'))]).toEqual([0, undefined]);
    table.set(digestOf('again'), thing('again'));
    expect(table.get(digestOf('again'))?.name).toBe('again');
  });
});
