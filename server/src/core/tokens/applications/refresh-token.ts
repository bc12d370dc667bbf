// The form of a refresh token: `RT1`, a part that all of its family have in common and that finds it, and one that is
// another with each use. Opaque to clients, and kept as digests alone. With an old one its family is found all the same,
// and nobody who has not had one of a family can name it.

import { digestOf, generateKey, looksLikeKey } from '../../secret.ts';

const prefix = 'RT1';
const keyLength = 43;

/** The first of a new family, or the next of `family`. */
export function generateRefreshToken(family: string = generateKey()): string {
  return prefix + family + generateKey();
}

/** Its family and the digests of both; null for any other text, of which nobody need be asked. */
export function readRefreshToken(text: string): { family: string; familyDigest: string; tokenDigest: string } | null {
  const family = text.slice(prefix.length, prefix.length + keyLength);
  const isOne = text.startsWith(prefix) && looksLikeKey(family) && looksLikeKey(text.slice(prefix.length + keyLength));
  return isOne ? { family, familyDigest: digestOf(family), tokenDigest: digestOf(text) } : null;
}
