// A row of an import of tokens, read by its recipe: what its secret is found by, and what it is held against. It asks nobody.

import { hasShape } from '@keyward/rules/secret-shape';
import { invalid } from '../errors.ts';
import type { ExternalRecord } from '../external-record.ts';
import { digestOf } from '../secret.ts';
import { fastHashOf, isSlow, slowHashOf } from './foreign-hash.ts';
import { keyOfDigest, keyOfLocator, kindOf, locate, type Recogniser } from './recogniser.ts';
import type { ImportRecipe } from './records.ts';
import type { TokenTerms } from './token-terms.ts';

export interface TokenRow extends Partial<TokenTerms>, Partial<ExternalRecord> {
  /** Where it stands in its file, from 1 on. */
  line: number;
  /** Left out, one is made of its digest. */
  name?: string;
  description?: string;
  /** The secret itself, or with the recipe's algorithm `raw` its SHA-256 in hex as `hash`. */
  secret?: string;
  hash?: string;
  salt?: string;
  /** The part of the secret that finds the row, where the recipe needs one. */
  locator?: string;
}

/** What a row's secret comes to. */
export interface ReadSecret {
  /** By which the row is found; of rows that are alike, of the slot. */
  keyOf(slot: number): string;
  located: string | null;
  /** Null where the key says all. */
  hash: string | null;
  salt: string | null;
  fingerprint: string;
}

/** Throws `invalid_request`, which names the field and never shows a secret. */
export function readSecret(recipe: ImportRecipe, recogniser: Recogniser | null, row: TokenRow): ReadSecret {
  const kind = kindOf(recipe);
  const hash = row.secret === undefined ? hashIn(recipe, row) : hashOfSecret(recipe, recogniser, row, row.secret);
  if (kind === 'native') return { keyOf: () => hash, located: null, hash: null, salt: null, fingerprint: hash };
  if (recogniser === null) {
    throw invalid('recipe', 'The pepper of this recipe was sealed under a key that this server no longer has.');
  }
  if (kind === 'digest') {
    const key = keyOfDigest(recogniser.signature, hash);
    return { keyOf: () => key, located: null, hash: null, salt: null, fingerprint: key };
  }
  const located = row.secret === undefined ? row.locator : locate(recipe.locator, row.secret);
  if (!located) throw invalid('locator', 'The part of the secret that finds the row is missing.');
  if (located.length > 256) throw invalid('locator', 'It is longer than 256 characters.');
  const salt = recipe.salt === 'none' ? null : (row.salt ?? null);
  return {
    keyOf: (slot) => keyOfLocator(recogniser.signature, located, slot),
    located,
    hash,
    salt,
    fingerprint: digestOf(JSON.stringify([hash, salt])),
  };
}

function hashIn(recipe: ImportRecipe, { hash, salt }: TokenRow): string {
  const { algorithm, encoding } = recipe;
  if (hash === undefined) throw invalid('hash', algorithm === 'raw' ? 'Say the secret.' : 'Say the hash.');
  if (recipe.salt !== 'none' && (salt === undefined || salt.length > 256)) {
    throw invalid('salt', 'The recipe has a salt for each row: 256 characters at most.');
  }
  if (isSlow(algorithm)) {
    const read = slowHashOf(algorithm, hash);
    if ('fault' in read) throw invalid('hash', read.fault);
    return read.stored;
  }
  const read = fastHashOf(algorithm === 'raw' ? 'sha256' : algorithm, algorithm === 'raw' ? 'hex' : encoding, hash);
  if (read === null) throw invalid('hash', `This is no ${algorithm} digest in ${encoding}.`);
  return read;
}

function hashOfSecret(recipe: ImportRecipe, recogniser: Recogniser | null, row: TokenRow, secret: string): string {
  if (recipe.algorithm !== 'raw')
    throw invalid('secret', 'The recipe is of hashes. Say the hash, or use a recipe of raw secrets.');
  if (row.hash !== undefined) throw invalid('hash', 'Say the secret or its hash, not both.');
  if (!hasShape(recipe.shape, secret)) {
    throw invalid(
      'secret',
      'The secret is not of the shape that the recipe says: its prefix, suffix, characters or length.',
    );
  }
  return recogniser === null ? digestOf(secret) : '';
}
