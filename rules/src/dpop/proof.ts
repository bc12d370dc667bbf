// A DPoP proof as it is written (RFC 9449 section 4.2): a compact JWS with its own public key in the header. Which call it
// is for, and whether it was used before, is asked in proofs.ts.

import { isAscii } from '../ascii.ts';
import { parseStrictObject } from '../strict-json.ts';
import { isSignedBy, type ProofAlgorithm, type ProofKey, proofAlgorithms, proofKeyIn } from './proof-key.ts';

export interface Proof {
  key: ProofKey;
  jti: string;
  htm: string;
  htu: string;
  /** Seconds since the epoch. */
  iat: number;
  ath: string | null;
  nonce: string | null;
  /** Asked last, since it costs most. */
  isSigned(): boolean;
}

/** The longest proof that is looked at, in characters: one with an RSA key of 4096 bits has some 2,000. */
export const longestProof = 4096;

/** What is well formed, of a key and an algorithm that count; null otherwise. Never throws. */
export function readProof(text: string): Proof | null {
  if (text.length > longestProof || !isAscii(text)) return null;
  const [head = '', body = '', mac = '', ...others] = text.split('.');
  const [key, claims, signature] = [keysSeen.get(head) ?? keyIn(head), objectIn(body), bytesIn(mac)];
  if (others.length > 0 || key === null || claims === undefined || signature === null) return null;
  const { jti, htm, htu, iat, ath = null, nonce = null } = claims;
  if (typeof jti !== 'string' || jti === '' || typeof htm !== 'string') return null;
  if (typeof htu !== 'string' || typeof iat !== 'number') return null;
  if ((ath !== null && typeof ath !== 'string') || (nonce !== null && typeof nonce !== 'string')) return null;
  const isSigned = () => {
    const isGood = isSignedBy(key, Buffer.from(`${head}.${body}`, 'latin1'), signature);
    if (isGood) keep(head, key);
    return isGood;
  };
  return { key, jti, htm, htu, iat, ath, nonce, isSigned };
}

/** By headers whose proof had a good signature: clients write the same one each time, and to read a key costs as much as to use it. */
const keysSeen = new Map<string, ProofKey>();
const mostKeys = 1000;

function keep(head: string, key: ProofKey): void {
  if (keysSeen.has(head)) return;
  if (keysSeen.size >= mostKeys) keysSeen.clear();
  // A part of a text keeps all of it in memory.
  keysSeen.set(Buffer.from(head).toString(), key);
}

function keyIn(head: string): ProofKey | null {
  const header = objectIn(head);
  if (header === undefined) return null;
  const { typ, alg, jwk } = header;
  if (typ !== 'dpop+jwt' || !isProofAlgorithm(alg) || 'crit' in header || 'b64' in header) return null;
  return proofKeyIn(jwk, alg);
}

function isProofAlgorithm(alg: unknown): alg is ProofAlgorithm {
  return proofAlgorithms.some((one) => one === alg);
}

function objectIn(segment: string): Record<string, unknown> | undefined {
  const bytes = bytesIn(segment);
  return bytes === null ? undefined : parseStrictObject(bytes);
}

/** In its one spelling (RFC 4648 section 3.5); null for any other. */
function bytesIn(segment: string): Buffer | null {
  const bytes = Buffer.from(segment, 'base64url');
  return segment !== '' && bytes.toString('base64url') === segment ? bytes : null;
}
