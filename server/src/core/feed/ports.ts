// Presence: who follows through which node, as all nodes of one database know it. Each node tells of its own verifiers
// and of itself, and reads of the others while somebody waits for a receipt. A node that is alone has none. Contracts
// only: it is kept in storage/presence.ts and shared by chores/presence.ts.

import type { Opened } from './receipt.ts';

/** One verifier on one connection; or a node itself, which has no organization. */
export interface PresenceEntry {
  /** Of this connection, on whichever node. */
  id: string;
  node: string;
  organizationId: string | null;
  /** What it calls itself; null before it has said. */
  verifier: string | null;
  /** Of its credential. */
  name: string;
  address: string;
  /** True for one that follows the changes of every organization. */
  followsAll: boolean;
  /** Everything up to this entry has been applied. */
  cursor: number;
}

/** A line as others read it. Times are the database's, in milliseconds since the epoch. */
export interface StoredPresence extends Omit<PresenceEntry, 'followsAll'> {
  connectedAt: number;
  acknowledgedAt: number | null;
}

/** Where presences are kept. Everything rejects with KeywardError `unavailable` when the database does not answer. */
export interface PresenceStore {
  /** Adds or renews lines; cursors never go back. Answers where those of them stand that others have moved on. */
  put(lines: readonly PresenceEntry[]): Promise<{ id: string; cursor: number }[]>;
  remove(ids: readonly string[]): Promise<void>;
  /**
   * The lines of organizations, null for all of them, of the operator's, which follow all, and of all nodes, that were renewed
   * within `withinMs`.
   */
  read(organizationIds: readonly string[] | null, withinMs: number): Promise<StoredPresence[]>;
  /** A verifier has said to another node than its own that it has applied everything up to `cursor`. */
  acknowledge(organizationId: string, verifier: string, cursor: number): Promise<void>;
  /** Deletes lines that nobody has renewed for so long. */
  deleteOlder(thanMs: number): Promise<void>;
}

export interface PresenceSync {
  /** Resolves when all nodes can read of this line. */
  enter(line: PresenceEntry): Promise<void>;
  /** Something has changed: soon, once for many changes. */
  tellSoon(): void;
  /** Renews every line. */
  tell(): Promise<void>;
  /** Has a receipt that waits for `unknownOthers` wait for whoever is on other nodes instead, until it is over. */
  watch(organizationIds: readonly string[] | null, opened: Opened): void;
  /** What other nodes tell of an organization's own verifiers. */
  others(organizationId: string): Promise<StoredPresence[]>;
  acknowledge(organizationId: string, verifier: string, cursor: number): Promise<void>;
  /** Takes this node out; its verifiers' lines end by themselves. */
  close(): Promise<void>;
}
