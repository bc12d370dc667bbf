// API tokens, generated passwords and digests: their shape, their randomness, and what is refused before any look-up.

import { createHash, randomBytes } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { isApiTokenPrefix } from '../../../rules/src/api-token-form.ts';
import { lowByteTwinsOf, neighboursOf } from '../../../rules/src/low-byte-twins.test-support.ts';
import {
  apiTokenPattern,
  digestOf,
  digestsEqual,
  drawRandom,
  generateApiToken,
  generateKey,
  generateNumber,
  generatePassword,
  hintsOf,
  idOf,
  insertNumbered,
  isDividedAsApiToken,
  looksLikeApiToken,
  looksLikeKey,
  newId,
  publicIdOf,
  startOf,
} from './secret.ts';

const alphabet = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz';
const id = '00000000-0000-4000-8000-00000000002a';

describe('a secret', () => {
  it('is not known by the low bytes of its characters: API tokens, keys of sessions and links, public ids [S14]', () => {
    const id = newId();
    const kinds = [
      [generateApiToken(id), looksLikeApiToken],
      [generateKey(), looksLikeKey],
      [publicIdOf(id), (text: string) => idOf(text) !== null],
    ] as const;
    for (const [text, isKnown] of kinds) {
      expect(isKnown(text)).toBe(true);
      for (const twin of neighboursOf(text)) {
        expect(isKnown(twin)).toBe(false);
        expect(digestOf(twin)).not.toBe(digestOf(text));
      }
      fc.assert(
        fc.property(lowByteTwinsOf(text), (twin) => {
          expect(isKnown(twin)).toBe(false);
        }),
      );
    }
  });
});

