// What it takes to know a caller: credentials looked up, in the database or in memory.

import type { Awaitable } from '../awaitable.ts';
import type { Clock } from '../clock.ts';
import type { Writer } from '../writer.ts';
import type { Lifecycle } from './lifecycle.ts';
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
  /** True for an access token that was revoked by itself. */
  isRevoked(jti: string): Awaitable<boolean>;
}

/** The permissions of all APIs. */
export interface PermissionReads {
  find(name: string): Promise<RegisteredPermission | null>;
  /** In the order of their names. */
  list(): Promise<RegisteredPermission[]>;
  /** The first `limit` of an API's, in the order of their names. */
  namesOf(api: string, limit: number): Promise<string[]>;
}

/** The APIs, by the name that requests give them. */
export interface ApiHandles {
  find(handle: string): Promise<{ handle: string } | null>;
  list(): Promise<readonly { handle: string }[]>;
}

/** The answer to a request with an idempotency key (idempotency.ts). */
export interface KeptAnswer {
  /** Of one caller and key. */
  id: string;
  organizationId: string;
  requestDigest: string;
  /** The answer as JSON, sealed. */
  sealed: string;
  expiresAt: number;
}

export interface AnswerReads {
  find(id: string): Promise<KeptAnswer | null>;
}

/** Not journalled. */
export interface AnswerChanges extends AnswerReads {
  /** False if there is one of this id that has not ended by `now`: true for one of many racing callers. */
  insert(answer: KeptAnswer, now: number): Promise<boolean>;
  /** At most `limit` that end by `before`; returns how many. */
  deleteExpired(before: number, limit: number): Promise<number>;
}

/** An organization, as far as somebody acts for it. */
export interface Customer {
  id: string;
  name: string;
  externalId: string | null;
  planId: string | null;
  /** In place of its plan's; null for that. */
  entitlement: readonly string[] | null;
  lifecycle: Lifecycle;
}

export interface PlanEntitlements {
  find(id: string): Promise<{ entitlement: readonly string[] } | null>;
}

export interface CustomerReads {
  find(id: string): Promise<Customer | null>;
  /** Among those not deleted. */
  findByName(name: string): Promise<Customer | null>;
}

/** What every change on a caller's behalf may look at, and keep beside what it does. */
export interface Answering {
  answers: AnswerChanges;
  organizations: Pick<CustomerReads, 'find'>;
}

/** What an operation stands on that changes something on a caller's behalf (write-as.ts). */
export interface Acting<Changes> {
  store: Writer<Changes & Answering>;
  credentials: Pick<CachedCredentialLookup, 'bySource'>;
  clock: Clock;
}
