// What identity needs of the world: where organizations and people are kept, a hasher of passwords, codes that change
// with time. Contracts only.

import type { Acting, ApiHandles, CredentialLookup, PermissionReads } from '../caller/ports.ts';
import type { Session } from '../caller/records.ts';
import type { Clock } from '../clock.ts';
import type { ExternalRecord } from '../external-record.ts';
import type { Journalled, JournalStoreReads } from '../journal/ports.ts';
import type { Page, PageRequest } from '../page.ts';
import type { Writer } from '../writer.ts';
import type {
  ApiUser,
  ApiUserPassword,
  OneTimeLink,
  Organization,
  Role,
  SecondFactor,
  User,
  UserPassword,
} from './records.ts';

/** People's passwords. Slow on purpose and bounded: rejects with KeywardError `unavailable` when its queue is full. */
export interface PasswordHasher {
  /** Returns a PHC string (`$argon2id$…`). The password is taken whole: no truncation, NUL included (S14). */
  hash(password: string): Promise<string>;
  /** With `hash` null it does the same work against a dummy and answers false, so an absent user costs the same (S22). */
  verify(hash: string | null, password: string): Promise<boolean>;
  /** True if `hash` was made with weaker parameters than today's, so that sign-in can renew it. */
  isOutdated(hash: string): boolean;
}

/** What makes a password easy to guess. */
export type PasswordWeakness = 'repetition' | 'known' | 'keyboard' | 'sequence' | 'date' | 'common' | 'words';

export interface PasswordEstimate {
  /** How many guesses it takes who tries what is likely first. */
  guesses: number;
  /** What helps the guesser most. */
  weakness: PasswordWeakness;
}

/** Estimates a password of any length in bounded time. `known`: what an attacker knows of its owner. */
export type PasswordStrength = (password: string, known: readonly string[]) => Promise<PasswordEstimate>;

/** Verbs that any noun with a lifecycle has. Each is atomic and true for exactly one of many racing callers. */
export interface LifecycleChanges {
  /** Sets `deactivatedAt`, moves to the next generation; with `cutOff` also moves `cutOffGeneration` (even if already inactive). */
  deactivate(organizationId: string, id: string, at: number, cutOff?: boolean): Promise<boolean>;
  activate(organizationId: string, id: string): Promise<boolean>;
  delete(organizationId: string, id: string, at: number): Promise<boolean>;
  /** Moves to the next generation, which ends every access token of the one before. */
  endAccessTokens(organizationId: string, id: string): Promise<boolean>;
  /** False if it is not deleted, or its name, username or external id has been taken meanwhile. */
  restore(organizationId: string, id: string): Promise<boolean>;
}

/** What lists of what has an external id are narrowed to; unset members do not narrow them. */
export interface ExternalFilter {
  externalId?: string;
}

export interface OrganizationReads {
  find(id: string): Promise<Organization | null>;
  findByName(name: string): Promise<Organization | null>;
  /** Among those not deleted. */
  findByExternalId(externalId: string): Promise<Organization | null>;
  /** Those not deleted whose id or name is among these. */
  findAll(handles: readonly string[]): Promise<Organization[]>;
  list(page: PageRequest, filter?: ExternalFilter & { id?: string }): Promise<Page<Organization>>;
}

export interface OrganizationChanges extends OrganizationReads {
  /** As `find`, before it is changed: nobody else does until the commit. */
  claim(id: string): Promise<Organization | null>;
  /** False if the name or the external id is taken. */
  insert(organization: Organization): Promise<boolean>;
  /** False if the new name or external id is taken or there is no such organization. */
  update(
    id: string,
    change: Partial<
      Pick<
        Organization,
        | 'name'
        | 'planId'
        | 'contributors'
        | 'longestTokenLifetimeMs'
        | 'entitlement'
        | 'leakPolicy'
        | 'observed'
        | keyof ExternalRecord
      >
    >,
  ): Promise<boolean>;
  deactivate(id: string, at: number): Promise<boolean>;
  activate(id: string): Promise<boolean>;
  delete(id: string, at: number): Promise<boolean>;
}

export interface UserReads {
  find(organizationId: string, id: string): Promise<User | null>;
  /** By canonical e-mail, over all organizations: an e-mail belongs to one user. Deleted users are not found. */
  findPassword(email: string): Promise<UserPassword | null>;
  list(organizationId: string, page: PageRequest): Promise<Page<User>>;
  /** Users with this role who are active and have a password of their own, to keep the last owner from leaving. */
  countAbleToSignIn(organizationId: string, role: string): Promise<number>;
}

/** Nobody else changes what `find` finds until the commit. */
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

