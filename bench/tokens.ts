// API tokens by number: always the same ones, so that a database can be filled with millions of them and a load can
// present any of them, without anybody keeping them. Good for nothing but measuring: everybody can make them.

import { createHash } from 'node:crypto';
import { digestOf, generateApiToken } from '../server/src/core/secret.ts';

/** The id of the token with this number. Ids grow with numbers. */
export function tokenId(number: number): string {
  return `00000000-0000-4000-8000-${number.toString(16).padStart(12, '0')}`;
}

/** The token itself. Numbers from 2^47 on are kept for tokens that nobody has stored. */
export function tokenAt(number: number): string {
  return generateApiToken(tokenId(number), 'kw', (count) => bytesFor(number, count));
}

/** What is stored of it. */
export function tokenDigest(number: number): string {
  return digestOf(tokenAt(number));
}

/** A token of the right shape, with the right checksum, that nobody has. */
export function unknownToken(number: number): string {
  return tokenAt(2 ** 47 + number);
}

/** `count` tokens, each any of the first `among`. */
export function anyTokens(count: number, among: number): string[] {
  return Array.from({ length: count }, () => tokenAt(Math.floor(Math.random() * among)));
}

/** The first `count` tokens. */
export function firstTokens(count: number): string[] {
  return Array.from({ length: count }, (_, number) => tokenAt(number));
}

function bytesFor(number: number, count: number): Uint8Array {
  return createHash('sha512').update(`token ${number}`).digest().subarray(0, count);
}
