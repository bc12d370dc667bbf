// The public key that a DPoP proof brings in its header (RFC 9449 section 4.2): which keys count, what each is called, and
// whether it made a signature. It trusts no key: that one is expected is asked elsewhere.

import { constants, createHash, createPublicKey, type JsonWebKey, type KeyObject, verify } from 'node:crypto';

/** Asymmetric ones alone, as `dpop_signing_alg_values_supported` names them. */
export const proofAlgorithms = ['ES256', 'ES384', 'EdDSA', 'Ed25519', 'PS256', 'RS256'] as const;

export type ProofAlgorithm = (typeof proofAlgorithms)[number];

export interface ProofKey {
  algorithm: ProofAlgorithm;
  publicKey: KeyObject;
  /** RFC 7638, with SHA-256, in base64url: 43 characters. */
  thumbprint: string;
}

/**
 * The key of a JWK, if it is a public one, alone and in its one spelling, and of the algorithm's kind. Null otherwise, for
 * keys of odd sizes too. Never throws.
 */
export function proofKeyIn(jwk: unknown, algorithm: ProofAlgorithm): ProofKey | null {
  if (typeof jwk !== 'object' || jwk === null) return null;
  const given = jwk as Record<string, unknown>;
  const { kty, crv, members } = kinds[algorithm];
  if (given.kty !== kty || given.crv !== crv || privateMembers.some((name) => name in given)) return null;
  // In the order of their names, as a thumbprint is made of them.
  const needed = Object.fromEntries(members.map((name) => [name, given[name]]));
  if (!Object.values(needed).every((value) => typeof value === 'string')) return null;
  try {
    const publicKey = createPublicKey({ key: needed as JsonWebKey, format: 'jwk' });
    const own = publicKey.export({ format: 'jwk' });
    if (!members.every((name) => own[name as keyof typeof own] === needed[name])) return null;
    if (kty === 'RSA' && !isUsualRsa(publicKey)) return null;
    const thumbprint = createHash('sha256').update(JSON.stringify(needed)).digest('base64url');
    return { algorithm, publicKey, thumbprint };
  } catch {
    return null;
  }
}

/** Whether the key made this signature of `input`. Never throws. */
export function isSignedBy({ algorithm, publicKey: key }: ProofKey, input: Buffer, signature: Buffer): boolean {
  const { hash, options } = kinds[algorithm];
  try {
    return verify(hash, input, { key, ...options }, signature);
  } catch {
    return false;
  }
}

/** Of any kind of key (RFC 7518 section 6). */
const privateMembers = ['d', 'p', 'q', 'dp', 'dq', 'qi', 'oth', 'k'];

const ieee = { dsaEncoding: 'ieee-p1363' } as const;
const pss = { padding: constants.RSA_PKCS1_PSS_PADDING, saltLength: constants.RSA_PSS_SALTLEN_DIGEST };

interface Kind {
  kty: 'EC' | 'OKP' | 'RSA';
  crv: string | undefined;
  members: readonly string[];
  hash: string | null;
  options: object;
}

const curve = (crv: string, hash: string): Kind => ({
  kty: 'EC',
  crv,
  members: ['crv', 'kty', 'x', 'y'],
  hash,
  options: ieee,
});
const rsa = (options: object): Kind => ({
  kty: 'RSA',
  crv: undefined,
  members: ['e', 'kty', 'n'],
  hash: 'sha256',
  options,
});
const edwards: Kind = { kty: 'OKP', crv: 'Ed25519', members: ['crv', 'kty', 'x'], hash: null, options: {} };

const kinds: Readonly<Record<ProofAlgorithm, Kind>> = {
  ES256: curve('P-256', 'sha256'),
  ES384: curve('P-384', 'sha384'),
  EdDSA: edwards,
  Ed25519: edwards,
  PS256: rsa(pss),
  RS256: rsa({}),
};

/** A larger one would be our work, a smaller one, or another exponent, nobody's security. */
function isUsualRsa({ asymmetricKeyDetails }: KeyObject): boolean {
  const { modulusLength = 0, publicExponent } = asymmetricKeyDetails ?? {};
  return modulusLength >= 2048 && modulusLength <= 4096 && publicExponent === 65_537n;
}