export interface ApiUserReads {
  find(organizationId: string, id: string): Promise<ApiUser | null>;
  /** By canonical username, over all organizations. Deactivated and deleted ones are not found: as if there were none. */
  findPassword(username: string): Promise<ApiUserPassword | null>;
  /** The same by its id. */
  findPasswordById(id: string): Promise<ApiUserPassword | null>;
  /** By canonical username, over all organizations: whoever has it, and is not deleted. */
  findNamed(username: string): Promise<ApiUser | null>;
  /** What its present password is held against; null if it is deleted or not there. */
  digestOf(organizationId: string, id: string): Promise<string | null>;
  /** Among those not deleted. */
  findByExternalId(organizationId: string, externalId: string): Promise<ApiUser | null>;
  list(organizationId: string, page: PageRequest, filter?: ExternalFilter): Promise<Page<ApiUser>>;
}

/** Nobody else changes what `find` finds until the commit. */
export interface ApiUserChanges extends ApiUserReads, LifecycleChanges {
  /** False if the number, the username or the external id is taken. `passwordDigest`: as `ApiUserPassword` has it. */
  insert(apiUser: ApiUser, passwordDigest: string): Promise<boolean>;
  /** False if the new external id is taken or there is no such API user. */
  update(
    organizationId: string,
    id: string,
    change: Partial<Pick<ApiUser, 'name' | 'role' | keyof ExternalRecord>>,
  ): Promise<boolean>;
  /**
   * Compares and sets: true for exactly one of many who read the same `expected` digest. With `endsAccess` every access
   * token ends that was made with a password of it; those of the API tokens that it owns go on.
   */
  replacePassword(
    organizationId: string,
    id: string,
    expected: string,
    next: { digest: string; endsAccess: boolean },
  ): Promise<boolean>;
}

export interface RoleReads {
  find(organizationId: string, name: string): Promise<Role | null>;
  list(organizationId: string): Promise<Role[]>;
}

/** Nobody changes or deletes what `find` finds until the commit. */
export interface RoleChanges extends RoleReads {
  /** As `find`, before it is changed or deleted: nobody else finds or claims it until the commit. */
  claim(organizationId: string, name: string): Promise<Role | null>;
  insert(role: Role): Promise<boolean>;
  update(
    organizationId: string,
    name: string,
    change: Partial<Pick<Role, 'description' | 'permissions'>>,
  ): Promise<boolean>;
  /** False if it does not exist or somebody who is not deleted still has it. */
  delete(organizationId: string, name: string): Promise<boolean>;
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
  /** Whether it is there; nobody ends it until the commit. */
  claim(id: string): Promise<boolean>;
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

export interface Totp {
  /** A new shared secret, base32. */
  generate(): string;
  /** What authenticator apps read from a picture: `otpauth://totp/…`. */
  uri(secret: string, issuer: string, account: string): string;
  /**
   * The time step whose code this is, or null. By the machine's clock, as a device goes by its own, and not by core's, which
   * never goes back. One step (30 s) before or after counts too.
   */
  stepOf(secret: string, code: string): number | null;
}

/** What identity needs to know of plans, which are checking's: whether there is one. */
export interface PlanNames {
  find(id: string): Promise<object | null>;
}

/** What the store lets this part read, and those before it. */
export interface IdentityReads extends JournalStoreReads {
  organizations: OrganizationReads;
  users: UserReads;
  apiUsers: ApiUserReads;
  roles: RoleReads;
  sessions: SessionReads;
  oneTimeLinks: OneTimeLinkReads;
  secondFactors: SecondFactorReads;
  credentials: CredentialLookup;
}

/** What may be touched inside a change. */
export interface IdentityChanges {
  organizations: OrganizationChanges;
  users: UserChanges;
  apiUsers: ApiUserChanges;
  roles: RoleChanges;
  sessions: SessionChanges;
  oneTimeLinks: OneTimeLinkChanges;
  secondFactors: SecondFactorChanges;
  credentials: CredentialLookup;
  permissions: PermissionReads;
  apis: ApiHandles;
  plans: PlanNames;
}

/** The ports of what reads these. */
export interface Reading<Noun extends keyof IdentityReads> {
  store: Pick<IdentityReads, Noun>;
}

/** What may be touched inside a change of these. */
export type Changes<Noun extends keyof IdentityChanges> = Pick<IdentityChanges, Noun> & Journalled;

/** The ports of what changes these on a caller's behalf. */
export type Changing<Noun extends keyof IdentityChanges> = Acting<Changes<Noun>>;

/** The ports of what changes these with no caller to ask for. */
export interface Writing<Noun extends keyof IdentityChanges> {
  store: Writer<Changes<Noun>>;
  clock: Clock;
}

/** The ports of what makes a password's hash. */
export interface Hashing {
  passwords: Pick<PasswordHasher, 'hash'>;
}

/** The ports of what takes a password that a person chose. */
export interface ChoosingPassword extends Hashing {
  strength: PasswordStrength;
}
