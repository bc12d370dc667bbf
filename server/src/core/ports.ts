// What core needs from the world: a store, a hasher of people's passwords, a clock. Contracts only; rooms implement them.

import type { Awaitable } from './awaitable.ts';
import type { LeaseBook } from './checking/lease.ts';
import type { LimitStore } from './checking/limit.ts';
import type { RegisteredPermission } from './checking/permission.ts';
import type { Plan, PlanBook } from './checking/plan.ts';
import type {
  LastUse,
  NewLastUse,
  SecretUse,
  UsageCount,
  UsageQuery,
  UsageSum,
  UsageSums,
  Use,
  UseTrace,
} from './checking/usage.ts';
import type { CredentialForm } from './checking/verify.ts';
import type { ApiToken } from './credentials/api-token.ts';
import type { ApiTokenFilter, ApiTokenPage } from './credentials/api-token-list.ts';
import type { PreviousSecret } from './credentials/api-token-rotation.ts';
import type { LastReceipts } from './feed/recent-receipts.ts';
import type { SubscriberRegistry } from './feed/subscribers.ts';
import type { ApiUser } from './identity/api-user.ts';
import type { Principal } from './identity/caller.ts';
import type { Lifecycle } from './identity/lifecycle.ts';
import type { OneTimeLink } from './identity/one-time-link.ts';
import type { Organization } from './identity/organization.ts';
import type { Role } from './identity/role.ts';
import type { SecondFactor, Totp } from './identity/second-factor.ts';
import type { Session } from './identity/session.ts';
import type { SignInLimiter } from './identity/sign-in-limiter.ts';
import type { User, UserPassword } from './identity/user.ts';
import type { ChainWatch } from './journal/chain-watch.ts';
import type { JournalEntry, NewJournalEntry } from './journal/entry.ts';
import type { JournalFilter } from './journal/search.ts';
import type { Page, PageRequest } from './page.ts';
import type { Sealer } from './sealer.ts';
import type { ServerFacts } from './settings.ts';
import type { AccessTokenSource, IssuedToken } from './tokens/access-token.ts';
import type { KeySet, SigningKey } from './tokens/signing-keys.ts';

/** Milliseconds since the epoch. The only clock that core sees. */
export type Clock = () => number;

/** People's passwords. Slow on purpose and bounded: rejects with KeywardError `unavailable` when its queue is full. */
export interface PasswordHasher {
  /** Returns a PHC string (`$argon2id$…`). The password is taken whole: no truncation, NUL included (S14). */
  hash(password: string): Promise<string>;
  /** With `hash` null it does the same work against a dummy and answers false, so an absent user costs the same (S22). */
  verify(hash: string | null, password: string): Promise<boolean>;
  /** True if `hash` was made with weaker parameters than today's, so that sign-in can renew it. */
  isOutdated(hash: string): boolean;
}

/** All that a check must know of a credential, in one read. Records are frozen by whoever caches them. */
export interface CredentialRecord {
  source: AccessTokenSource;
  /** The token's name, the API user's username or the user's e-mail. */
  name: string;
  lifecycle: Lifecycle;
  expiresAt: number | null;
  /** Set for API tokens. */
  token:
    | (Pick<ApiToken, 'permissions' | 'use' | 'digest' | 'number' | 'addresses'> & {
        /** The secret from before a rotation; it counts until `endsAt` only. */
        previous: Pick<PreviousSecret, 'digest' | 'endsAt'> | null;
      })
    | null;
  /** The user or API user behind it: for these two, themselves. */
  owner: { type: 'user' | 'api_user'; id: string; name: string; number: number; role: string; lifecycle: Lifecycle };
  /** The permissions of an organization's own role; null when `owner.role` is a built-in one or is gone. */
  rolePermissions: readonly string[] | null;
  organization: Pick<Organization, 'id' | 'name' | 'isOperator' | 'planId' | 'contributors' | 'lifecycle'>;
  /** What `principalOf` says of it, kept by whoever keeps the record: working it out costs more than a check. */
  principal?: Principal;
  /** What `isPlain` says of it, kept likewise. */
  plain?: boolean;
  /** Where the uses of this record are counted, kept likewise; the recorder's alone. */
  trace?: UseTrace;
}

/** Lookups of the hot path, which the store answers from the database. */
export interface CredentialLookup {
  /** `digest`: lower-case hex SHA-256 of the whole API token. Deleted tokens are found; standing says so. */
  byDigest(digest: string): Promise<CredentialRecord | null>;
  bySource(source: AccessTokenSource): Promise<CredentialRecord | null>;
  /** True while the issued-token record `jti` exists. */
  isIssued(jti: string): Promise<boolean>;
}

