// Keys and tokens for the tests of JWS, and tokens that say anything at all under a good signature.

import { generateKeyPairSync, type KeyObject, sign } from 'node:crypto';
import { expect } from 'vitest';
import { type JwsAlgorithm, type JwsHeader, signCompact, type VerificationKey, verifyCompact } from './jws.ts';

export const pairs = {
  RS256: generateKeyPairSync('rsa', { modulusLength: 2048 }),
  ES256: generateKeyPairSync('ec', { namedCurve: 'P-256' }),
  EdDSA: generateKeyPairSync('ed25519'),
};
export const algorithms: JwsAlgorithm[] = ['RS256', 'ES256', 'EdDSA'];
export const profiles = {
  RS256: { typ: 'JWT', kid: 'rs-key_1' },
  ES256: { typ: 'at+jwt', kid: 'es-key_1' },
  EdDSA: { typ: 'at+jwt', kid: 'ed-key_1' },
};
export const headerOf = (alg: JwsAlgorithm): JwsHeader => ({ alg, ...profiles[alg] });
export const keys = new Map<string, VerificationKey>(
  algorithms.map((algorithm) => [
    profiles[algorithm].kid,
    { ...profiles[algorithm], algorithm, publicKey: pairs[algorithm].publicKey },
  ]),
);
export const findKey = (kid: string): VerificationKey | undefined => keys.get(kid);
export const check = (compact: string) => verifyCompact(compact, findKey);

export const segment = (value: string | object): string =>
  Buffer.from(typeof value === 'string' ? value : JSON.stringify(value)).toString('base64url');
export const claims = { iss: 'https://kw.example', aud: 'api', sub: 'u1', iat: 1_800_000_000, exp: 1_800_003_600 };
export const good = {
  RS256: signCompact(headerOf('RS256'), claims, pairs.RS256.privateKey),
  ES256: signCompact(headerOf('ES256'), claims, pairs.ES256.privateKey),
  EdDSA: signCompact(headerOf('EdDSA'), claims, pairs.EdDSA.privateKey),
};

/** A token whose header and payload say anything at all, with a good signature of the key that `kid` names. */
export function forge(header: string | object, payload: string | object = claims, alg: JwsAlgorithm = 'RS256'): string {
  const honest = signCompact(headerOf(alg), 'x', pairs[alg].privateKey);
  expect(honest.split('.')).toHaveLength(3);
  const input = `${segment(header)}.${segment(payload)}`;
  return `${input}.${signatureOf(input, alg)}`;
}

export function signatureOf(input: string, alg: JwsAlgorithm): string {
  const { privateKey } = pairs[alg];
  return signRaw(input, privateKey).toString('base64url');
}

export function signRaw(input: string, key: KeyObject): Buffer {
  const hash = key.asymmetricKeyType === 'ed25519' ? null : 'sha256';
  return sign(hash, Buffer.from(input), { key, dsaEncoding: 'ieee-p1363' });
}
