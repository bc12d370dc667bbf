// What is kept of the server as a whole: which journal it has, and what a restore has suspended.

/** A place in the journal of one epoch: the entry's number and hash. */
export interface JournalHead {
  epoch: string;
  seq: number;
  hash: string;
}

/** Times are integer milliseconds since the epoch, null while the thing has not happened. */
export interface ServerState {
  /** Another one after each restore: whoever remembers something from before it must forget that. */
  epoch: string;
  /** When a restore began this epoch; null for the first. */
  restoredAt: number | null;
  /** Set while a move fills this database. */
  movingSince: number | null;
  /** Set once a move has taken everything elsewhere. */
  movedAt: number | null;
}

export const suspendables = ['organization', 'user', 'api_user', 'api_token', 'application'] as const;
/** What can stand suspended. */
export type Suspendable = (typeof suspendables)[number];

/** How many of each. */
export type SuspendedCounts = Readonly<Record<Suspendable, number>>;

/** What a restore did. */
export interface RestoreReport {
  epoch: string;
  /** The last entry of the backup, and the last of the journal that was replayed after it; null if none was. */
  backup: { seq: number; at: number | null };
  replayed: { from: number; to: number; at: number } | null;
  /** Set where all that the backup holds stands suspended, and why; null where the journal said what had ended. */
  suspendedBecause: string | null;
  /** Entries of a kind that cannot be replayed: what they touched is suspended. By action, how many. */
  notReplayed: Readonly<Record<string, number>>;
  /** Whose secret in the backup had been replaced: they need a new one. */
  needNewSecret: Readonly<Record<'user' | 'api_user' | 'api_token' | 'application', number>>;
  /** Everything that stands suspended now. */
  suspended: SuspendedCounts;
}
