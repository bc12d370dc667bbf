// What core needs of the world, put together from what each of its parts needs: a store, a hasher of people's passwords, a
// clock. Contracts only; rooms implement them.

import type { CachedCredentialLookup, CredentialLookup } from './caller/ports.ts';
import type { Use } from './caller/use.ts';
import type { LeaseBook } from './checking/lease-book.ts';
import type { PlanBook } from './checking/plan-book.ts';
import type {
  LimitStore,
  PermissionChanges,
  PermissionReads,
  PlanChanges,
  PlanReads,
  UsageChanges,
  UsageReads,
} from './checking/ports.ts';
import type { Clock } from './clock.ts';
import type {
  ApiTokenChanges,
  ApiTokenReads,
  DigestReads,
  PreviousSecretChanges,
  PreviousSecretReads,
} from './credentials/ports.ts';
import type { LastReceipts } from './feed/recent-receipts.ts';
import type { SubscriberRegistry } from './feed/subscribers.ts';
import type {
  ApiUserChanges,
  ApiUserReads,
  OneTimeLinkChanges,
  OneTimeLinkReads,
  OrganizationChanges,
  OrganizationReads,
  PasswordHasher,
  RoleChanges,
  RoleReads,
  SecondFactorChanges,
  SecondFactorReads,
  SessionChanges,
  SessionReads,
  Totp,
  UserChanges,
  UserReads,
} from './identity/ports.ts';
import type { SignInLimiter } from './identity/sign-in-limiter.ts';
import type { ChainWatch } from './journal/chain-watch.ts';
import type { JournalEntry } from './journal/entry.ts';
import type { Journalled, JournalReads, NameReads } from './journal/ports.ts';
import type { Sealer } from './sealer.ts';
import type { Settings } from './settings.ts';
import type { KeySet } from './tokens/key-set.ts';
import type { IssuedTokenChanges, SigningKeyChanges, SigningKeyReads } from './tokens/ports.ts';
import type { Writer } from './writer.ts';

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
export interface Changes extends Journalled {
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
}

export interface Store extends StoreReads, Writer<Changes> {
  /** Called with a commit's entries after the commit and before its writers are answered. Must not throw. */
  onCommit(listener: (entries: readonly JournalEntry[]) => void): void;
  /** How many changes wait for the writer. */
  waiting(): number;
  /** Rejects if the database does not answer within its time limit. */
  ping(): Promise<void>;
  close(): Promise<void>;
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
