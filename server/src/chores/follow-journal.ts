// Follows the journal, so that what is remembered in this process stays true when another node changes something.
// It knows nothing of what its followers remember.

import { setTimeout as pause } from 'node:timers/promises';
import type { Clock } from '../core/clock.ts';
import { chainHash, genesisHash } from '../core/journal/chain.ts';
import type { JournalEntry } from '../core/journal/entry.ts';
import type { JournalReads } from '../core/journal/ports.ts';

/** Without news from the journal for longer than this, what is remembered is not trusted. */
export const stalenessBoundMs = 2000;

/** Those who catch up share polls that begin at least this far apart, however many they are. */
const catchUpGapMs = 5;
const entriesAtOnce = 1000;

export interface JournalListener {
  /** Given every entry at least once, in order. Must not throw. */
  apply(entries: readonly JournalEntry[]): void;
  /**
   * The journal is no longer the one that was followed up to `lost`: the database went back, as it does when a standby
   * that lagged takes over. What was told may not be, and what came instead was not told. Goes on behind `head`.
   */
  startOver(head: number, lost: number): void;
}

export interface JournalFollower {
  /** Reads on from where it stands. Rejects when the journal cannot be reached; the next call tries again. */
  poll(): Promise<void>;
  /** As `poll`, but resolves only when the listener has been told of all that was committed before this call. */
  catchUp(): Promise<void>;
  /** Entries that this process committed itself. */
  committed(entries: readonly JournalEntry[]): void;
  /** Up to this entry the listener has been told everything. */
  seen(): number;
  /** False when the last successful poll began longer ago than the bound. */
  isFresh(): boolean;
}

/** Starts at the journal's present end. */
export async function followJournal(
  journal: Pick<JournalReads, 'after' | 'latest'>,
  clock: Clock,
  { apply, startOver }: JournalListener,
): Promise<JournalFollower> {
  let readAt = clock();
  let seen = await end();
  let polling: Promise<void> | null = null;
  let catchingUp: Promise<void> | null = null;
  let caughtUpAt = Number.NEGATIVE_INFINITY;

  async function end(): Promise<Pick<JournalEntry, 'seq' | 'hash'>> {
    const [newest] = await journal.latest(null, 1);
    return newest ?? { seq: 0, hash: genesisHash };
  }

  async function readOn(): Promise<void> {
    for (;;) {
      let began = clock();
      const from = seen;
      // The last one is read again: if it is gone or another, this is another journal.
      const again = from.seq > 0 ? 1 : 0;
      const found = await journal.after(from.seq - again, entriesAtOnce);
      if (again > 0 && (found[0]?.seq !== from.seq || found[0].hash !== from.hash)) {
        began = clock();
        const lost = seen.seq;
        seen = await end();
        startOver(seen.seq, lost);
        readAt = began;
        return;
      }
      const entries = found.slice(again);
      const last = entries.at(-1);
      if (last !== undefined) {
        apply(entries);
        if (last.seq > seen.seq) seen = last;
      }
      // More may have come since, but not before this read began.
      if (found.length < entriesAtOnce) {
        readAt = began;
        return;
      }
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
      const last = entries.at(-1);
      if (first === undefined || last === undefined || first.seq !== seen.seq + 1) return;
      // One that does not fit on was written behind entries that took the place of those seen: the next poll finds out.
      if (chainHash(seen.hash, first) === first.hash) seen = last;
    },
    seen: () => seen.seq,
    isFresh: () => clock() - readAt <= stalenessBoundMs,
  };
}
