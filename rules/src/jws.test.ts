// Compact JWS with jose as the oracle: what one signs the other accepts; and that a token has one spelling.

import fc from 'fast-check';
import { CompactSign, compactVerify } from 'jose';
import { describe, expect, it } from 'vitest';
import { algorithms, check, good, headerOf, keys, pairs, profiles, segment, signatureOf } from './jws.test-support.ts';
import { signCompact } from './jws.ts';
import { lowByteTwinsOf, neighboursOf } from './low-byte-twins.test-support.ts';

describe.each(algorithms)('compact JWS with %s', (alg) => {
  const { privateKey, publicKey } = pairs[alg];

  it('signs what jose accepts, with the header and the claims byte for byte as given', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.dictionary(fc.string({ unit: 'grapheme' }), fc.jsonValue({ maxDepth: 2 })),
        async (payload) => {
          const text = JSON.stringify(payload);
          for (const given of [text, payload]) {
            const compact = signCompact(headerOf(alg), given, privateKey);
            const { payload: bytes } = await compactVerify(compact, publicKey, { algorithms: [alg] });
            expect(new TextDecoder().decode(bytes)).toBe(text);
            const header = Buffer.from(compact.split('.')[0] ?? '', 'base64url').toString();
            expect(header).toBe(`{"alg":"${alg}","typ":"${profiles[alg].typ}","kid":"${profiles[alg].kid}"}`);
          }
        },
      ),
      { numRuns: alg === 'RS256' ? 100 : 600 },
    );
  });

  it('accepts what jose signs and gives the claims in their order', async () => {
    await fc.assert(
      fc.asyncProperty(fc.dictionary(fc.stringMatching(/^[a-z]{1,8}$/), fc.integer()), async (payload) => {
        const text = JSON.stringify(payload);
        const signer = new CompactSign(new TextEncoder().encode(text)).setProtectedHeader({ ...headerOf(alg) });
        const verified = check(await signer.sign(privateKey));
        if (verified.failure) throw new Error(verified.failure);
        expect(JSON.stringify(verified.claims)).toBe(text);
        expect(verified.key).toBe(keys.get(profiles[alg].kid));
      }),
      { numRuns: alg === 'RS256' ? 100 : 600 },
    );
  });

  it('refuses a token with any one byte, character or segment changed, and never throws', () => {
    const token = good[alg];
    const anywhere = fc.nat({ max: token.length - 1 });
    const other = fc.constantFrom(...'ABCXYZabcxyz0189-_.=+/ \n\0é\ud83d');
    let tried = 0;
    fc.assert(
      fc.property(anywhere, other, fc.constantFrom(0, 1, 2), (at, piece, cut) => {
        const mutant = token.slice(0, at) + piece + token.slice(at + cut);
        fc.pre(mutant !== token);
        tried += 1;
        expect(check(mutant).failure).toBeDefined();
      }),
      { numRuns: 2_000 },
    );
    expect(tried).toBeGreaterThan(1_500);
  });

  it('accepts exactly one of the 64 last characters of each segment [S32]', () => {
    const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_';
    const parts = good[alg].split('.');
    for (const index of parts.keys()) {
      const accepted = [...alphabet].filter((last) => {
        const variant = parts.map((part, i) => (i === index ? part.slice(0, -1) + last : part)).join('.');
        return check(variant).failure === undefined;
      });
      expect(accepted).toEqual([parts[index]?.at(-1)]);
    }
  });

  it('accepts no text whose characters have the low bytes of a token [S32] [S14]', () => {
    for (const twin of neighboursOf(good[alg])) expect(check(twin)).toEqual({ failure: 'malformed' });
    fc.assert(
      fc.property(lowByteTwinsOf(good[alg]), (twin) => {
        expect(check(twin)).toEqual({ failure: 'malformed' });
      }),
      { numRuns: 2_000 },
    );
  });

  it('takes a segment only as its bytes are encoded, even under a good signature [S32]', () => {
    const letter = fc.constantFrom(...'ABEQgwxyz019-_');
    const strange = fc.constantFrom(...'+/= \n\t.\0é\u0100\u0141\u042d\ud83d');
    const spelled = fc.oneof(
      fc.string({ unit: letter, maxLength: 12 }),
      fc.string({ unit: fc.oneof({ weight: 9, arbitrary: letter }, { weight: 1, arbitrary: strange }), maxLength: 12 }),
      fc.uint8Array({ maxLength: 12 }).map((bytes) => Buffer.from(bytes).toString('base64url')),
    );
    const tried = { taken: 0, refused: 0 };
    fc.assert(
      fc.property(spelled, (payload) => {
        const input = `${segment(headerOf(alg))}.${payload}`;
        const isSpelledSo = Buffer.from(payload, 'base64url').toString('base64url') === payload;
        tried[isSpelledSo ? 'taken' : 'refused'] += 1;
        const expected = isSpelledSo ? 'malformed_claims' : 'malformed';
        expect(check(`${input}.${signatureOf(input, alg)}`).failure).toBe(expected);
      }),
      { numRuns: 1_000 },
    );
    expect(Math.min(tried.taken, tried.refused)).toBeGreaterThan(100);
  });

  it('refuses a signature of the wrong length, or one that is all zeros or all ones', () => {
    const input = good[alg].slice(0, good[alg].lastIndexOf('.'));
    for (const length of [0, 1, 32, 63, 64, 65, 70, 255, 256, 257]) {
      for (const byte of [0, 1, 0xff]) {
        const signature = Buffer.alloc(length, byte).toString('base64url');
        expect(check(`${input}.${signature}`)).toEqual({ failure: 'bad_signature' });
      }
    }
  });
});
