// Sealing: the key ring's text, the published test vectors, tampering, purposes and contexts, and the overlap of old and new keys.

import { readFileSync } from 'node:fs';
import { inspect } from 'node:util';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { lowByteTwinsOf, neighboursOf } from '../../../rules/src/low-byte-twins.test-support.ts';
import { createSealer, generateSealingKeys, parseSealingKeys, type SealPurpose } from './sealer.ts';

const vectorKey = '0a1b2c3d:AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8';
const vectorNonce = Uint8Array.from({ length: 12 }, (_, at) => 0xa0 + at);
/** Made with Python's `cryptography`, from the description in docs/sealed-tokens.md. */
const vectors = {
  accessToken: 'AT1AQobLD2goaKjpKWmp6ipqquQGc89wRKK7hPs1hOaCnmCysPlGk07o5B6ZhrUEkQgoMH8IpnEBYzIo2gFFCw',
  signingKey: 'AQobLD2goaKjpKWmp6ipqquWzxAkTPlJzpL976ke6JD5UYU',
  cursor: 'r_I20BTsfBbvJ_5WUfAahwUxXM8R9lM_nhcTiUo9X_M',
};

const sealerOf = (...rings: string[]) => createSealer(parseSealingKeys(rings.join('\n')));
const oldKey = generateSealingKeys();
const newKey = generateSealingKeys();
const sealer = sealerOf(newKey);
const purposes: SealPurpose[] = ['access-token', 'signing-key', 'readable-token'];
const text = fc.string({ unit: 'binary' }).filter((one) => one.isWellFormed());

