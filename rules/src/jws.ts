// JWTs as compact JWS (RFC 7515 section 7.1): signing, checking, and the claims that every token must have right.
// Made for one issuer's own tokens: no algorithm but ES256, RS256 and EdDSA, no header member but alg, typ and kid, no other
// serialisation, no encryption. It fetches nothing, knows no revocation, and leaves all other claims to the caller.

import { type KeyObject, sign, verify } from 'node:crypto';
import { isAscii } from './ascii.ts';
import { parseOwnObject, parseStrictObject } from './strict-json.ts';

export const jwsAlgorithms = ['ES256', 'RS256', 'EdDSA'] as const;

/** EdDSA is that of Ed25519 alone (RFC 8037). */
export type JwsAlgorithm = (typeof jwsAlgorithms)[number];

export interface JwsHeader {
  alg: JwsAlgorithm;
  typ: string;
  kid: string;
}

/** A key that may check signatures, and all that it may be used for. Callers add members of their own. */
export interface VerificationKey {
  kid: string;
  algorithm: JwsAlgorithm;
  /** The only `typ` that this key's tokens carry; exact, case counts. */
  typ: string;
  publicKey: KeyObject;
}

/** The signature is good and the claims are strict JSON. Nothing is yet said about issuer, audience or time. */
export interface Verified<Key extends VerificationKey> {
  failure?: undefined;
  key: Key;
  claims: Record<string, unknown>;
}

/** For logs and tests: to whoever presented the token all of them are one. */
export type JwsFailure = 'malformed' | 'refused_header' | 'unknown_key' | 'bad_signature' | 'malformed_claims';

/** The longest compact JWS that is looked at, in characters. */
export const maxCompactLength = 8192;

const kidShape = /^[A-Za-z0-9_-]{1,64}$/;

/**
 * Signs `payload` (JSON text as it is, or an object, members in their order) under `header`, written as given.
 * Returns the compact JWS. Throws on a programmer's error: a key that does not fit `header.alg`.
 */
export function signCompact(header: JwsHeader, payload: string | object, privateKey: KeyObject): string {
  if (!fits(header.alg, privateKey)) throw new Error(`This key cannot sign ${header.alg}.`);
  const text = typeof payload === 'string' ? payload : JSON.stringify(payload);
  const input = `${encode(JSON.stringify(header))}.${encode(text)}`;
  const signature = sign(digests[header.alg], Buffer.from(input, 'latin1'), privateKey);
  return `${input}.${(header.alg === 'ES256' ? fromDer(signature) : signature).toString('base64url')}`;
}

/**
 * Checks a compact JWS. `findKey` must be no more than a lookup in memory; it is asked once, and only with a kid of
 * 1 to 64 characters `A-Z a-z 0-9 _ -`. The algorithm is the key record's, never the header's (RFC 8725 section 3.1).
 * Exactly one spelling of a token passes: it is ASCII, and each segment the base64url that its bytes encode to.
 * Never throws on hostile input.
 */
export function verifyCompact<Key extends VerificationKey>(
  compact: string,
  findKey: (kid: string) => Key | undefined,
): Verified<Key> | { failure: JwsFailure } {
  if (compact.length > maxCompactLength || !isAscii(compact) || compact.includes('+') || compact.includes('/')) {
    return { failure: 'malformed' };
  }
  const asLatest = latest !== null && compact.startsWith(latest.opening) ? latest : null;
  const firstDot = asLatest === null ? compact.indexOf('.') : asLatest.opening.length - 1;
  const lastDot = compact.indexOf('.', firstDot + 1);
  if (firstDot < 0 || lastDot < 0 || compact.includes('.', lastDot + 1)) return { failure: 'malformed' };
  const seen = asLatest ?? seenHeaders.get(compact.slice(0, firstDot));
  const header = seen?.header ?? readHeader(compact.slice(0, firstDot));
  if (typeof header === 'string') return { failure: header };
  const key = findKey(header.kid);
  if (key?.kid !== header.kid) return { failure: 'unknown_key' };
  if (header.alg !== key.algorithm || header.typ !== key.typ) return { failure: 'refused_header' };
  const payload = decode(compact.slice(firstDot + 1, lastDot), room.payload);
  const signature = decode(compact.slice(lastDot + 1), room.signature);
  if (!payload || !signature) return { failure: 'malformed' };
  const length = room.input.write(compact.slice(0, lastDot), 'latin1');
  if (!isSignature(key, room.input.subarray(0, length), signature)) return { failure: 'bad_signature' };
  latest = seen ?? remember(compact.slice(0, firstDot), header);

  const claims = parseOwnObject(payload);
  return claims ? { key, claims } : { failure: 'malformed_claims' };
}

