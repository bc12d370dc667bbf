// Secrets whose every appearance counts: what was made, where it may be shown, and the search for it in anything else.

import { looksLikeApiToken } from '../../server/src/core/secret.ts';

export interface Canaries {
  /** Notes a secret; answers it. */
  keep(kind: string, secret: string): string;
  /** The secrets that are in a text or file in any spelling, by kind. */
  foundIn(bytes: Buffer | string): string[];
  readonly count: number;
}

export function createCanaries(): Canaries {
  const spellings = new Map<string, string>();
  let count = 0;
  return {
    keep(kind, secret) {
      count += 1;
      for (const part of tellingParts(secret)) {
        for (const spelling of spellingsOf(part)) spellings.set(spelling, kind);
      }
      return secret;
    },
    foundIn(bytes) {
      const text = typeof bytes === 'string' ? bytes : bytes.toString('latin1');
      const found = [...spellings].filter(([spelling]) => text.includes(spelling));
      return [...new Set(found.map(([, kind]) => kind))];
    },
    get count() {
      return count;
    },
  };
}

/** What must not be seen even by itself: of an API token all but its public id, of a JWT the signature. */
function tellingParts(secret: string): string[] {
  if (looksLikeApiToken(secret)) return [secret.slice(-36)];
  if (secret.startsWith('eyJ')) return [secret.slice(secret.lastIndexOf('.') + 1)];
  return [secret];
}

/** As it is, in hex, percent-encoded, and in Base64 wherever it begins within three bytes. */
function spellingsOf(part: string): string[] {
  const bytes = Buffer.from(part);
  const shifted = [0, 1, 2].flatMap((shift) => {
    const encoded = Buffer.concat([Buffer.alloc(shift, 0x61), bytes]).toString('base64');
    // The first and the last characters also hold bits of what is around it.
    const middle = encoded.slice(4, -4);
    return [middle, middle.replaceAll('+', '-').replaceAll('/', '_')];
  });
  return [
    ...new Set([part, encodeURIComponent(part), bytes.toString('hex'), [...part].reverse().join(''), ...shifted]),
  ];
}
