// What is kept of secrets that were made elsewhere: how they are recognised, and what they are held against until first used.

import type { SecretShape } from '@keyward/rules/secret-shape';
import type { CredentialRecord } from '../caller/records.ts';

export const algorithms = [
  ...(['raw', 'sha256', 'sha512', 'sha1', 'hmac-sha256'] as const),
  ...(['bcrypt', 'argon2id', 'pbkdf2'] as const),
] as const;
export type ImportAlgorithm = (typeof algorithms)[number];

/** `crypt`: a modular crypt or PHC string (`$2b$…`, `$argon2id$…`, `$pbkdf2-sha256$…`). */
export const encodings = ['hex', 'base64', 'base64url', 'crypt'] as const;
export type ImportEncoding = (typeof encodings)[number];

/** The part of a secret by which its row is found where its digest says nothing before the row is known. */
export type Locator = { start: number; length: number } | { separator: string; part: number };

/** How a secret of another system is recognised and checked. */
export interface RecipeRules {
  shape: SecretShape;
  algorithm: ImportAlgorithm;
  encoding: ImportEncoding;
  /** Which part of the secret was hashed: all of it, or what follows the shape's prefix, or the last separator of the locator. */
  hashed: 'whole' | 'after_prefix' | 'after_separator';
  /** Fixed text that was hashed before and after it. */
  before: string;
  after: string;
  /** Where the salt of each row stands; slow algorithms carry their own. */
  salt: 'none' | 'before' | 'after';
  /** Where the pepper stands; `key` is the key of an HMAC. */
  pepper: 'none' | 'key' | 'before' | 'after';
  locator: Locator | null;
}

export interface ImportRecipe extends RecipeRules {
  id: string;
  organizationId: string;
  name: string;
  /** Sealed under the sealing key, with the recipe's id. */
  sealedPepper: string | null;
  createdAt: number;
  createdBy: string;
}

/** What the secret of an imported token is held against, while it is not in the native form yet. */
export interface ImportedSecret {
  /** What it is found by (recogniser.ts): of the recipe's digest, or of its locator. Lower-case hex, 64 characters. */
  key: string;
  tokenId: string;
  organizationId: string;
  recipeId: string;
  /** Null where the key says all, and once the secret is known in the native form. */
  hash: string | null;
  salt: string | null;
  /** What tells that a row is there already: SHA-256 of all that was imported. */
  fingerprint: string;
}

/** A token that was found by a secret from elsewhere. */
export interface FoundImported {
  record: CredentialRecord;
  /** What the record is found by, which stands for the secret's digest. */
  digest: string;
}