/** The same lookups, answered at once where memory suffices (`storage/cached.ts`). */
export interface CachedCredentialLookup {
  /** What `byDigest` would find without asking the database; null says nothing. */
  recall(digest: string): CredentialRecord | null;
  byDigest(digest: string): Awaitable<CredentialRecord | null>;
  bySource(source: AccessTokenSource): Awaitable<CredentialRecord | null>;
  isIssued(jti: string): Awaitable<boolean>;
}

/** Verbs that any noun with a standing has. Each is atomic and true for exactly one of many racing callers. */
export interface LifecycleChanges {
  /** Sets `deactivatedAt`, moves to the next generation; with `cutOff` also moves `cutOffGeneration` (even if already inactive). */
  deactivate(organizationId: string, id: string, at: number, cutOff?: boolean): Promise<boolean>;
  activate(organizationId: string, id: string): Promise<boolean>;
  delete(organizationId: string, id: string, at: number): Promise<boolean>;
  /** False if it is not deleted, or its name or username has been taken meanwhile. */
  restore(organizationId: string, id: string): Promise<boolean>;
}

export interface OrganizationReads {
  find(id: string): Promise<Organization | null>;
  findByName(name: string): Promise<Organization | null>;
  list(page: PageRequest): Promise<Page<Organization>>;
}
export interface OrganizationChanges extends OrganizationReads {
  /** False if the name is taken. */
  insert(organization: Organization): Promise<boolean>;
  /** False if the new name is taken or there is no such organization. */
  update(id: string, change: Partial<Pick<Organization, 'name' | 'planId' | 'contributors'>>): Promise<boolean>;
  deactivate(id: string, at: number): Promise<boolean>;
  activate(id: string): Promise<boolean>;
  delete(id: string, at: number): Promise<boolean>;
}

export interface UserReads {
  find(organizationId: string, id: string): Promise<User | null>;
  /** By canonical e-mail, over all organizations: an e-mail belongs to one user. Deleted users are not found. */
  findPassword(email: string): Promise<UserPassword | null>;
  list(organizationId: string, page: PageRequest): Promise<Page<User>>;
  /** Active users with this role, to keep the last owner from leaving. */
  countActive(organizationId: string, role: string): Promise<number>;
}
export interface UserChanges extends UserReads, Omit<LifecycleChanges, 'restore'> {
  /** False if the e-mail is taken. */
  insert(user: User, passwordHash: string): Promise<boolean>;
  update(organizationId: string, id: string, change: Partial<Pick<User, 'name' | 'role'>>): Promise<boolean>;
  /** Moves to the next generation. Compares with `expected` when given: false if the hash changed meanwhile. */
  setPassword(organizationId: string, id: string, passwordHash: string, expected?: string): Promise<boolean>;
  /** The same password under newer parameters: no new generation. */
  renewPasswordHash(id: string, passwordHash: string, expected: string): Promise<boolean>;
  /** Whether a second factor is asked for, and since when. */
  setSecondFactor(organizationId: string, id: string, at: number | null): Promise<boolean>;
  /** The invitation was accepted. True for one of many racing callers. */
  welcome(organizationId: string, id: string): Promise<boolean>;
  /** Remembers a use of one of the user's sessions, unless a later one is known. */
  seen(organizationId: string, id: string, at: number): Promise<boolean>;
}

export interface SessionReads {
  /** `digest`: lower-case hex SHA-256 of the session's secret. */
  find(digest: string): Promise<Session | null>;
  /** The newest 100 that have not reached `expiresAt` at `now`, the newest first. */
  list(organizationId: string, userId: string, now: number): Promise<Session[]>;
}
export interface SessionChanges extends SessionReads {
  insert(session: Session): Promise<void>;
  /** Remembers a use, unless one after `before` is known. */
  touch(
    organizationId: string,
    id: string,
    use: Pick<Session, 'seenAt' | 'address' | 'userAgent'>,
    before: number,
  ): Promise<boolean>;
  /** Gives it another secret. False if `digest` is no longer its secret's: one of many racing callers. */
  renew(
    organizationId: string,
    digest: string,
    next: Pick<Session, 'digest' | 'generation' | 'confirmedAt'>,
  ): Promise<boolean>;
  delete(organizationId: string, userId: string, id: string): Promise<boolean>;
  /** All of the user's but this one; answers how many. */
  deleteOthers(organizationId: string, userId: string, id: string): Promise<number>;
  /** At most `limit` rows whose `expiresAt` is before `before`; returns how many. */
  deleteExpired(before: number, limit: number): Promise<number>;
}