describe('API tokens', () => {
  it('have a prefix, a public id, 178 random bits and a checksum [S10]', () => {
    const token = generateApiToken(id);
    expect(token).toMatch(/^kw_[0-9A-Za-z]{22}_[0-9A-Za-z]{36}$/);
    expect(idOf(token.slice(3, 25))).toBe(id);
    expect(30 * Math.log2(62)).toBeGreaterThan(178);
    expect(generateApiToken(id)).not.toBe(token);
  });

  it('bear any prefix that a server may be told, and are recognised whichever that is [S10]', () => {
    const prefix = fc.stringMatching(/^[a-z][a-z0-9]{1,9}$/).filter((text) => !text.startsWith('ey'));
    fc.assert(
      fc.property(prefix, fc.uuid({ version: 4 }), (text, uuid) => {
        expect(isApiTokenPrefix(text)).toBe(true);
        const token = generateApiToken(uuid, text);
        expect(token.startsWith(`${text}_${publicIdOf(uuid)}_`)).toBe(true);
        expect([looksLikeApiToken(token), isDividedAsApiToken(token)]).toEqual([true, true]);
        expect(apiTokenPattern.exec(`Bearer ${token}.`)?.[0]).toBe(token);
        const other = `${text === 'kw' ? 'acme' : 'kw'}${token.slice(text.length)}`;
        expect(looksLikeApiToken(other)).toBe(false);
      }),
    );
    for (const wrong of ['', 'a', 'K', 'Kw', '1a', 'a_b', 'a-b', 'eye', 'ey', 'abcdefghijk', 'ké', 'kw\n']) {
      expect(isApiTokenPrefix(wrong)).toBe(false);
    }
  });

  it('show of themselves a public beginning and the end of the checksum, and nothing of the secret [S10]', () => {
    const token = generateApiToken(id, 'acme');
    expect(token.startsWith(startOf({ prefix: 'acme', id }))).toBe(true);
    expect(hintsOf(token, 'acme')).toEqual({ prefix: 'acme', lastFour: token.slice(-4) });
    expect(30 * Math.log2(62) - 4 * Math.log2(62)).toBeGreaterThan(128);
  });

  it('keep the published checksum: a fixed token stays valid for ever', () => {
    const token = generateApiToken(id, 'kw', (count) => Uint8Array.from({ length: count }, (_, at) => at));
    expect(token).toBe('kw_000000001VgEh72lXvTXkw_0123456789ABCDEFGHIJKLMNOPQRST2reM9j');
  });

  it('are recognised by shape and checksum alone, and one changed character is enough to refuse [S10]', () => {
    const token = generateApiToken(newId());
    expect(looksLikeApiToken(token)).toBe(true);
    for (let at = 0; at < token.length; at += 1) {
      for (const other of [...alphabet, '_', '-', ' ', '\0', 'é']) {
        if (other !== token[at])
          expect(looksLikeApiToken(token.slice(0, at) + other + token.slice(at + 1))).toBe(false);
      }
    }
    for (const near of [
      '',
      token.slice(1),
      `${token}\n`,
      ` ${token}`,
      `${token}x`,
      token.toUpperCase(),
      token.repeat(1000),
    ]) {
      expect(looksLikeApiToken(near)).toBe(false);
    }
  });

  it('are all found in running text by the published pattern, 1,000,000 of them [S11]', () => {
    const find = new RegExp(apiTokenPattern, 'g');
    let found = 0;
    for (let batch = 0; batch < 1_000; batch += 1) {
      const tokens = Array.from({ length: 1_000 }, () => generateApiToken(newId()));
      const separators = [' ', '\n', '="', 'Bearer%20', '/', 'kw_', '_', '-', '.', '世'];
      const text = tokens.map((token, at) => separators[at % separators.length] + token).join('');
      const hits = text.match(find) ?? [];
      if (hits.every((hit, at) => hit === tokens[at] && looksLikeApiToken(hit))) found += hits.length;
    }
    expect(found).toBe(1_000_000);
  });

  it('are never mistaken for random text of their length and alphabet, 1,000,000 times [S11]', () => {
    let passed = 0;
    const noise = (length: number) => {
      let text = '';
      while (text.length < length) text += alphabet[Math.floor(Math.random() * 62)];
      return text;
    };
    const words = Array.from({ length: 2_000 }, () => noise(29));
    for (let at = 0; at < 1_000_000; at += 1) {
      const left = words[at % 2_000] ?? '';
      const right = words[(at * 7 + Math.floor(at / 2_000)) % 2_000] ?? '';
      const text = `kw_${left.slice(0, 22)}_${right}${left.slice(22)}`;
      if (!/^kw_\w{22}_\w{36}$/.test(text)) throw new Error('The noise is not of the right shape.');
      if (looksLikeApiToken(text)) passed += 1;
    }
    expect(passed).toBe(0);
  });

  it('carry their id both ways without loss, and no other public id is an id', () => {
    fc.assert(
      fc.property(fc.uuid(), (uuid) => {
        expect(publicIdOf(uuid)).toMatch(/^[0-9A-Za-z]{22}$/);
        expect(idOf(publicIdOf(uuid))).toBe(uuid);
      }),
      { numRuns: 2_000 },
    );
    fc.assert(
      fc.property(fc.string({ unit: fc.constantFrom(...alphabet), minLength: 22, maxLength: 22 }), (text) => {
        const back = idOf(text);
        const number = [...text].reduce((sum, character) => sum * 62n + BigInt(alphabet.indexOf(character)), 0n);
        expect(back === null).toBe(number >= 2n ** 128n);
        if (back !== null) expect(publicIdOf(back)).toBe(text);
      }),
      { numRuns: 2_000 },
    );
    expect(publicIdOf('00000000-0000-0000-0000-000000000000')).toBe('0'.repeat(22));
    expect(idOf(publicIdOf('ffffffff-ffff-ffff-ffff-ffffffffffff'))).toBe('ffffffff-ffff-ffff-ffff-ffffffffffff');
    for (const bad of ['', '0'.repeat(21), '0'.repeat(23), `${'0'.repeat(21)}_`, 'z'.repeat(22)])
      expect(idOf(bad)).toBeNull();
    for (const bad of ['', 'x', id.toUpperCase().replace('2A', '2G'), `${id}\n`])
      expect(() => publicIdOf(bad)).toThrow('UUID');
  });
});

describe('generated passwords', () => {
  it('are 48 characters, each of the 62 equally likely over a million [S18]', () => {
    const counts = new Map<string, number>([...alphabet].map((character) => [character, 0]));
    const passwords = Math.ceil(1_000_000 / 48);
    for (let i = 0; i < passwords; i += 1) {
      const password = generatePassword();
      if (password.length !== 48) throw new Error('A password of another length.');
      for (const character of password) counts.set(character, (counts.get(character) ?? 0) + 1);
    }
    const expected = (passwords * 48) / 62;
    const chiSquare = [...counts.values()].reduce((sum, count) => sum + (count - expected) ** 2 / expected, 0);
    expect(counts.size).toBe(62);
    // 61 degrees of freedom: one fair run in ten million exceeds 137; dropping the rejection gives about 6,600.
    expect(chiSquare).toBeLessThan(137);
    expect(chiSquare).toBeGreaterThan(15);
  });

  it.each([
    [
      'throws',
      () => {
        throw new Error('no entropy');
      },
    ],
    ['gives nothing', () => new Uint8Array(0)],
    ['gives too little', (count: number) => randomBytes(count - 1)],
    ['gives only zeros', (count: number) => new Uint8Array(count)],
    ['gives only 255', (count: number) => new Uint8Array(count).fill(255)],
    [
      'gives only bytes that are thrown away',
      (count: number) => Uint8Array.from({ length: count }, (_, at) => 248 + (at % 8)),
    ],
  ])('are not made at all when the generator %s [S18]', (_what, broken) => {
    expect(() => generatePassword(broken)).toThrow();
    expect(() => generateApiToken(id, 'kw', broken)).toThrow();
  });

  it('never draw the same bytes twice', () => {
    const seen = new Set<string>();
    for (let i = 0; i < 20_000; i += 1) seen.add(Buffer.from(drawRandom(16 + (i % 5))).toString('hex'));
    expect(seen.size).toBe(20_000);
    expect(drawRandom(10_000)).toHaveLength(10_000);
    expect(drawRandom(4_096)).toHaveLength(4_096);
  });
});

