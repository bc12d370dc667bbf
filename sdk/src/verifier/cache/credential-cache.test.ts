// What a verifier remembers: that nothing is known of whoever was forgotten, however it came to be known.

import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { principalOf } from '../../../../test/sdk/fake-keyward.ts';
import { digestOf } from '../digest.ts';
import { type CredentialCache, createCredentialCache } from './credential-cache.ts';
import { type Entry, entryOf } from './credential-entry.ts';
import { createJwtCache } from './jwt-cache.ts';

const principalNamed = (id: string) => ({ ...principalOf(id), expiresAt: null });
const sourceOf = (id: string, name: string) =>
  entryOf(principalNamed(id), { text: '', key: name, addresses: null, source: null });
const jwtOf = (id: string, text: string, source: Entry | null) =>
  entryOf(principalNamed(id), { text, key: '', addresses: null, source });
const tokenOf = (id: string, text: string) =>
  entryOf(principalNamed(id), { text, key: digestOf(text), addresses: null, source: null });
/** Another text for each number, and another end. */
const jwtText = (n: number) => `ey${n}.${Math.imul(n + 1, 0x9e3779b1) >>> 0}.${'s'.repeat(40)}${n}`;

describe('a JWT', () => {
  test('is forgotten with what it was made from, and so is any other of the same source', () => {
    const cache = createCredentialCache(100);
    const [mine, other] = [sourceOf('mine', 'a'), sourceOf('other', 'b')];
    for (const source of [mine, other]) cache.keepSource(source);
    for (let n = 0; n < 10; n += 1) cache.keep(jwtOf(n % 2 ? 'mine' : 'other', jwtText(n), n % 2 ? mine : other));
    cache.forget('mine');
    expect(Array.from({ length: 10 }, (_, n) => cache.jwt(jwtText(n)) !== undefined)).toEqual(
      Array.from({ length: 10 }, (_, n) => n % 2 === 0),
    );
    expect(cache.bySource('a')).toBeUndefined();
    expect(cache.size).toBe(5);
  });

  test('that Keyward alone could judge is forgotten by whose it is', () => {
    const cache = createCredentialCache(100);
    cache.keep(jwtOf('mine', jwtText(1), null));
    cache.keep(jwtOf('mine', jwtText(1), null));
    expect(cache.jwt(jwtText(1))).toBeDefined();
    cache.forget('mine');
    expect(cache.jwt(jwtText(1))).toBeUndefined();
    expect(cache.size).toBe(0);
  });

  test('that belongs to a session is forgotten with that, as a sealed token is, and no other credential is', () => {
    const cache = createCredentialCache(100);
    const keep = (session?: string) => {
      cache.keep(jwtOf('mine', jwtText(1), null), session);
      cache.keep(tokenOf('mine', 'AT1'), session);
    };
    const known = () => [cache.jwt(jwtText(1)), cache.byText('AT1'), cache.byDigest(digestOf('AT1'))];
    const nothing = [undefined, undefined, undefined];
    for (const session of [undefined, 'other']) {
      keep(session);
      cache.forgetSession('one');
      expect(known()).not.toContain(undefined);
    }
    keep('one');
    cache.forgetSession('other');
    expect(known()).not.toContain(undefined);
    cache.forgetSession('one');
    expect(known()).toEqual(nothing);
    keep('one');
    cache.forget('mine');
    expect(known()).toEqual(nothing);
    expect(cache.size).toBe(0);
  });

  test('does not outlive its source, of which nobody would be told when there is no room for it any more', () => {
    const cache = createCredentialCache(10);
    const source = sourceOf('mine', 'first');
    cache.keepSource(source);
    cache.keep(jwtOf('mine', jwtText(1), source));
    for (let n = 0; n < 10; n += 1) cache.keepSource(sourceOf('others', `s${n}`));
    expect(cache.bySource('first')).toBeUndefined();
    expect(cache.jwt(jwtText(1))).toBeUndefined();
  });

  test('is not taken for another with the same end', () => {
    const jwts = createJwtCache(100, 1, () => {});
    const end = 'e'.repeat(40);
    for (const text of [`ey1.${end}`, `ey2.${end}`, `ey3.${end}`]) jwts.keep(jwtOf('mine', text, null));
    for (const text of [`ey1.${end}`, `ey2.${end}`, `ey3.${end}`]) {
      expect([text, undefined]).toContain(jwts.get(text)?.text);
    }
    expect(jwts.get(`ey4.${end}`)).toBeUndefined();
  });

  test('is remembered among as many as there may be, and what is dropped is told', () => {
    const dropped: Entry[] = [];
    const jwts = createJwtCache(1000, 100, (entry) => dropped.push(entry));
    const entries = Array.from({ length: 3000 }, (_, n) => jwtOf('mine', jwtText(n), null));
    for (const entry of entries) {
      jwts.keep(entry);
      expect(jwts.size).toBeLessThanOrEqual(1000);
    }
    expect(jwts.size + dropped.length).toBe(3000);
    expect(jwts.size).toBeGreaterThan(950);
    for (const entry of entries) expect(jwts.get(entry.text)).toBe(dropped.includes(entry) ? undefined : entry);
    for (const entry of entries) jwts.delete(entry);
    expect(jwts.size).toBe(0);
  });
});