describe('sealing', () => {
  it('follows the published format to the byte', () => {
    const fixed = createSealer(parseSealingKeys(vectorKey), () => vectorNonce);
    expect(fixed.sealAccessToken('{"sub":"u1","exp":1800000000}')).toBe(vectors.accessToken);
    expect(fixed.seal('signing-key', 'é', 'kid-1')).toBe(vectors.signingKey);
    expect(fixed.mac('cursor', 'page 2')).toBe(vectors.cursor);
    expect(fixed.openAccessToken(vectors.accessToken)).toBe('{"sub":"u1","exp":1800000000}');
    expect(fixed.open('signing-key', vectors.signingKey, 'kid-1')).toBe('é');
  });

  it('opens no text whose characters have the low bytes of what was sealed, and takes no such MAC [S14] [S32]', () => {
    const [token, sealed] = [sealer.sealAccessToken('{"sub":"u1"}'), sealer.seal('signing-key', 'k', 'kid-1')];
    const mac = sealer.mac('cursor', 'page 2');
    const isTaken = {
      token: (text: string) => sealer.openAccessToken(text) !== null,
      sealed: (text: string) => sealer.open('signing-key', text, 'kid-1') !== null,
      mac: (text: string) => sealer.checkMac('cursor', 'page 2', text),
    };
    for (const [kind, text] of Object.entries({ token, sealed, mac })) {
      const take = isTaken[kind as keyof typeof isTaken];
      expect(take(text)).toBe(true);
      for (const twin of neighboursOf(text)) expect(take(twin)).toBe(false);
      fc.assert(
        fc.property(lowByteTwinsOf(text), (twin) => {
          expect(take(twin)).toBe(false);
        }),
      );
    }
  });

  it('is documented with the very vectors that it is tested with', () => {
    const page = readFileSync(new URL('../../../docs/sealed-tokens.md', import.meta.url), 'utf8');
    for (const part of [vectorKey, Buffer.from(vectorNonce).toString('hex'), vectors.accessToken, vectors.signingKey]) {
      expect(page).toContain(part);
    }
  });

  it('opens what it sealed, for the same purpose and context only', () => {
    fc.assert(
      fc.property(
        text,
        text,
        text,
        fc.constantFrom(...purposes),
        fc.constantFrom(...purposes),
        (plain, context, other, purpose, another) => {
          const sealed = sealer.seal(purpose, plain, context);
          expect(sealed).toMatch(/^[A-Za-z0-9_-]+$/);
          expect(sealer.open(purpose, sealed, context)).toBe(plain);
          expect(sealer.open(another, sealed, context)).toBe(another === purpose ? plain : null);
          expect(sealer.open(purpose, sealed, other)).toBe(other === context ? plain : null);
        },
      ),
      { numRuns: 1_000 },
    );
  });

  it('refuses a value with any bit of any byte changed, or any byte cut off or added [S13]', () => {
    const bytes = Buffer.from(sealer.seal('readable-token', 'kw_secret', 'id'), 'base64url');
    const open = (changed: Uint8Array) =>
      sealer.open('readable-token', Buffer.from(changed).toString('base64url'), 'id');
    expect(open(bytes)).toBe('kw_secret');
    for (let at = 0; at < bytes.length; at += 1) {
      for (let bit = 0; bit < 8; bit += 1) {
        expect(open(bytes.map((byte, i) => (i === at ? byte ^ (1 << bit) : byte)))).toBeNull();
      }
      expect(open(bytes.subarray(0, at))).toBeNull();
      expect(open(bytes.subarray(at + 1))).toBeNull();
      expect(open(Buffer.concat([bytes, bytes.subarray(at)]))).toBeNull();
    }
  });

  it('answers null for any text at all, and never throws', () => {
    fc.assert(
      fc.property(
        fc.oneof(
          text,
          fc.base64String(),
          fc.uint8Array({ maxLength: 80 }).map((one) => Buffer.from(one).toString('base64url')),
        ),
        (junk) => {
          for (const purpose of purposes) expect(sealer.open(purpose, junk)).toBeNull();
          expect(sealer.openAccessToken(junk)).toBeNull();
          expect(sealer.openAccessToken(`AT1${junk}`)).toBeNull();
          expect(sealer.checkMac('cursor', 'x', junk)).toBe(false);
        },
      ),
      { numRuns: 2_000 },
    );
  });

  it('accepts one spelling of a sealed token: 1 of 64 last characters, no padding, no other alphabet [S32]', () => {
    for (const json of ['{}', '{"a":1}', '{"ab":1}']) {
      const token = sealer.sealAccessToken(json);
      const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_';
      const accepted = [...alphabet].filter((last) => sealer.openAccessToken(token.slice(0, -1) + last) !== null);
      expect(accepted).toEqual([token.at(-1)]);
      for (const other of [
        `${token}=`,
        `${token}\n`,
        ` ${token}`,
        token.replace('AT1', 'at1'),
        token.slice(3),
        `${token.slice(0, 9)} ${token.slice(9)}`,
      ]) {
        expect(sealer.openAccessToken(other)).toBeNull();
      }
    }
    expect(sealer.openAccessToken(sealer.sealAccessToken('x'.repeat(8_000)))).toBeNull();
  });

  it('never seals the same text twice alike', () => {
    expect(new Set(Array.from({ length: 10_000 }, () => sealer.sealAccessToken('{}'))).size).toBe(10_000);
  });

  it('opens values of an old key during the overlap, seals with the new one, and fails both once a key is gone [S17]', () => {
    const before = sealerOf(oldKey);
    const during = sealerOf(newKey, oldKey);
    const after = sealerOf(newKey);
    const old = before.seal('signing-key', 'key', 'kid');
    const fresh = during.seal('signing-key', 'key', 'kid');
    expect([before, during, after].map((one) => one.open('signing-key', old, 'kid'))).toEqual(['key', 'key', null]);
    expect([before, during, after].map((one) => one.open('signing-key', fresh, 'kid'))).toEqual([null, 'key', 'key']);
    const mac = before.mac('cursor', 'c');
    expect([before, during, after].map((one) => one.checkMac('cursor', 'c', mac))).toEqual([true, true, false]);
  });

  it('does not open under another secret with the same key id', () => {
    const [id] = /[0-9a-f]{8}(?=:)/.exec(newKey) ?? [];
    const impostor = sealerOf(generateSealingKeys().replace(/[0-9a-f]{8}(?=:)/, String(id)));
    expect(impostor.openAccessToken(sealer.sealAccessToken('{}'))).toBeNull();
  });

  it('vouches for exactly one text, and refuses a tampered cursor [S82]', () => {
    fc.assert(
      fc.property(text, text, (one, other) => {
        expect(sealer.checkMac('cursor', one, sealer.mac('cursor', one))).toBe(true);
        expect(sealer.checkMac('cursor', other, sealer.mac('cursor', one))).toBe(other === one);
      }),
    );
    const mac = sealer.mac('cursor', 'c');
    for (const other of ['', mac.slice(1), `${mac}A`, `${mac}=`, mac.toLowerCase(), sealer.seal('access-token', 'c')]) {
      expect(sealer.checkMac('cursor', 'c', other)).toBe(false);
    }
  });
});

