// What core needs from the world: a store, a hasher of people's passwords, a clock. Contracts only; rooms implement them.

import type { AccessTokenSource, IssuedToken } from './access-token.ts';
import type { ApiToken } from './api-token.ts';
import type { ApiUser } from './api-user.ts';
import type { Awaitable } from './awaitable.ts';
import type { Principal } from './caller.ts';
import type { Followers } from './followers.ts';
import type { Guesses } from './guesses.ts';
import type { JournalEntry, NewJournalEntry } from './journal.ts';
import type { LeaseBook } from './lease.ts';
import type { LimitStore } from './limit.ts';
import type { Organization } from './organization.ts';
import type { Page, PageRequest } from './page.ts';
import type { RegisteredPermission } from './permission.ts';
import type { Plan, PlanBook } from './plan.ts';
import type { Role } from './role.ts';
import type { Sealer } from './seal.ts';
import type { KeySet, SigningKey } from './signing-keys.ts';
import type { Standing } from './standing.ts';
import type { LastUse, NewLastUse, UsageCount, UsageQuery, Use } from './usage.ts';
import type { User, UserPassword } from './user.ts';
import type { CredentialForm } from './verify.ts';

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
export interface Holder {
  source: AccessTokenSource;
  /** The token's name, the API user's username or the user's e-mail. */
  name: string;
  standing: Standing;
  expiresAt: number | null;
  /** Set for API tokens. */
  token: Pick<ApiToken, 'permissions' | 'use' | 'digest' | 'number' | 'addresses'> | null;
  /** The user or API user behind it: for these two, themselves. */
  owner: { type: 'user' | 'api_user'; id: string; name: string; number: number; role: string; standing: Standing };
  /** The permissions of an organization's own role; null when `owner.role` is a built-in one or is gone. */
  rolePermissions: readonly string[] | null;
  organization: Pick<Organization, 'id' | 'name' | 'isOperator' | 'planId' | 'contributors' | 'standing'>;
  /** What `principalOf` says of it, kept by whoever keeps the record: working it out costs more than a check. */
  principal?: Principal;
}

/** Lookups of the hot path, which the store answers from the database. */
export interface Holders {
  /** `digest`: lower-case hex SHA-256 of the whole API token. Deleted tokens are found; standing says so. */
  byDigest(digest: string): Promise<Holder | null>;
  bySource(source: AccessTokenSource): Promise<Holder | null>;
  /** True while the issued-token record `jti` exists. */
  isIssued(jti: string): Promise<boolean>;
}

/** The same lookups, answered at once where memory suffices (`storage/cached.ts`). */
export interface RememberedHolders {
  byDigest(digest: string): Awaitable<Holder | null>;
  bySource(source: AccessTokenSource): Awaitable<Holder | null>;
  isIssued(jti: string): Awaitable<boolean>;
}

/** Verbs that any noun with a standing has. Each is atomic and true for exactly one of many racing callers. */
export interface StandingChanges {
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
export interface UserChanges extends UserReads, Omit<StandingChanges, 'restore'> {
  /** False if the e-mail is taken. */
  insert(user: User, passwordHash: string): Promise<boolean>;
  update(organizationId: string, id: string, change: Partial<Pick<User, 'name' | 'role'>>): Promise<boolean>;
  /** Moves to the next generation. Compares with `expected` when given: false if the hash changed meanwhile. */
  setPassword(organizationId: string, id: string, passwordHash: string, expected?: string): Promise<boolean>;
  /** The same password under newer parameters: no new generation. */
  renewPasswordHash(id: string, passwordHash: string, expected: string): Promise<boolean>;
}

export interface ApiUserReads {
  find(organizationId: string, id: string): Promise<ApiUser | null>;
  /** By canonical username, over all organizations. Deleted ones are not found. */
  findPassword(username: string): Promise<{ id: string; organizationId: string; passwordDigest: string } | null>;
  list(organizationId: string, page: PageRequest): Promise<Page<ApiUser>>;
}
export interface ApiUserChanges extends ApiUserReads, StandingChanges {
  insert(apiUser: ApiUser, passwordDigest: string): Promise<boolean>;
  update(organizationId: string, id: string, change: Partial<Pick<ApiUser, 'name' | 'role'>>): Promise<boolean>;
}

export interface ApiTokenReads {
  find(organizationId: string, id: string): Promise<ApiToken | null>;
  /** By exact name among those not deleted. */
  findByName(organizationId: string, name: string): Promise<ApiToken | null>;
  findByNumber(organizationId: string, number: number): Promise<ApiToken | null>;
  /** With `ownerId`, only that owner's. */
  list(organizationId: string, page: PageRequest, ownerId?: string): Promise<Page<ApiToken>>;
}
export interface ApiTokenChanges extends ApiTokenReads, StandingChanges {
  /** False if the name is taken. */
  insert(token: ApiToken): Promise<boolean>;
  /** False if the new name is taken or there is no such token. */
  update(
    organizationId: string,
    id: string,
    change: Partial<Pick<ApiToken, 'name' | 'description' | 'permissions' | 'addresses'>> & { updatedAt: number },
  ): Promise<boolean>;
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
  /** The newest sequence number, 0 when empty. */
  head(): Promise<number>;
}

/** Reads come straight from the database: what was committed before the call is seen. */
export interface StoreReads {
  organizations: OrganizationReads;
  users: UserReads;
  apiUsers: ApiUserReads;
  apiTokens: ApiTokenReads;
  permissions: PermissionReads;
  roles: RoleReads;
  plans: PlanReads;
  signingKeys: SigningKeyReads;
  journal: JournalReads;
  holders: Holders;
  digests: DigestReads;
  usage: UsageReads;
}

/** Reads and changes inside one change's savepoint. */
export interface Changes {
  organizations: OrganizationChanges;
  users: UserChanges;
  apiUsers: ApiUserChanges;
  apiTokens: ApiTokenChanges;
  permissions: PermissionChanges;
  roles: RoleChanges;
  plans: PlanChanges;
  signingKeys: SigningKeyChanges;
  issuedTokens: IssuedTokenChanges;
  usage: UsageChanges;
  holders: Holders;
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
  /** The credential forms that the enabled dialects bring. */
  accepts: ReadonlySet<CredentialForm>;
}

/** Everything that core's operations stand on. */
export interface Ports {
  store: Store;
  /** The store's holders, remembered. Only inspect and verify use them; an exchange asks the database. */
  holders: RememberedHolders;
  /** Told of every verdict on a known credential. Must not wait. */
  usage: { saw(use: Use): void };
  passwords: PasswordHasher;
  sealer: Sealer;
  keys: KeySet;
  plans: PlanBook;
  limits: LimitStore;
  /** What verifiers elsewhere were lent by this node. */
  leases: LeaseBook;
  guesses: Guesses;
  /** Who follows the journal through this node. */
  followers: Followers;
  /** False while the journal may hold changes of other nodes that this one has not heard of. */
  isFresh(): boolean;
  clock: Clock;
  settings: Settings;
  /** Told of a recorded access token that was seen after its end, so that it is removed in good time. Must not wait. */
  sawExpired(jti: string): void;
}
