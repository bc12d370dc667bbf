// The bounded map: its bound, and what it gives up for it.

import { expect, test } from 'vitest';
import { createBoundedMap, type Evictable } from './bounded-map.ts';

interface Thing extends Evictable {
  name: string;
}
const thing = (name: string): Thing => ({ name, isUsed: false });

test('never holds more than its capacity, and says what it drops', () => {
  const dropped: string[] = [];
  const map = createBoundedMap<Thing>(100, (value, key) => dropped.push(`${key}:${value.name}`));
  for (let n = 0; n < 1000; n += 1) {
    map.set(`k${n}`, thing(`v${n}`));
    expect(map.size).toBeLessThanOrEqual(100);
  }
  expect(dropped).toEqual(Array.from({ length: 900 }, (_, n) => `k${n}:v${n}`));
});

test('keeps what is used, however many come that are seen once', () => {
  const map = createBoundedMap<Thing>(100);
  for (let n = 0; n < 40; n += 1) map.set(`hot${n}`, thing('hot'));
  for (let n = 0; n < 5000; n += 1) {
    map.get(`hot${n % 40}`);
    map.set(`cold${n}`, thing('cold'));
  }
  for (let n = 0; n < 40; n += 1) expect(map.get(`hot${n}`)?.name).toBe('hot');
});

test('drops something even where all is used, in a bounded time', () => {
  const map = createBoundedMap<Thing>(10_000);
  for (let n = 0; n < 10_000; n += 1) map.set(`k${n}`, { name: '', isUsed: true });
  map.set('one more', thing(''));
  expect(map.size).toBe(10_000);
  expect(map.get('one more')).toBeDefined();
});

test('replaces without dropping, deletes, and clears', () => {
  const dropped: string[] = [];
  const map = createBoundedMap<Thing>(2, (_value, key) => dropped.push(key));
  map.set('a', thing('1'));
  map.set('b', thing('2'));
  map.set('a', thing('3'));
  expect([map.get('a')?.name, map.size, dropped]).toEqual(['3', 2, []]);
  map.delete('a');
  map.set('c', thing('4'));
  expect([map.get('a'), map.size, dropped]).toEqual([undefined, 2, []]);
  map.clear();
  expect(map.size).toBe(0);
});