const line = (id: string, byte: number) =>
  `${id}:${Buffer.from(Array.from({ length: 32 }, (_, at) => byte + at)).toString('base64url')}`;

describe('sealing keys', () => {
  it('are read newest first, whatever separates them, comments aside', () => {
    const texts = [
      `${line('0000000a', 1)}\n${line('0000000b', 2)}`,
      `# one, two\r\n\r\n  ${line('0000000a', 1)}  # new\r\n${line('0000000b', 2)}\r\n`,
      `${line('0000000a', 1)},${line('0000000b', 2)}`,
    ];
    for (const text of texts) {
      const { current, all } = parseSealingKeys(text);
      expect(all.map((key) => key.id)).toEqual(['0000000a', '0000000b']);
      expect(current).toBe(all[0]);
    }
  });

  it('are generated as they are read, different each time', () => {
    const [one, two] = [parseSealingKeys(generateSealingKeys()), parseSealingKeys(generateSealingKeys())];
    expect(one.all).toHaveLength(1);
    expect(one.current.secret.equals(two.current.secret)).toBe(false);
  });

  it('do not show when printed [S12]', () => {
    const text = line('0000000a', 1);
    const secret = text.slice(9);
    const keys = parseSealingKeys(text);
    for (const shown of [inspect(keys, { depth: 9 }), JSON.stringify(keys)]) {
      expect(shown).not.toContain(secret);
      expect(shown).not.toContain(Buffer.from(secret, 'base64url').toString('hex').slice(0, 16));
    }
  });

  it.each([
    ['nothing', '', 'There is no sealing key'],
    ['comments alone', '# none\n', 'There is no sealing key'],
    ['an id in capitals', line('0000000A', 1), 'Line 1'],
    ['a short id', line('00000a', 1), 'Line 1'],
    ['a short secret', line('0000000a', 1).slice(0, -1), 'Line 1'],
    ['a long secret', `${line('0000000a', 1)}A`, 'Line 1'],
    ['padding', `${line('0000000a', 1)}=`, 'Line 1'],
    ['another spelling of the last character', `${line('0000000a', 1).slice(0, -1)}B`, 'Line 1'],
    ['a key of zeros', `0000000a:${'A'.repeat(43)}`, 'Line 1 of the sealing keys is not a random key'],
    ['an id twice', `${line('0000000a', 1)}\n${line('0000000a', 2)}`, 'Line 2 of the sealing keys repeats'],
    ['a secret twice', `${line('0000000a', 1)}\n\n${line('0000000b', 1)}`, 'Line 3 of the sealing keys repeats'],
    ['prose', `${line('0000000a', 1)}\nplease insert key`, 'Line 2'],
  ])('refuse %s and say where, without the secret [S124]', (_what, text, words) => {
    const refusal = (() => {
      try {
        parseSealingKeys(text);
        return 'no refusal';
      } catch (error) {
        return String(error);
      }
    })();
    expect(refusal).toContain(words);
    expect(refusal).not.toMatch(/AQIDBAUG|AgMEBQYH|AAAAAAAA|please/);
  });
});
