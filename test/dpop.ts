// A client that holds a key and proves it (RFC 9449), as its section 4.2 says, on node:crypto alone. For tests only; attacks
// change what a proof says.

import { createHash, generateKeyPairSync, type JsonWebKey, type KeyObject, randomUUID, sign } from 'node:crypto';

export interface KeyHolder {
  privateKey: KeyObject;
  publicJwk: JsonWebKey;
  /** Of the public key (RFC 7638). */
  thumbprint: string;
}

export function keyHolder(): KeyHolder {
  const { publicKey, privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const { crv, kty, x, y } = publicKey.export({ format: 'jwk' });
  const thumbprint = createHash('sha256').update(JSON.stringify({ crv, kty, x, y })).digest('base64url');
  return { privateKey, publicJwk: { kty, crv, x, y } as JsonWebKey, thumbprint };
}

/** What a proof says. A member that is undefined is left out. */
export interface ProofParts {
  method: string;
  url: string;
  nonce?: string | undefined;
  accessToken?: string | undefined;
  /** In place of what it would say, or beside it. */
  header?: Record<string, unknown>;
  claims?: Record<string, unknown>;
  /** Milliseconds since the epoch. */
  now?: number;
}

export function proofBy(
  { privateKey, publicJwk }: KeyHolder,
  { method, url, nonce, accessToken, header = {}, claims = {}, now = Date.now() }: ProofParts,
): string {
  const ath = accessToken && createHash('sha256').update(accessToken).digest('base64url');
  const head = { typ: 'dpop+jwt', alg: 'ES256', jwk: publicJwk, ...header };
  const body = { jti: randomUUID(), htm: method, htu: url, iat: Math.floor(now / 1000), nonce, ath, ...claims };
  const input = `${encoded(head)}.${encoded(body)}`;
  const signature = sign('sha256', Buffer.from(input), { key: privateKey, dsaEncoding: 'ieee-p1363' });
  return `${input}.${signature.toString('base64url')}`;
}

function encoded(value: object): string {
  return Buffer.from(JSON.stringify(value)).toString('base64url');
}