export interface ClaimRules {
  issuer: string;
  audience: string;
  /** Milliseconds since the epoch. */
  now: number;
  /** Tolerated difference between clocks, the same for every time claim. None by default. */
  leewayMs?: number;
  /** The longest `exp - iat` that is believed, whoever signed it. */
  maxLifetimeMs: number;
}

export type ClaimsVerdict = 'ok' | 'expired' | 'not_yet_valid' | 'wrong_issuer' | 'wrong_audience' | 'malformed';

/**
 * Checks `iss`, `aud`, `iat`, `nbf` and `exp` (RFC 7519 section 4.1); all but `nbf` must be there. `iss` is exact,
 * `aud` is the audience or an array of strings that holds it. Times are whole seconds within the years to 9999, so
 * milliseconds in place of seconds are malformed, as is a longer life than `maxLifetimeMs`.
 */
export function checkClaims(claims: Readonly<Record<string, unknown>>, rules: ClaimRules): ClaimsVerdict {
  const { iss, aud, iat, nbf, exp } = claims;
  if (typeof iss !== 'string' || !isAudience(aud) || !isTime(iat) || !isTime(exp)) return 'malformed';
  if (nbf !== undefined && !isTime(nbf)) return 'malformed';
  if (exp <= iat || (exp - iat) * 1000 > rules.maxLifetimeMs) return 'malformed';

  if (iss !== rules.issuer) return 'wrong_issuer';
  if (typeof aud === 'string' ? aud !== rules.audience : !aud.includes(rules.audience)) return 'wrong_audience';
  const leewayMs = rules.leewayMs ?? 0;
  if (Math.max(iat, nbf ?? iat) * 1000 > rules.now + leewayMs) return 'not_yet_valid';
  return exp * 1000 + leewayMs > rules.now ? 'ok' : 'expired';
}

function fits(algorithm: JwsAlgorithm, key: KeyObject): boolean {
  return key.asymmetricKeyType === keyTypes[algorithm];
}

const keyTypes = { ES256: 'ec', RS256: 'rsa', EdDSA: 'ed25519' } as const;

/** Ed25519 takes the text as it is. */
const digests = { ES256: 'sha256', RS256: 'sha256', EdDSA: null } as const;

function encode(text: string): string {
  return Buffer.from(text, 'utf8').toString('base64url');
}

/** Where a token is taken apart: buffers for each would cost as much as all else but the signature. */
const room = {
  input: Buffer.allocUnsafeSlow(maxCompactLength),
  header: Buffer.allocUnsafeSlow(maxCompactLength),
  payload: Buffer.allocUnsafeSlow(maxCompactLength),
  signature: Buffer.allocUnsafeSlow(maxCompactLength),
};

/**
 * The bytes of a base64url segment without `+` and `/`, in `target`, or undefined if another spelling than theirs was used
 * (RFC 4648 section 3.5). Node passes over whatever it cannot read, so then there are too few bytes for the characters.
 */
