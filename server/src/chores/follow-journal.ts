// Follows the journal, so that what is remembered in this process stays true when another node changes something.
// It knows nothing of what its followers remember.

import type { JournalEntry } from '../core/journal.ts';
import type { Clock, JournalReads } from '../core/ports.ts';

/** Without news from the journal for longer than this, what is remembered is not trusted. */
export const stalenessBoundMs = 2000;

export interface JournalFollower {
  /** Reads on from where it stands. Rejects when the journal cannot be reached; the next call tries again. */
  poll(): Promise<void>;
  /** Entries that this process committed itself. */
  committed(entries: readonly JournalEntry[]): void;
  /** False when the last successful poll began longer ago than the bound. */
  isFresh(): boolean;
}

/** Starts at the journal's present end. `apply` is given every entry at least once, in order, and must not throw. */
export async function followJournal(
  journal: JournalReads,
  clock: Clock,
  apply: (entries: readonly JournalEntry[]) => void,
): Promise<JournalFollower> {
  let readAt = clock();
  let seen = await journal.head();
  let polling: Promise<void> | null = null;

  async function readOn(): Promise<void> {
    for (;;) {
      const began = clock();
      const entries = await journal.after(seen, 1000);
      const last = entries.at(-1);
      if (last === undefined) {
        readAt = began;
        return;
      }
      apply(entries);
      seen = Math.max(seen, last.seq);
    }
  }

  return {
    poll() {
      polling ??= readOn().finally(() => {
        polling = null;
      });
      return polling;
    },
    committed(entries) {
      apply(entries);
      const [first] = entries;
      if (first?.seq === seen + 1) seen += entries.length;
    },
    isFresh: () => clock() - readAt <= stalenessBoundMs,
  };
}