export interface OneTimeLinkReads {
  /** `digest`: lower-case hex SHA-256 of the link's token. */
  find(digest: string): Promise<OneTimeLink | null>;
}
export interface OneTimeLinkChanges extends OneTimeLinkReads {
  insert(link: OneTimeLink): Promise<void>;
  /** Uses it up. True for one of many racing callers. */
  take(digest: string): Promise<boolean>;
  /** Ends all links for this user; answers how many. */
  deleteFor(organizationId: string, userId: string): Promise<number>;
  /** Ends all links that found the server; answers how many. */
  deleteSetUps(): Promise<number>;
  /** At most `limit` rows whose `expiresAt` is before `before`; returns how many. */
  deleteExpired(before: number, limit: number): Promise<number>;
}

export interface SecondFactorReads {
  find(organizationId: string, userId: string): Promise<SecondFactor | null>;
  /** The MACs of the recovery codes that are left. */
  recoveryCodes(organizationId: string, userId: string): Promise<string[]>;
}
export interface SecondFactorChanges extends SecondFactorReads {
  /** In place of one that was never confirmed. False if there is a confirmed one. */
  prepare(secondFactor: SecondFactor): Promise<boolean>;
  /** Confirms the prepared one, by the code of `step`. True for one of many racing callers. */
  confirm(organizationId: string, userId: string, at: number, step: number): Promise<boolean>;
  /** Accepts the code of `step`. False unless it is later than the last one: true for one of many racing callers. */
  advance(organizationId: string, userId: string, step: number): Promise<boolean>;
  /** With the recovery codes. False if there was none. */
  delete(organizationId: string, userId: string): Promise<boolean>;
  addRecoveryCodes(organizationId: string, userId: string, macs: readonly string[]): Promise<void>;
  /** True for one of many racing callers. */
  useRecoveryCode(organizationId: string, userId: string, mac: string): Promise<boolean>;
}

export interface ApiUserReads {
  find(organizationId: string, id: string): Promise<ApiUser | null>;
  /** By canonical username, over all organizations. Deleted ones are not found. */
  findPassword(username: string): Promise<{ id: string; organizationId: string; passwordDigest: string } | null>;
  list(organizationId: string, page: PageRequest): Promise<Page<ApiUser>>;
}
export interface ApiUserChanges extends ApiUserReads, LifecycleChanges {
  insert(apiUser: ApiUser, passwordDigest: string): Promise<boolean>;
  update(organizationId: string, id: string, change: Partial<Pick<ApiUser, 'name' | 'role'>>): Promise<boolean>;
}

export interface ApiTokenReads {
  find(organizationId: string, id: string): Promise<ApiToken | null>;
  /** By exact name among those not deleted. */
  findByName(organizationId: string, name: string): Promise<ApiToken | null>;
  findByNumber(organizationId: string, number: number): Promise<ApiToken | null>;
  list(organizationId: string, page: ApiTokenPage, filter?: ApiTokenFilter): Promise<Page<ApiToken>>;
}
export interface ApiTokenChanges extends ApiTokenReads, LifecycleChanges {
  /** False if the name is taken. */
  insert(token: ApiToken): Promise<boolean>;
  /** False if the new name is taken or there is no such token. */
  update(
    organizationId: string,
    id: string,
    change: Partial<Pick<ApiToken, 'name' | 'description' | 'permissions' | 'addresses' | 'use' | 'expiresAt'>> & {
      updatedAt: number;
      /** Moves to the next generation. */
      endsAccess?: boolean;
    },
  ): Promise<boolean>;
  /** Compares and sets: true for exactly one of many who read the same `expected` digest. */
  replaceSecret(
    organizationId: string,
    id: string,
    expected: string,
    next: { digest: string; sealedSecret: string | null; updatedAt: number; endsAccess: boolean },
  ): Promise<boolean>;
}

