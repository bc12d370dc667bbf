// JWTs that others signed (RFC 7519), as compact JWS: taken apart, and their signature checked with a key that was chosen for them. What
// they claim is judged elsewhere.

import { constants, verify } from 'node:crypto';
import { maxCompactLength } from '@keyward/rules/jws';
import { parseStrictObject } from '@keyward/rules/strict-json';
import { type AssertionAlgorithm, assertionAlgorithms, type PublicKey } from './public-keys.ts';

export interface OutsideJwt {
  alg: AssertionAlgorithm;
  kid: string | undefined;
  /** Nothing of it is known to be true until the signature was checked. */
  claims: Readonly<Record<string, unknown>>;
  /** What is signed. A signature can be spelled in several ways; this cannot. */
  signingInput: string;
  signature: Buffer;
}

/** The parts of a JWT; null for what is none, is encrypted, or is signed in another way than those that are taken. */
export function readOutsideJwt(text: string): OutsideJwt | null {
  if (text.length > maxCompactLength || !/^[\w-]+\.[\w-]+\.[\w-]+$/.test(text)) return null;
  const [head = '', payload = '', signature = ''] = text.split('.');
  const header = parseStrictObject(Buffer.from(head, 'base64url'));
  const claims = parseStrictObject(Buffer.from(payload, 'base64url'));
  if (header === undefined || claims === undefined) return null;
  const { alg: named, kid, crit, b64, zip, enc } = header;
  const alg = assertionAlgorithms.find((one) => one === named);
  // Extensions that must be understood (RFC 7515 section 4.1.11) are not.
  if (alg === undefined || [crit, b64, zip, enc].some((one) => one !== undefined)) return null;
  if (kid !== undefined && typeof kid !== 'string') return null;
  return { alg, kid, claims, signingInput: `${head}.${payload}`, signature: Buffer.from(signature, 'base64url') };
}

/** Whether the key made the signature. */
export function isSignedBy({ alg, signingInput, signature }: OutsideJwt, { key, algorithms }: PublicKey): boolean {
  if (!algorithms.includes(alg)) return false;
  const input = Buffer.from(signingInput, 'latin1');
  try {
    switch (alg) {
      case 'RS256':
        return verify('sha256', input, key, signature);
      case 'PS256': {
        const padding = constants.RSA_PKCS1_PSS_PADDING;
        return verify('sha256', input, { key, padding, saltLength: constants.RSA_PSS_SALTLEN_DIGEST }, signature);
      }
      case 'ES256':
        return signature.length === 64 && verify('sha256', input, { key, dsaEncoding: 'ieee-p1363' }, signature);
      case 'ES384':
        return signature.length === 96 && verify('sha384', input, { key, dsaEncoding: 'ieee-p1363' }, signature);
      default:
        return verify(null, input, key, signature);
    }
  } catch {
    return false;
  }
}