describe('ids and numbers', () => {
  it('are random, not sequential [S27]', () => {
    const numbers = new Set(Array.from({ length: 10_000 }, () => generateNumber()));
    expect(numbers.size).toBeGreaterThan(9_990);
    for (const number of numbers) expect(Number.isSafeInteger(number) && number >= 1).toBe(true);
    expect(Math.max(...numbers)).toBeGreaterThan(2 ** 30);
    expect(Math.max(...numbers)).toBeLessThan(2 ** 31);
    expect(new Set(Array.from({ length: 1_000 }, newId)).size).toBe(1_000);
    expect(newId()).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
  });

  it('reach 2^31 - 1, so that 32 bits hold them, and are never 0', () => {
    const bytes = (first: number, rest: number) => () => Uint8Array.of(first, rest, rest, rest);
    expect(generateNumber(bytes(0x7f, 255))).toBe(2 ** 31 - 1);
    const draws = [bytes(0x80, 0), bytes(0x80, 1)];
    expect(generateNumber(() => draws.shift()?.() ?? new Uint8Array(0))).toBe(0x01_01_01);
  });

  it('are drawn again where one is taken, and only then', async () => {
    const tried: number[] = [];
    const freeAfter = (refusals: number) => async (record: { number: number }) => {
      tried.push(record.number);
      return tried.length > refusals;
    };
    const kept = await insertNumbered({ number: 7, name: 'ci' }, freeAfter(2), async () => false);
    expect(kept).toEqual({ number: tried[2], name: 'ci' });
    expect(new Set(tried).size).toBe(3);
    tried.length = 0;
    expect(await insertNumbered({ number: 7 }, freeAfter(1), async () => true)).toBeNull();
    expect(tried).toEqual([7]);
  });
});

describe('digests', () => {
  it('equal no text whose characters have their low bytes, on either side [S14] [S15]', () => {
    const digest = digestOf('a secret');
    expect(digestsEqual(digest, digestOf('a secret'))).toBe(true);
    for (const twin of neighboursOf(digest)) {
      expect([digestsEqual(digest, twin), digestsEqual(twin, digest)]).toEqual([false, false]);
    }
    fc.assert(
      fc.property(lowByteTwinsOf(digest), (twin) => {
        expect(digestsEqual(twin, digest)).toBe(false);
      }),
    );
  });

  it('are the SHA-256 of the whole secret: no length limit, no stop at NUL [S14]', () => {
    const long = 'x'.repeat(72);
    const inputs = [
      'a\0b',
      'a\0c',
      'a',
      'a\0',
      `${long}1`,
      `${long}2`,
      long,
      `${long}\0`,
      'x'.repeat(10_000),
      `${'x'.repeat(9_999)}y`,
    ];
    expect(new Set(inputs.map(digestOf)).size).toBe(inputs.length);
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme' }), (secret) => {
        expect(digestOf(secret)).toBe(createHash('sha256').update(secret, 'utf8').digest('hex'));
      }),
    );
  });

  it('are equal only to themselves, and other lengths are refused without a throw [S16]', () => {
    const one = digestOf('one');
    expect(digestsEqual(one, digestOf('one'))).toBe(true);
    for (const other of [
      digestOf('two'),
      '',
      one.slice(1),
      `${one}0`,
      one.toUpperCase(),
      `é${one.slice(2)}`,
      `é${one.slice(1)}`,
    ]) {
      expect(digestsEqual(one, other)).toBe(false);
      expect(digestsEqual(other, one)).toBe(false);
    }
  });
});
