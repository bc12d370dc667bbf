// Follows the journal, so that what is remembered in this process stays true when another node changes something.
// It knows nothing of what its followers remember.

import { setTimeout as pause } from 'node:timers/promises';
import type { JournalEntry } from '../core/journal.ts';
import type { Clock, JournalReads } from '../core/ports.ts';

/** Without news from the journal for longer than this, what is remembered is not trusted. */
export const stalenessBoundMs = 2000;

/** Those who catch up share polls that begin at least this far apart, however many they are. */
const catchUpGapMs = 5;

export interface JournalFollower {
  /** Reads on from where it stands. Rejects when the journal cannot be reached; the next call tries again. */
  poll(): Promise<void>;
  /** As `poll`, but resolves only when `apply` has been told of all that was committed before this call. */
  catchUp(): Promise<void>;
  /** Entries that this process committed itself. */
  committed(entries: readonly JournalEntry[]): void;
  /** Up to this entry `apply` has been told everything. */
  seen(): number;
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
  let catchingUp: Promise<void> | null = null;
  let caughtUpAt = Number.NEGATIVE_INFINITY;

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

  function poll(): Promise<void> {
    polling ??= readOn().finally(() => {
      polling = null;
    });
    return polling;
  }

  /** A poll that is in progress began too early for whoever comes now. */
  async function pollAnew(): Promise<void> {
    const gap = caughtUpAt + catchUpGapMs - clock();
    await (gap > 0 ? pause(Math.min(gap, catchUpGapMs)) : null);
    while (polling !== null) await polling.catch(() => {});
    catchingUp = null;
    caughtUpAt = clock();
    return poll();
  }

  return {
    poll,
    catchUp() {
      catchingUp ??= pollAnew();
      return catchingUp;
    },
    committed(entries) {
      apply(entries);
      const [first] = entries;
      if (first?.seq === seen + 1) seen += entries.length;
    },
    seen: () => seen,
    isFresh: () => clock() - readAt <= stalenessBoundMs,
  };
}
