// The chain of the journal's entries, which shows if one was altered: each is linked to the one before it.

import { hash } from 'node:crypto';
import type { NewJournalEntry } from './entry.ts';
import type { JournalReads } from './ports.ts';

/** The hash before the first entry. */
export const genesisHash = '0'.repeat(64);

/** Links an entry to the one before it. The same on every node and database. */
export function chainHash(previousHash: string, entry: NewJournalEntry & { seq: number }): string {
  const { seq, at, organizationId, actor, action, subject, detail } = entry;
  const text = [previousHash, seq, at, organizationId, actor.type, actor.id, action, subject.type, subject.id, detail];
  if (actor.organizationId !== undefined) text.push(actor.organizationId);
  return hash('sha256', JSON.stringify(text), 'hex');
}

export type ChainReport =
  | { intact: true; entries: number; head: string }
  | { intact: false; entries: number; brokenAt: number; problem: string };

/**
 * Walks the whole chain. Edited, reordered, missing and inserted entries are found; entries cut off at the end are
 * found only by comparing `head` with one noted earlier.
 */
export async function verifyChain(journal: JournalReads, progress?: (seq: number) => void): Promise<ChainReport> {
  let head = genesisHash;
  let seq = 0;
  for (;;) {
    const entries = await journal.after(seq, 1000);
    if (entries.length === 0) return { intact: true, entries: seq, head };
    for (const entry of entries) {
      if (entry.seq !== seq + 1) {
        return { intact: false, entries: seq, brokenAt: seq + 1, problem: `Entry ${seq + 1} is missing.` };
      }
      const expected = chainHash(head, entry);
      if (expected !== entry.hash) {
        return { intact: false, entries: seq, brokenAt: entry.seq, problem: `Entry ${entry.seq} was altered.` };
      }
      head = expected;
      seq = entry.seq;
    }
    progress?.(seq);
  }
}
