// The cache of texts: that it never takes one text for another, forgets what it must, and stays within its bound.

import { describe, expect, test } from 'vitest';
import { createTextCache } from './text-cache.ts';

describe.each([
  ['short', 0],
  ['as long as a JWT', 800],
])('texts that are %s', (_, length) => {
  const long = (text: string) => 'x'.repeat(length) + text;
  const entry = (text: string) => ({ text: long(text), isUsed: false });

  test('takes no text for another, though their ends are the same', () => {
    const cache = createTextCache(100);
    const entries = ['a', 'kw_aXXXXXX', 'kw_bXXXXXX', 'kw_abXXXXXX', 'XXXXXX'].map(entry);
    for (const one of entries) cache.set(one);
    const found = entries.map(({ text }) => cache.get(text));
    // Those with one mark have one set, which may be full.
    expect(found.filter((one) => one !== undefined).length).toBeGreaterThanOrEqual(4);
    for (const [n, one] of found.entries()) if (one !== undefined) expect(one).toBe(entries[n]);
    expect(cache.get(long('kw_cXXXXXX'))).toBeUndefined();
  });

  test('forgets what is deleted, and nothing that has taken its place', () => {
    const cache = createTextCache<ReturnType<typeof entry>>(100);
    const [before, now] = [entry('a token'), entry('a token')];
    cache.set(before);
    cache.set(now);
    cache.delete(before);
    expect(cache.get(long('a token'))).toBe(now);
    cache.delete(now);
    expect(cache.get(long('a token'))).toBeUndefined();
    cache.set(now);
    cache.clear();
    expect([cache.get(long('a token')), cache.hasRoom()]).toEqual([undefined, true]);
  });

  test('never remembers more than its capacity, and nearly as many', () => {
    const cache = createTextCache<ReturnType<typeof entry>>(1000);
    const entries = Array.from({ length: 5000 }, (_, n) => entry(`token ${Math.imul(n + 1, 0x9e3779b1) >>> 0}`));
    const remembered = () => entries.filter(({ text }) => cache.get(text) !== undefined).length;
    for (const one of entries.slice(0, 1000)) cache.set(one);
    expect(remembered()).toBeGreaterThan(950);
    for (const one of entries) cache.set(one);
    expect(remembered()).toBeGreaterThan(950);
    expect(remembered()).toBeLessThanOrEqual(1000);
  });

  test('says what it has no room for, and loses nothing else', () => {
    const cache = createTextCache<ReturnType<typeof entry>>(1000);
    const entries = Array.from({ length: 1500 }, (_, n) => entry(`token ${Math.imul(n + 1, 0x9e3779b1) >>> 0}`));
    const lost = entries.map((one) => cache.set(one)).filter((one) => one !== undefined);
    expect(lost.length).toBeGreaterThanOrEqual(500);
    expect(cache.size + lost.length).toBe(1500);
    for (const one of entries) expect(cache.get(one.text)).toBe(lost.includes(one) ? undefined : one);
    const [first, second] = [entry('a token'), entry('a token')];
    cache.clear();
    expect([cache.set(first), cache.set(second), cache.size]).toEqual([undefined, undefined, 1]);
  });

  test('forgets first what is not used', () => {
    const cache = createTextCache<ReturnType<typeof entry>>(4);
    const hot = entry('hot');
    cache.set(hot);
    for (let n = 0; n < 1000; n += 1) {
      cache.set(entry(`cold ${n}`));
      expect(cache.get(long('hot'))).toBe(hot);
    }
  });
});
