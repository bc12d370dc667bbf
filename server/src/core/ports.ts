// What core needs of the world, put together from what each of its parts needs: a store, a hasher of people's passwords, a
// clock. Contracts only; rooms implement them.

import type { Proofs } from '@keyward/rules/dpop/proofs';
import type { Answering, AnswerReads, CachedCredentialLookup } from './caller/ports.ts';
import type { UseRecorder } from './caller/use.ts';
import type { ApiCache } from './catalogue/api-cache.ts';
import type { ReachRecorder } from './checking/advice/recorder.ts';
import type { GuardedCalls } from './checking/calls/explain-call.ts';
import type { OtherNodes } from './checking/calls/question.ts';
import type { RecentCalls } from './checking/calls/recent-calls.ts';
import type { VerifierFindings } from './checking/calls/verifier-findings.ts';
import type { LeaseRegistry } from './checking/lease-registry.ts';
import type { ObservationRecorder } from './checking/observed/recorder.ts';
import type { PlanCache } from './checking/plan-cache.ts';
import type { CheckingReads, LimitStore } from './checking/ports.ts';
import type { Clock } from './clock.ts';
import type { GitHubKeys } from './credentials/leaks/github.ts';
import type { InClear } from './credentials/leaks/in-clear.ts';
import type { DigestReads } from './credentials/ports.ts';
import type { LastReceipts } from './feed/recent-receipts.ts';
import type { SubscriberRegistry } from './feed/subscribers.ts';
import type { WebhookSender, WebhookStoreChanges, WebhookStoreReads } from './feed/webhooks/ports.ts';
import type { PasswordHasher, PasswordStrength, Totp } from './identity/ports.ts';
import type { SignInLimiter } from './identity/sign-in-limiter.ts';
import type { ImportedSecrets } from './import/imported-secrets.ts';
import type { ImportChanges, ImportReads, SlowHasher } from './import/ports.ts';
import type { ChainWatch } from './journal/chain-watch.ts';
import type { JournalEntry } from './journal/entry.ts';
import type { Journalled } from './journal/ports.ts';
import type { RecoveryChanges, RecoveryReads } from './recovery/ports.ts';
import type { Sealer } from './sealer.ts';
import type { Settings } from './settings.ts';
import type { ClientDocuments } from './tokens/client-metadata/client-documents.ts';
import type { FailedExchange } from './tokens/exchange-failure.ts';
import type { KeySet } from './tokens/key-set.ts';
import type { AssertionVerifier } from './tokens/ports.ts';
import type { Writer } from './writer.ts';

export interface ServerTimeReads {
  /** The latest time that was kept; 0 before the first. */
  latest(): Promise<number>;
}

export interface ServerTimeChanges {
  /** Keeps `at`, unless a later time is known. */
  keep(at: number): Promise<void>;
}

export interface UpgradeStepReads {
  /** True until what an upgrade left under this name is done. */
  isPending(name: string): Promise<boolean>;
  /** What the operator's organization had registered before there were APIs. */
  operatorsPermissions(): Promise<{ name: string; description: string }[]>;
  /** All permissions and patterns that stand in a list of a role or an API token, deleted ones too; each once. */
  heldPermissions(): Promise<string[]>;
}

export interface UpgradeStepChanges {
  /** True for one of many racing callers: it was pending until now. */
  finish(name: string): Promise<boolean>;
}

/** Reads come straight from the database: what was committed before the call is seen. */
export interface StoreReads extends CheckingReads, ImportReads, WebhookStoreReads, RecoveryReads {
  digests: DigestReads;
  serverTime: ServerTimeReads;
  upgradeSteps: UpgradeStepReads;
  answers: AnswerReads;
}

/** Reads and changes inside one change's savepoint. */
export interface Changes
  extends RecoveryChanges,
    ImportChanges,
    WebhookStoreChanges,
    Journalled,
    Pick<Answering, 'answers'> {
  serverTime: ServerTimeChanges;
  upgradeSteps: UpgradeStepChanges;
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
  /** The store's credential records, cached. Only inspect and verify use them; an exchange asks the database. */
  credentials: CachedCredentialLookup;
  /** Told of every verdict on a known credential. Must not wait. */
  usage: UseRecorder;
  /** What this node remembers of single calls. */
  calls: RecentCalls;
  /** Where others remember theirs; null where there is no other node. */
  otherNodes: OtherNodes | null;
  guardedCalls: GuardedCalls;
  /** Told of every call that something observed would have refused. Must not wait. */
  observations: ObservationRecorder;
  /** What verifiers found wrong with themselves. */
  findings: VerifierFindings;
  /** Told of what each call that was let in was for. Must not wait. */
  reaches: ReachRecorder;
  passwords: PasswordHasher;
  /** Of imported secrets. */
  slowHasher: SlowHasher;
  /** Secrets that were made elsewhere. */
  imported: ImportedSecrets;
  strength: PasswordStrength;
  totp: Totp;
  sealer: Sealer;
  keys: KeySet;
  /** Of what must be shown with a key. */
  proofs: Proofs;
  plans: PlanCache;
  apis: ApiCache;
  limits: LimitStore;
  /** Outside tokens in place of secrets. */
  assertions: AssertionVerifier;
  describedAssertions: Pick<AssertionVerifier, 'proveOwn'>;
  /** What clients say of themselves at their addresses. */
  clientDocuments: ClientDocuments;
  /** What verifiers elsewhere were lent by this node. */
  leases: LeaseRegistry;
  signInLimiter: SignInLimiter;
  /** Reports of leaked tokens without a credential. */
  leakLimiter: Pick<SignInLimiter, 'attempt'>;
  /** What came over plain HTTP. */
  inClear: InClear;
  /** What GitHub signs its reports with; null where none are taken. */
  gitHubKeys: GitHubKeys | null;
  /** What was said of the newest changes. */
  lastReceipts: LastReceipts;
  /** How the journal's chain stands. */
  chain: Pick<ChainWatch, 'state'>;
  /** Who follows the journal through this node. */
  subscribers: SubscriberRegistry;
  /** Calls the receivers of webhooks. */
  webhookSender: WebhookSender;
  /** False while the journal may hold changes of other nodes that this one has not heard of. */
  isFresh(): boolean;
  clock: Clock;
  settings: Settings;
  /** Told of each exchange that fails, but for people's passwords, of which `signInLimiter` knows. Must not wait. */
  exchangeFailed(failure: FailedExchange): void;
  /** Told of a recorded access token that was seen after its end, so that it is removed in good time. Must not wait. */
  sawExpired(jti: string): void;
}
