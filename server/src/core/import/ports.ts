// What importing needs of the world: where recipes and imported secrets are kept, and a hasher of other systems' slow hashes.

import type { CredentialChanges } from '../credentials/ports.ts';
import type { ApiToken } from '../credentials/records.ts';
import type { Journalled } from '../journal/ports.ts';
import type { ImportedSecret, ImportRecipe } from './records.ts';

export interface RecipeReads {
  find(organizationId: string, id: string): Promise<ImportRecipe | null>;
  /** By name. */
  list(organizationId: string): Promise<ImportRecipe[]>;
  /** Of all organizations that are not deleted, the oldest first. */
  listAll(): Promise<ImportRecipe[]>;
  /** True while a token that is not deleted was imported by it. */
  isUsed(organizationId: string, id: string): Promise<boolean>;
}

export interface RecipeChanges extends RecipeReads {
  /** False if the name is taken. */
  insert(recipe: ImportRecipe): Promise<boolean>;
  delete(organizationId: string, id: string): Promise<boolean>;
}

export interface ImportedSecretReads {
  find(key: string): Promise<ImportedSecret | null>;
}

export interface ImportedSecretChanges extends ImportedSecretReads {
  /** By key, of those of these that are there. */
  findMany(keys: readonly string[]): Promise<ReadonlyMap<string, ImportedSecret>>;
  /** Inserts those whose key is free, and answers these keys. */
  insertMany(secrets: readonly ImportedSecret[]): Promise<Set<string>>;
  /**
   * Gives a token the native digest in place of the key that it was found by, and forgets what it was held against; false if
   * it has another by now, or if the native digest is another token's.
   */
  settle(secret: { organizationId: string; tokenId: string; key: string; digest: string }): Promise<boolean>;
}

/** What is inserted many at a time. */
export interface ManyTokens {
  /** Inserts those of which nothing is taken, and answers their ids. */
  insertMany(tokens: readonly ApiToken[]): Promise<Set<string>>;
  /** Whose these digests are, by digest; of any organization, deleted ones too. */
  withDigests(digests: readonly string[]): Promise<ReadonlyMap<string, { organizationId: string; id: string }>>;
}

export interface ImportReads {
  recipes: RecipeReads;
  importedSecrets: ImportedSecretReads;
}

export interface ImportChanges {
  recipes: RecipeChanges;
  importedSecrets: ImportedSecretChanges;
  manyTokens: ManyTokens;
}

export type Changes<Noun extends keyof (CredentialChanges & ImportChanges)> = Pick<
  CredentialChanges & ImportChanges,
  Noun
> &
  Journalled;

/** Slow hashes of other systems, behind a bounded queue. Rejects with KeywardError `unavailable` when that is full. */
export interface SlowHasher {
  /** `stored`: as `slowHashOf` (foreign-hash.ts) writes it. */
  verify(stored: string, secret: string): Promise<boolean>;
}