function decode(segment: string, target: Buffer): Buffer | undefined {
  const length = target.write(segment, 'base64url');
  const bits = 6 * segment.length;
  const unused = bits - 8 * length;
  if (unused > 4 || (unused > 0 && !lastLetters[unused]?.includes(segment.charAt(segment.length - 1))))
    return undefined;
  return target.subarray(0, length);
}

/** The letters that a segment may end with, by how many of their low bits stand for nothing and so must be 0. */
const lastLetters: Readonly<Record<number, string>> = { 2: 'AEIMQUYcgkosw048', 4: 'AQgw' };

/** A header as it was found: nothing is known of its alg and typ until they equal the key record's. */
interface ReadHeader {
  alg: unknown;
  typ: unknown;
  kid: string;
}

/** Refuses every member that we never write: jwk, jku, x5u, x5c, crit, b64, enc, zip, cty, … */
function readHeader(segment: string): ReadHeader | 'malformed' | 'refused_header' {
  const bytes = decode(segment, room.header);
  const header = bytes && parseStrictObject(bytes);
  if (!header) return 'malformed';
  const { alg, typ, kid, ...others } = header;
  if (typeof kid !== 'string' || !kidShape.test(kid) || Object.keys(others).length > 0) return 'refused_header';
  return { alg, typ, kid };
}

/** A header whose token had a good signature, and how such a token begins: with its segment and a dot. */
interface SeenHeader {
  opening: string;
  header: ReadHeader;
}

/** By segment; few as there are keys, so that a flood of bad tokens cannot fill it. */
const seenHeaders = new Map<string, SeenHeader>();
/** Most tokens begin like the one before. */
let latest: SeenHeader | null = null;

function remember(segment: string, header: ReadHeader): SeenHeader {
  if (seenHeaders.size >= 64) seenHeaders.clear();
  // A slice would keep the whole token in memory.
  const opening = `${Buffer.from(segment)}.`;
  const seen = { opening, header };
  seenHeaders.set(opening.slice(0, -1), seen);
  return seen;
}

function isSignature(key: VerificationKey, input: Buffer, signature: Buffer): boolean {
  if (!fits(key.algorithm, key.publicKey) || (key.algorithm === 'ES256' && signature.length !== 64)) return false;
  const raw = key.algorithm === 'ES256' ? toDer(signature) : signature;
  return verify(digests[key.algorithm], input, key.publicKey, raw);
}

// A JWS carries r and s as 32 bytes each (RFC 7518 section 3.4), OpenSSL a DER sequence of two integers. node:crypto
// would convert (`dsaEncoding`), but asked with an options object it costs as much again as the signature itself.

function fromDer(der: Buffer): Buffer {
  const signature = Buffer.alloc(64);
  const endOfR = 4 + (der[3] ?? 0);
  for (const [from, end, target] of [
    [4, endOfR, 32],
    [endOfR + 2, der.length, 64],
  ] as const) {
    const start = Math.max(from, end - 32);
    der.copy(signature, target - (end - start), start, end);
  }
  return signature;
}

function toDer(signature: Buffer): Buffer {
  const der = Buffer.alloc(72);
  let end = 2;
  for (const at of [0, 32]) {
    let start = at;
    while (start < at + 31 && signature[start] === 0) start += 1;
    // A set top bit would make the integer negative: a zero byte goes before it.
    const pad = (signature[start] ?? 0) >> 7;
    der[end] = 0x02;
    der[end + 1] = at + 32 - start + pad;
    end += 2 + pad;
    end += signature.copy(der, end, start, at + 32);
  }
  der[0] = 0x30;
  der[1] = end - 2;
  return der.subarray(0, end);
}

function isAudience(value: unknown): value is string | readonly string[] {
  return typeof value === 'string' || (Array.isArray(value) && value.every((one) => typeof one === 'string'));
}

/** Seconds to the end of the year 9999. */
const lastSecond = 253_402_300_799;

function isTime(value: unknown): value is number {
  return typeof value === 'number' && Number.isInteger(value) && value >= 0 && value <= lastSecond;
}
