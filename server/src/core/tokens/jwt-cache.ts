// JWTs whose signature and claims were found good, so that the next call with one costs a hash and not a signature.
// It keeps no token, only its digest; whether the key still stands and the source still carries it is asked each time.

import { digestOf } from '../secret.ts';
import type { KeySet, LiveKey } from './key-set.ts';
import type { ReadToken } from './records.ts';

export interface CheckedJwt {
  token: ReadToken;
  kid: string;
  key: LiveKey;
  /** When it was found good: at any later time before its end it is so too. */
  checkedAt: number;
}

export interface CheckedJwts {
  /** What was found of this JWT, if that still holds. */
  find(text: string, now: number): ReadToken | null;
  keep(text: string, checked: CheckedJwt): void;
}

/** There is one for each signing key; more would mean that someone else's are taken for ours. */
const mostHeaders = 1000;

/** At most twice as many are remembered, of some 400 bytes each. */
const generationSize = 25_000;

/**
 * What was checked under these keys. When the younger half is full the older one is forgotten, and what was used since
 * is in the younger; a bad token is never kept, so a flood of them pushes nothing out.
 */
export function createCheckedJwts(keys: Pick<KeySet, 'find'>, size = generationSize): CheckedJwts {
  let young = new Map<string, CheckedJwt>();
  let old = new Map<string, CheckedJwt>();
  /** Those of the JWTs that were kept: what has another is not hashed. */
  const headers = new Map<string, { start: string }>();
  /** How the last one of them began: comparing is quicker than looking up. */
  let last = { start: '' };
  const isKnownHeader = (text: string): boolean => {
    if (last.start !== '' && text.slice(0, last.start.length) === last.start) return true;
    const known = headers.get(headerOf(text));
    last = known ?? last;
    return known !== undefined;
  };

  function keep(digest: string, checked: CheckedJwt): void {
    if (young.size >= size) {
      old = young;
      young = new Map();
    }
    young.set(digest, checked);
  }

  return {
    find(text, now) {
      if (!isKnownHeader(text)) return null;
      const digest = digestOf(text);
      const recent = young.get(digest);
      const checked = recent ?? old.get(digest);
      if (checked === undefined) return null;
      const { token, kid, key, checkedAt } = checked;
      if (now < checkedAt || now >= token.expiresAt || keys.find(kid, now) !== key) return null;
      if (recent === undefined) keep(digest, checked);
      return token;
    },
    keep(text, checked) {
      if (headers.size >= mostHeaders) {
        headers.clear();
        last = { start: '' };
      }
      // A copy: a part of a text keeps all of it in memory.
      const header = Buffer.from(headerOf(text)).toString();
      if (!headers.has(header)) headers.set(header, { start: `${header}.` });
      keep(digestOf(text), checked);
    },
  };
}

/** The first segment; of what is no JWT, all but its last character. */
function headerOf(text: string): string {
  return text.slice(0, text.indexOf('.'));
}