export interface PreviousSecretReads {
  /** By token, of those of these tokens that have one. */
  of(organizationId: string, tokenIds: readonly string[]): Promise<ReadonlyMap<string, PreviousSecret>>;
  /** Anyone's that end by `now`, or that were not used since `silentSince` while the new secret was. */
  due(now: number, silentSince: number, limit: number): Promise<PreviousSecret[]>;
}
export interface PreviousSecretChanges extends PreviousSecretReads {
  /** A token has one at most. */
  insert(secret: PreviousSecret): Promise<boolean>;
  /** True for exactly one of many. */
  delete(organizationId: string, tokenId: string, digest: string): Promise<boolean>;
  /** Remembers these uses, each unless a later one is known. Not journalled. */
  touch(uses: readonly SecretUse[]): Promise<void>;
}

/** What things are called: for showing ids to people. */
export interface NameReads {
  /** By `<type>:<id>`; an e-mail, a username, a name, of what was deleted too. What is not known is left out. */
  of(organizationId: string, things: readonly { type: string; id: string }[]): Promise<ReadonlyMap<string, string>>;
}

export interface PermissionReads {
  list(organizationId: string): Promise<RegisteredPermission[]>;
}
export interface PermissionChanges extends PermissionReads {
  /** False if it is registered already. */
  insert(permission: RegisteredPermission): Promise<boolean>;
  describe(organizationId: string, name: string, description: string): Promise<boolean>;
  delete(organizationId: string, name: string): Promise<boolean>;
}

export interface RoleReads {
  find(organizationId: string, name: string): Promise<Role | null>;
  list(organizationId: string): Promise<Role[]>;
}
export interface RoleChanges extends RoleReads {
  insert(role: Role): Promise<boolean>;
  update(
    organizationId: string,
    name: string,
    change: Partial<Pick<Role, 'description' | 'permissions'>>,
  ): Promise<boolean>;
  /** False if it does not exist or somebody who is not deleted still has it. */
  delete(organizationId: string, name: string): Promise<boolean>;
}

export interface PlanReads {
  find(id: string): Promise<Plan | null>;
  list(): Promise<Plan[]>;
}
export interface PlanChanges extends PlanReads {
  /** Inserts or replaces. */
  put(plan: Plan): Promise<void>;
}

export interface SigningKeyReads {
  /** Every key that may still sign or verify, and revoked ones; oldest first. */
  list(): Promise<SigningKey[]>;
}
export interface SigningKeyChanges extends SigningKeyReads {
  /** Nobody else changes any of them until the commit. */
  list(): Promise<SigningKey[]>;
  insert(key: SigningKey): Promise<void>;
  /** Stops signing at `at` and verifying at `until`. True for one of many racing callers. */
  retire(kid: string, at: number, until: number): Promise<boolean>;
  revoke(kid: string, at: number): Promise<boolean>;
}

export interface IssuedTokenChanges {
  insert(token: IssuedToken): Promise<void>;
  delete(jtis: readonly string[]): Promise<number>;
  /** At most `limit` rows whose `expiresAt` is before `before`; returns how many. */
  deleteExpired(before: number, limit: number): Promise<number>;
}

/** What the index of all API-token digests is made from (`storage/known-digests.ts`). */
export interface DigestReads {
  /** At most `limit` digests above `after`, in their order; every token's, deleted or not. */
  page(after: string, limit: number): Promise<string[]>;
  /** The digests of those of these tokens that exist. */
  of(tokenIds: readonly string[]): Promise<string[]>;
}

export interface UsageReads {
  /** By id, of those of these credentials that were ever used. */
  lastUses(
    organizationId: string,
    type: AccessTokenSource['type'],
    ids: readonly string[],
  ): Promise<ReadonlyMap<string, LastUse>>;
  /** In the order of hours. */
  counts(organizationId: string, query: UsageQuery): Promise<UsageCount[]>;
  /** Added up by the database; at most `limit` rows. */
  sums(organizationId: string, query: UsageSums, limit: number): Promise<UsageSum[]>;
}
/** Not journalled. Rows in the order of their keys keep two nodes from waiting for one another. */
export interface UsageChanges extends UsageReads {
  /** Remembers these uses, each unless a later one is known. No credential twice. */
  touch(uses: readonly NewLastUse[]): Promise<void>;
  /** Adds these calls to what has been counted. No count twice. */
  count(counts: readonly UsageCount[]): Promise<void>;
  /** Forgets counts of hours that began before; at most `limit`. Returns how many. */
  deleteBefore(hour: number, limit: number): Promise<number>;
}

