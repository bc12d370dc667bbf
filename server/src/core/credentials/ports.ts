// What credentials need of the world: where API tokens and the secrets and passwords from before a rotation are kept.

import type { Acting } from '../caller/ports.ts';
import type { AccessTokenSource } from '../caller/source.ts';
import type { LastUse, SecretUse } from '../caller/use.ts';
import type { ExternalRecord } from '../external-record.ts';
import type { ExternalFilter, IdentityChanges, IdentityReads, LifecycleChanges } from '../identity/ports.ts';
import type { Journalled } from '../journal/ports.ts';
import type { Page, PageRequest, SortKey } from '../page.ts';
import type { ApiToken, Descendants, PreviousSecret } from './records.ts';

export interface ApiTokenReads {
  find(organizationId: string, id: string): Promise<ApiToken | null>;
  /** By exact name among those not deleted. */
  findByName(organizationId: string, name: string): Promise<ApiToken | null>;
  /** The first ten with ids in this range, deleted ones too; with `organizationId` null of the whole server. */
  between(organizationId: string | null, range: { from: string; to: string }): Promise<ApiToken[]>;
  findByNumber(organizationId: string, number: number): Promise<ApiToken | null>;
  /** Among those not deleted. */
  findByExternalId(organizationId: string, externalId: string): Promise<ApiToken | null>;
  list(organizationId: string, page: ApiTokenPage, filter?: ApiTokenFilter): Promise<Page<ApiToken>>;
  /** The first `limit`, of any organization, that were to end for a leak by `now` and did expire, but were not deactivated. */
  leakedAndDue(now: number, limit: number): Promise<ApiToken[]>;
  /** Of all organizations that are not deleted, by when they were made. */
  listAll(page: Omit<ApiTokenPage, 'sort'>, filter?: ApiTokenFilter): Promise<Page<ApiToken>>;
}

/** Nobody else changes what `find`, `findByName` or `findByNumber` finds until the commit. */
export interface ApiTokenChanges extends ApiTokenReads, LifecycleChanges {
  /** False if the name, the number or the external id is taken. */
  insert(token: ApiToken): Promise<boolean>;
  /** False if the new name or external id is taken or there is no such token. */
  update(
    organizationId: string,
    id: string,
    change: Partial<
      Pick<
        ApiToken,
        | 'name'
        | 'description'
        | 'permissions'
        | 'addresses'
        | 'apis'
        | 'limits'
        | 'narrowing'
        | 'use'
        | 'owner'
        | 'expiresAt'
        | keyof ExternalRecord
      >
    > & {
      updatedAt: number;
      /** From then on nobody reads the secret again. */
      sealedSecret?: null;
      /** Moves to the next generation. */
      endsAccess?: boolean;
    },
  ): Promise<boolean>;
  /** Remembers when it leaked, and when it ends for that; unset members stay. Deleted ones are marked too. */
  markLeaked(
    organizationId: string,
    id: string,
    mark: Partial<Pick<ApiToken, 'leakedAt' | 'leakEndsAt'>>,
  ): Promise<boolean>;
  /**
   * Compares and sets: true for exactly one of many who read the same `expected` digest. Whether the one before leaked says
   * nothing of the new one.
   */
  replaceSecret(
    organizationId: string,
    id: string,
    expected: string,
    next: Pick<ApiToken, 'digest' | 'prefix' | 'lastFour' | 'sealedSecret'> & {
      updatedAt: number;
      endsAccess: boolean;
    },
  ): Promise<boolean>;
}

export interface PreviousSecretReads {
  /** By the id of their token or API user, of those of these that have one. */
  of(organizationId: string, sourceIds: readonly string[]): Promise<ReadonlyMap<string, PreviousSecret>>;
  /** Anyone's that end by `now`, or that were not used since `silentSince` while the new secret was. */
  due(now: number, silentSince: number, limit: number): Promise<PreviousSecret[]>;
}

export interface PreviousSecretChanges extends PreviousSecretReads {
  /** Each has one at most. */
  insert(secret: PreviousSecret): Promise<boolean>;
  /** True for exactly one of many. */
  delete(organizationId: string, sourceId: string, digest: string): Promise<boolean>;
  /** Remembers these uses, each unless a later one is known. Not journalled. */
  touch(uses: readonly SecretUse[]): Promise<void>;
}

/** What the index of all API-token digests is made from (`storage/digest-index.ts`). */
export interface DigestReads {
  /** At most `limit` digests above `after`, in their order; every token's, deleted or not. */
  page(after: string, limit: number): Promise<string[]>;
  /** The digests of those of these tokens that exist. */
  of(tokenIds: readonly string[]): Promise<string[]>;
}

/** By `expiresAt` those without an end come last, either way. */
export interface ApiTokenPage extends Omit<PageRequest, 'sort'> {
  sort: SortKey | 'expiresAt';
}

/** What a list is narrowed to; unset members do not narrow it. */
export interface ApiTokenFilter extends ExternalFilter {
  ownerId?: string;
  /** `inactive`: deactivated, or its owner is or was deleted; `expired`: its end lies before `now`; `active`: neither. */
  state?: { is: 'active' | 'inactive' | 'expired'; now: number };
  /** Made before, and not used since. */
  unusedSince?: number;
  /** Its end lies in this span. */
  expiring?: { from: number; until: number };
  /** A permission or pattern as it stands in the token's list. */
  permission?: string;
}

export interface LineageReads {
  /**
   * What a root of this organization made, and what that made in turn, in whichever organization that is not deleted, but
   * for `besides` and what that made; of them those that are not deleted or, if `alive` is `active`, deactivated either:
   * up to `limit`, those of this organization and then the others, the oldest first, and how many there are.
   */
  of(
    organizationId: string,
    rootId: string,
    narrow: { besides: string; alive: 'undeleted' | 'active' },
    limit: number,
  ): Promise<Descendants>;
}

/** What credentials need to know of their use, which checking counts. */
export interface LastUseReads {
  /** By id, of those of these credentials that were ever used. */
  lastUses(
    organizationId: string,
    type: AccessTokenSource['type'],
    ids: readonly string[],
  ): Promise<ReadonlyMap<string, LastUse>>;
}

/** What the store lets this part read, and those before it. */
export interface CredentialReads extends IdentityReads {
  apiTokens: ApiTokenReads;
  /** Of API tokens. */
  previousSecrets: PreviousSecretReads;
  /** Of API users. */
  previousPasswords: PreviousSecretReads;
  lineage: LineageReads;
  usage: LastUseReads;
}

/** What may be touched inside a change. */
export interface CredentialChanges extends IdentityChanges {
  apiTokens: ApiTokenChanges;
  previousSecrets: PreviousSecretChanges;
  previousPasswords: PreviousSecretChanges;
  lineage: LineageReads;
  usage: LastUseReads;
}

/** The ports of what reads these. */
export interface Reading<Noun extends keyof CredentialReads> {
  store: Pick<CredentialReads, Noun>;
}

/** What may be touched inside a change of these. */
export type Changes<Noun extends keyof CredentialChanges> = Pick<CredentialChanges, Noun> & Journalled;

/** The ports of what changes these on a caller's behalf. */
export type Changing<Noun extends keyof CredentialChanges> = Acting<Changes<Noun>>;
