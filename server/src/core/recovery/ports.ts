// What recovery needs of the world: the state of the server, what stands suspended, and the verbs that only a restore uses.

import type { CheckingChanges } from '../checking/ports.ts';
import type { JournalEntry } from '../journal/entry.ts';
import type { Journalled } from '../journal/ports.ts';
import type { ServerState, Suspendable, SuspendedCounts } from './records.ts';

export interface ServerStateReads {
  read(): Promise<ServerState>;
}

export interface SuspensionReads {
  count(): Promise<SuspendedCounts>;
  /** Organizations in which something is suspended, or that are, above `after` in the order of their ids. */
  organizations(after: string, limit: number): Promise<string[]>;
}

export interface SuspensionChanges extends SuspensionReads {
  /** All that is suspended in an organization, itself too; answers how many of each. What was inactive before stays so. */
  releaseOrganization(organizationId: string): Promise<SuspendedCounts>;
  /** Answers the organization that it is of; null for one that is not suspended. */
  releaseOne(type: Suspendable, id: string): Promise<string | null>;
}

/** The verbs of a restore, which runs while no server does. */
export interface RestoringVerbs {
  /** Ends all sessions, links, codes, access tokens and kept answers; no generation of before is met again. */
  endAllAccess(): Promise<void>;
  /** Everything in the database, what is deactivated or deleted too, with the overlaps and codes that would outlive it. */
  suspendAll(at: number): Promise<void>;
  /** False if it is not there. */
  suspend(type: Suspendable, id: string, at: number): Promise<boolean>;
  /** In place of the secret stands one that nobody knows; overlaps end. False if it is not there. */
  loseSecret(type: 'user' | 'api_user' | 'api_token' | 'application', id: string): Promise<boolean>;
  /** Ends the overlap of a rotation. */
  endOverlap(type: 'api_user' | 'api_token', id: string): Promise<void>;
  /** It is asked for from now on, and no code is right, until somebody removes it. */
  loseSecondFactor(userId: string, at: number): Promise<void>;
  dropRecoveryCodes(userId: string): Promise<void>;
  /** All of an application, or of an API. */
  dropAuthorizations(of: { application: string } | { id: string }): Promise<void>;
  /** With what is held against by it alone. */
  dropRecipe(id: string): Promise<void>;
  /** Nothing is sent to it any more; it can be switched on again. */
  stopWebhook(id: string, at: number): Promise<void>;
  dropWebhook(id: string): Promise<void>;
  /** The API with its permissions. */
  dropApi(handle: string): Promise<void>;
  /** Keeps these entries as they were: they follow on from the last one. */
  append(entries: readonly JournalEntry[]): Promise<void>;
  beginEpoch(epoch: string, at: number): Promise<void>;
  /** Of leases, who follows the feed, what was sent: nothing of it holds any more. */
  forgetOthers(): Promise<void>;
}

export interface RecoveryReads {
  serverState: ServerStateReads;
  suspensions: SuspensionReads;
}

export interface RecoveryChanges extends CheckingChanges {
  suspensions: SuspensionChanges;
}

/** What may be touched inside a restore. */
export interface RestoringChanges extends RecoveryChanges, Journalled {
  restoring: RestoringVerbs;
}