export interface JournalReads {
  /** Entries with `seq` above `after`, in order. `organizationId` null means the whole server's. */
  after(seq: number, limit: number, organizationId?: string | null): Promise<JournalEntry[]>;
  /** The newest first, before `seq` if given. */
  latest(organizationId: string | null, limit: number, before?: number): Promise<JournalEntry[]>;
  /** The newest first of the organization's entries that match, with `seq` from `from` on and below `before`. Others get
   *  their turn after it. */
  matching(
    organizationId: string,
    range: { from: number; before: number },
    filter: JournalFilter,
    limit: number,
  ): Promise<JournalEntry[]>;
  /** The newest of the whole server's entries with `seq` up to this one: its number and time. */
  at(seq: number): Promise<{ seq: number; at: number } | null>;
  /** The newest sequence number, 0 when empty. */
  head(): Promise<number>;
}

/** Reads come straight from the database: what was committed before the call is seen. */
export interface StoreReads {
  organizations: OrganizationReads;
  users: UserReads;
  apiUsers: ApiUserReads;
  apiTokens: ApiTokenReads;
  previousSecrets: PreviousSecretReads;
  permissions: PermissionReads;
  roles: RoleReads;
  plans: PlanReads;
  signingKeys: SigningKeyReads;
  journal: JournalReads;
  credentials: CredentialLookup;
  digests: DigestReads;
  usage: UsageReads;
  names: NameReads;
  sessions: SessionReads;
  oneTimeLinks: OneTimeLinkReads;
  secondFactors: SecondFactorReads;
}

/** Reads and changes inside one change's savepoint. */
export interface Changes {
  organizations: OrganizationChanges;
  users: UserChanges;
  apiUsers: ApiUserChanges;
  apiTokens: ApiTokenChanges;
  previousSecrets: PreviousSecretChanges;
  permissions: PermissionChanges;
  roles: RoleChanges;
  plans: PlanChanges;
  signingKeys: SigningKeyChanges;
  issuedTokens: IssuedTokenChanges;
  usage: UsageChanges;
  sessions: SessionChanges;
  oneTimeLinks: OneTimeLinkChanges;
  secondFactors: SecondFactorChanges;
  credentials: CredentialLookup;
  /** Remembers an entry; it gets its number and hash just before the commit. */
  journal(entry: NewJournalEntry): void;
}

export interface Store extends StoreReads {
  /**
   * Runs `change` in the writer's next transaction and answers after the commit is durable. A throw undoes this
   * change alone. May run `change` again (deadlock on PostgreSQL), so it must have no effect but through `changes`.
   * Rejects with KeywardError `unavailable` when the database cannot commit.
   */
  write<T>(change: (changes: Changes) => Promise<T>): Promise<T>;
  /** Called with a commit's entries after the commit and before its writers are answered. Must not throw. */
  onCommit(listener: (entries: readonly JournalEntry[]) => void): void;
  /** How many changes wait for the writer. */
  waiting(): number;
  /** Rejects if the database does not answer within its time limit. */
  ping(): Promise<void>;
  close(): Promise<void>;
}

export interface Settings {
  /** The server's public address, without a trailing slash: the issuer and audience of its tokens. */
  issuer: string;
  /** API users are named `<uuid>@api.<apiUserDomain>`. */
  apiUserDomain: string;
  /** What is only shown. */
  facts: ServerFacts;
  /** The credential forms that the enabled dialects bring. */
  accepts: ReadonlySet<CredentialForm>;
  /** How long a session lasts without being used, and at most. */
  sessionIdleMs: number;
  sessionMs: number;
}

/** Everything that core's operations stand on. */
export interface Ports {
  store: Store;
  /** The store's holders, remembered. Only inspect and verify use them; an exchange asks the database. */
  credentials: CachedCredentialLookup;
  /** Told of every verdict on a known credential. Must not wait. */
  usage: { saw(use: Use): void };
  passwords: PasswordHasher;
  totp: Totp;
  sealer: Sealer;
  keys: KeySet;
  plans: PlanBook;
  limits: LimitStore;
  /** What verifiers elsewhere were lent by this node. */
  leases: LeaseBook;
  signInLimiter: SignInLimiter;
  /** What was said of the newest changes. */
  lastReceipts: LastReceipts;
  /** How the journal's chain stands. */
  chain: Pick<ChainWatch, 'state'>;
  /** Who follows the journal through this node. */
  subscribers: SubscriberRegistry;
  /** False while the journal may hold changes of other nodes that this one has not heard of. */
  isFresh(): boolean;
  clock: Clock;
  settings: Settings;
  /** Told of a recorded access token that was seen after its end, so that it is removed in good time. Must not wait. */
  sawExpired(jti: string): void;
}
