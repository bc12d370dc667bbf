// Public keys of others, as JWK sets (RFC 7517): which of them are taken, and for which algorithms. The algorithm is the key's, never
// a token's alone (RFC 8725 section 3.1).

import { createPublicKey, type KeyObject } from 'node:crypto';

/** Public keys, of the members that are needed and no others. */
export interface JwkSet {
  readonly keys: readonly Readonly<Record<string, string>>[];
}

export const assertionAlgorithms = ['RS256', 'PS256', 'ES256', 'ES384', 'EdDSA', 'Ed25519'] as const;
export type AssertionAlgorithm = (typeof assertionAlgorithms)[number];

export interface PublicKey {
  kid: string | undefined;
  algorithms: readonly AssertionAlgorithm[];
  key: KeyObject;
  /** The members that make it, and no others. */
  jwk: Readonly<Record<string, string>>;
}

/** A set has no more keys. */
export const mostKeys = 100;

/** The usable keys of a set; null for what is no set. Keys of other kinds and uses are passed over. */
export function keysIn(document: unknown): readonly PublicKey[] | null {
  const keys = jwksOf(document);
  if (keys === null || keys.length > mostKeys) return null;
  return keys.map(readKey).filter((key) => typeof key !== 'string');
}

/** The keys of a set that somebody wrote down, all of which must be usable; else what is wrong with which. */
export function pinnedKeys(document: unknown): JwkSet | { fault: string; at: (string | number)[] } {
  const keys = jwksOf(document);
  if (keys === null || keys.length === 0) return { fault: 'A JWK set has "keys", and at least one.', at: ['keys'] };
  if (keys.length > 20) return { fault: 'At most 20 keys are taken.', at: ['keys'] };
  const read = keys.map(readKey);
  const wrong = read.findIndex((key) => typeof key === 'string');
  if (wrong >= 0) return { fault: String(read[wrong]), at: ['keys', wrong] };
  const good = read.filter((key) => typeof key !== 'string');
  const kids = good.flatMap(({ kid }) => kid ?? []);
  if (new Set(kids).size < kids.length) return { fault: 'Two keys have the same kid.', at: ['keys'] };
  return { keys: good.map(({ jwk }) => jwk) };
}

/** The key that a token names, or the only one that could be meant where it names none. */
export function chooseKey(
  keys: readonly PublicKey[],
  { alg, kid }: { alg: AssertionAlgorithm; kid: string | undefined },
): PublicKey | undefined {
  const fitting = keys.filter((key) => key.algorithms.includes(alg) && (kid === undefined || key.kid === kid));
  return fitting.length === 1 ? fitting[0] : undefined;
}

function jwksOf(document: unknown): readonly unknown[] | null {
  const keys = isObject(document) ? document.keys : undefined;
  return Array.isArray(keys) ? keys : null;
}

interface Kind {
  algorithms: readonly AssertionAlgorithm[];
  members: readonly string[];
}

const rsa: Kind = { algorithms: ['RS256', 'PS256'], members: ['n', 'e'] };
const kinds: Readonly<Record<string, Kind>> = {
  'EC P-256': { algorithms: ['ES256'], members: ['crv', 'x', 'y'] },
  'EC P-384': { algorithms: ['ES384'], members: ['crv', 'x', 'y'] },
  'OKP Ed25519': { algorithms: ['EdDSA', 'Ed25519'], members: ['crv', 'x'] },
};

/** The key, or in words why it is not taken. */
function readKey(jwk: unknown): PublicKey | string {
  if (!isObject(jwk)) return 'A key is an object.';
  const { kty, crv, kid, alg, use, key_ops: operations } = jwk;
  if (['d', 'p', 'q', 'dp', 'dq', 'qi', 'k'].some((member) => member in jwk)) {
    return 'This key is a private or a shared one. Send its public part alone, and make a new one: this one was shown.';
  }
  const kind = kty === 'RSA' ? rsa : kinds[`${kty} ${crv}`];
  if (kind === undefined) return otherKind;
  if (use !== undefined && use !== 'sig') return 'This key is not for signatures.';
  if (Array.isArray(operations) && !operations.includes('verify')) return 'This key is not for checking signatures.';
  const algorithms = kind.algorithms.filter((one) => alg === undefined || alg === one);
  if (algorithms.length === 0) return `This key is for an algorithm that is not taken. Taken are ${taken}.`;
  if (kid !== undefined && !isText(kid, 256)) return 'A kid is a text of 1 to 256 characters.';
  if (!kind.members.every((member) => isText(jwk[member], 1400))) return 'A member of this key is missing.';
  const named = ['kid', 'alg', 'use'].filter((member) => jwk[member] !== undefined);
  const kept = Object.fromEntries(['kty', ...kind.members, ...named].map((member) => [member, String(jwk[member])]));
  try {
    const key = createPublicKey({ key: kept, format: 'jwk' });
    const { modulusLength = 2048, publicExponent = 65_537n } = key.asymmetricKeyDetails ?? {};
    if (modulusLength < 2048 || modulusLength > 8192) return 'An RSA key has 2048 to 8192 bits.';
    if (publicExponent < 3n || publicExponent > 0xffff_ffffn) return 'The exponent of this RSA key is not taken.';
    return { kid: kid as string | undefined, algorithms, key, jwk: kept };
  } catch {
    return 'This key is damaged.';
  }
}

const taken = assertionAlgorithms.join(', ');
const otherKind = `Keys are RSA, EC on P-256 or P-384, or Ed25519, for ${taken}.`;

function isText(value: unknown, longest: number): value is string {
  return typeof value === 'string' && value !== '' && value.length <= longest;
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