describe('whatever was done before', () => {
  const who = fc.constantFrom('a', 'b');
  const which = fc.nat({ max: 9 });
  type Step = (cache: CredentialCache, good: Map<string, string>) => void;
  const step: fc.Arbitrary<Step> = fc.oneof(
    fc.tuple(who, which).map(
      ([id, n]): Step =>
        (cache) =>
          cache.keepSource(sourceOf(id, `${id}${n % 2}`)),
    ),
    fc.tuple(who, which).map(
      ([id, n]): Step =>
        (cache, good) => {
          const source = cache.bySource(`${id}${n % 2}`) ?? null;
          cache.keep(jwtOf(id, jwtText(n), source));
          good.set(jwtText(n), id);
        },
    ),
    fc.tuple(who, which).map(
      ([id, n]): Step =>
        (cache, good) => {
          cache.keep(tokenOf(id, `kw_${n}`));
          good.set(`kw_${n}`, id);
        },
    ),
    who.map(
      (id): Step =>
        (cache, good) => {
          cache.forget(id);
          for (const [text, owner] of good) if (owner === id) good.delete(text);
        },
    ),
    which.map(
      (n): Step =>
        (cache) => {
          const entry = cache.jwt(jwtText(n)) ?? cache.byText(`kw_${n}`) ?? cache.byDigest(digestOf(`kw_${n}`));
          if (entry !== undefined && n % 3 === 0) cache.drop(entry);
        },
    ),
    which.map(
      (n): Step =>
        (cache, good) => {
          if (n !== 0) return;
          cache.forgetAll();
          good.clear();
        },
    ),
  );

  test.each([4, 12, 100])('with room for %i, nothing is known of whoever was forgotten [S36]', (capacity) => {
    fc.assert(
      fc.property(fc.array(step, { minLength: 20, maxLength: 60 }), (steps) => {
        const cache = createCredentialCache(capacity);
        const good = new Map<string, string>();
        for (const act of steps) {
          act(cache, good);
          for (let n = 0; n <= 9; n += 1) {
            const jwt = cache.jwt(jwtText(n));
            if (jwt !== undefined) expect(good.get(jwtText(n))).toBe(jwt.principal.id);
            const token = `kw_${n}`;
            for (const entry of [cache.byText(token), cache.byDigest(digestOf(token))]) {
              if (entry !== undefined) expect(good.get(token)).toBe(entry.principal.id);
            }
          }
        }
      }),
      { numRuns: 300 },
    );
  });
});
