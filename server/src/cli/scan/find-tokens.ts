// API tokens in bytes: by their form and their checksum, whichever prefix they have. Text is not decoded: a token is ASCII in
// every encoding that has ASCII in it. What it finds is a token that some Keyward made, or one in four thousand million.

import { base62, looksLikeApiToken } from '@keyward/rules/api-token-form';

/** A token in bytes: where it begins. */
export interface FoundToken {
  text: string;
  at: number;
}

/** The longest: a prefix of 10, `_`, 22, `_`, 36. */
export const longestToken = 70;
/** What stands behind the second `_`. */
const run = 36;
const publicId = 22;
const shortestPrefix = 2;
const longestPrefix = 10;
const underscore = 95;

const isWord = new Uint8Array(256);
for (const character of base62) isWord[character.charCodeAt(0)] = 1;
const mayBePrefix = new Uint8Array(256);
for (const character of 'abcdefghijklmnopqrstuvwxyz0123456789') mayBePrefix[character.charCodeAt(0)] = 1;

/** Where underscores are rarer than that, jumping from one to the next is the shortest way. */
const bytesForUnderscore = 96;

/** Tells of each token in these bytes once, in order. */
export function findTokens(bytes: Buffer, found: (token: FoundToken) => void): void {
  let seen = 0;
  for (let at = bytes.indexOf(underscore); at >= 0; at = bytes.indexOf(underscore, at + 1)) {
    if (bytes[at + publicId + 1] === underscore) tell(bytes, at, found);
    seen += 1;
    if (seen * bytesForUnderscore > at + 8192) {
      findByRuns(bytes, at + 1, found);
      return;
    }
  }
}

/**
 * The same for tokens whose first `_` is not before `from`. The last 36 characters of each are letters and digits, so that one
 * byte in 36 need be looked at: from any that is one, back to where its word begins, which a `_` stands before.
 */
function findByRuns(bytes: Buffer, from: number, found: (token: FoundToken) => void): void {
  for (let at = from + run - 1; at < bytes.length; at += run) {
    if (isWord[bytes[at] as number] === 0) continue;
    const least = Math.max(at - run, from + publicId + 1);
    let before = at - 1;
    while (before >= least && isWord[bytes[before] as number] === 1) before -= 1;
    if (before < least || bytes[before] !== underscore) continue;
    const first = before - publicId - 1;
    if (bytes[first] === underscore) tell(bytes, first, found);
  }
}

function tell(bytes: Buffer, first: number, found: (token: FoundToken) => void): void {
  const token = tokenAround(bytes, first);
  if (token !== null) found(token);
}

/** Letters before it may belong to it or not: the checksum says, which is over the prefix too. */
function tokenAround(bytes: Buffer, first: number): FoundToken | null {
  const end = first + publicId + run + 2;
  if (end > bytes.length) return null;
  for (let length = 1; length <= longestPrefix && first - length >= 0; length += 1) {
    const at = first - length;
    if (mayBePrefix[bytes[at] as number] === 0) return null;
    if (length < shortestPrefix) continue;
    const text = bytes.toString('latin1', at, end);
    if (looksLikeApiToken(text)) return { text, at };
  }
  return null;
}
