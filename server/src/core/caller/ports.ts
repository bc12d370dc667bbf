// What it takes to know a caller: credentials looked up, in the database or in memory.

import type { Awaitable } from '../awaitable.ts';
import type { Clock } from '../clock.ts';
import type { Writer } from '../writer.ts';
import type { CredentialRecord, RegisteredPermission } from './records.ts';
import type { AccessTokenSource } from './source.ts';

/** Lookups of the hot path, which the store answers from the database. */
export interface CredentialLookup {
  /** `digest`: lower-case hex SHA-256 of the whole API token. Deleted tokens are found; their lifecycle says so. */
  byDigest(digest: string): Promise<CredentialRecord | null>;
  bySource(source: AccessTokenSource): Promise<CredentialRecord | null>;
  /** True while the issued-token record `jti` exists. */
  isIssued(jti: string): Promise<boolean>;
  /** True while the session lasts. */
  hasSession(id: string): Promise<boolean>;
}

/** The same lookups, answered at once where memory suffices (`storage/credential-cache.ts`). */
export interface CachedCredentialLookup {
  /** What `byDigest` would find without asking the database; null says nothing. */
  recall(digest: string): CredentialRecord | null;
  byDigest(digest: string): Awaitable<CredentialRecord | null>;
  bySource(source: AccessTokenSource): Awaitable<CredentialRecord | null>;
  isIssued(jti: string): Awaitable<boolean>;
  hasSession(id: string): Awaitable<boolean>;
}

/** The permissions of all APIs. */
export interface CatalogueReads {
  find(name: string): Promise<RegisteredPermission | null>;
  /** In the order of their names. */
  list(): Promise<RegisteredPermission[]>;
}

/** What an operation stands on that changes something on a caller's behalf (write-as.ts). */
export interface Acting<Changes> {
  store: Writer<Changes>;
  credentials: Pick<CachedCredentialLookup, 'bySource'>;
  clock: Clock;
}
