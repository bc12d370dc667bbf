// The cheap look at a credential agrees with what the server makes.

import fc from 'fast-check';
import { expect, test } from 'vitest';
import { lowByteTwinsOf, neighboursOf } from '../../../rules/src/low-byte-twins.test-support.ts';
import { createSealer, generateSealingKeys, parseSealingKeys } from '../../../server/src/core/sealer.ts';
import { generateApiToken, looksLikeApiToken, newId } from '../../../server/src/core/secret.ts';
import { formOf } from './credential-form.ts';

test('knows every API token that the server makes, and no other by a typo [S10]', () => {
  for (let n = 0; n < 2000; n += 1) {
    const token = generateApiToken(newId());
    expect(formOf(token)).toBe('api_token');
    const at = Math.floor(Math.random() * token.length);
    const typo = token.slice(0, at) + (token[at] === 'a' ? 'b' : 'a') + token.slice(at + 1);
    expect(formOf(typo)).toBeNull();
  }
});

test('says of any text what the server says', () => {
  const near = fc.stringMatching(/^kw_[0-9A-Za-z]{22}_[0-9A-Za-z]{36}$/);
  fc.assert(
    fc.property(
      fc.oneof(
        fc.string(),
        near,
        fc.string().map((text) => `kw_${text}`),
      ),
      (text) => {
        expect(formOf(text) === 'api_token').toBe(looksLikeApiToken(text));
      },
    ),
  );
});

test('knows sealed tokens and JWTs by how they begin, up to the longest that is looked at', () => {
  const sealer = createSealer(parseSealingKeys(generateSealingKeys()));
  expect(formOf(sealer.sealAccessToken('{}'))).toBe('sealed');
  expect(formOf(`AT1${'A'.repeat(8189)}`)).toBe('sealed');
  expect(formOf(`AT1${'A'.repeat(8190)}`)).toBeNull();
  expect(formOf('AT1 not base64url')).toBeNull();
  expect(formOf(`ey${'A'.repeat(8190)}`)).toBe('jwt');
  expect(formOf(`ey${'A'.repeat(8191)}`)).toBeNull();
  expect(formOf('')).toBeNull();
});

test('takes nothing for a credential that only has the low bytes of one [S14] [S32]', () => {
  const sealer = createSealer(parseSealingKeys(generateSealingKeys()));
  const jwt = `ey${Buffer.from('{"alg":"ES256"}').toString('base64url')}.${'a'.repeat(40)}.${'b'.repeat(86)}`;
  for (const text of [generateApiToken(newId()), sealer.sealAccessToken('{}'), jwt]) {
    expect(formOf(text)).not.toBeNull();
    for (const twin of neighboursOf(text)) expect(formOf(twin)).toBeNull();
    fc.assert(
      fc.property(lowByteTwinsOf(text), (twin) => {
        expect(formOf(twin)).toBeNull();
      }),
    );
  }
});
