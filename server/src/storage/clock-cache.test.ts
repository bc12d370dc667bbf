// What the bounded map owes: never too many, never the entry that was just used, and whoever is told of every end.

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { slowness } from '../../../test/machine-time.ts';
import { type Chance, clockCache } from './clock-cache.ts';

interface Named extends Chance {
  name: string;
}

describe('a second chance', () => {
  it('goes to what was used since the hand came by', () => {
    const dropped: string[] = [];
    const map = clockCache<Named>(3, ({ name }) => dropped.push(name));
    const add = (name: string) => map.set(name, { name, wasUsed: false });
    const use = (name: string) => Object.assign(map.get(name) ?? {}, { wasUsed: true });
    for (const name of ['a', 'b', 'c']) add(name);
    use('a');
    add('d');
    expect(dropped).toEqual(['b']);
    use('c');
    add('e');
    // c had been used; d was not, and a had used up its chance but the hand has to come round first.
    expect(dropped).toEqual(['b', 'd']);
    for (const name of ['a', 'c', 'e']) use(name);
    add('f');
    expect(dropped).toHaveLength(3);
  });

  it('holds no more than it may, and what it holds and what it dropped add up', () => {
    const step = fc.record({ kind: fc.constantFrom('set', 'set', 'use', 'delete', 'clear'), key: fc.nat(12) });
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 6 }), fc.array(step, { maxLength: 200 }), (most, steps) => {
        const alive = new Set<Named>();
        const map = clockCache<Named>(most, (value) => {
          expect(alive.delete(value)).toBe(true);
        });
        for (const { kind, key } of steps) {
          const name = String(key);
          const known = map.get(name);
          if (kind === 'set') {
            const value = { name, wasUsed: false };
            alive.add(value);
            map.set(name, value);
            expect(map.get(name)).toBe(value);
          } else if (kind === 'use' && known !== undefined) known.wasUsed = true;
          else if (kind === 'delete') map.delete(name);
          else if (kind === 'clear') {
            map.clear();
            alive.clear();
          }
          expect(alive.size).toBeLessThanOrEqual(most);
          for (const value of alive) expect(map.get(value.name)).toBe(value);
        }
      }),
      { numRuns: 300 },
    );
  });

  it('takes as long for each entry however many come and go', async () => {
    const map = clockCache<Named>(10_000, () => {});
    const before = process.cpuUsage().user;
    for (let index = 0; index < 300_000; index += 1) {
      map.set(String(index), { name: '', wasUsed: index % 3 === 0 });
    }
    expect((process.cpuUsage().user - before) / 1000).toBeLessThan(3000 * (await slowness()));
  });
});
