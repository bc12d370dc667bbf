// The journal: what is remembered of each act, and the chain that shows if it was altered.
// Storage numbers and keeps the entries; nothing here decides what an act may do.

import { hash } from 'node:crypto';
import { actorOf, type Caller } from '../identity/caller.ts';
import type { JournalReads } from '../ports.ts';

export interface NewJournalEntry {
  at: number;
  /** Null for what concerns the whole server. */
  organizationId: string | null;
  actor: { type: 'user' | 'api_user' | 'api_token' | 'system'; id: string };
  /** `noun.verb`, as in `api_token.deactivated`. */
  action: string;
  subject: { type: string; id: string };
  /** Plain JSON; never a secret. */
  detail: Readonly<Record<string, unknown>>;
}

export interface JournalEntry extends NewJournalEntry {
  /** 1, 2, 3 … without gaps, in commit order. */
  seq: number;
  /** Lower-case hex SHA-256 over the previous hash and this entry's canonical text. */
  hash: string;
}

/** The hash before the first entry. */
export const genesisHash = '0'.repeat(64);

/** Links an entry to the one before it. The same on every node and database. */
export function chainHash(previousHash: string, entry: NewJournalEntry & { seq: number }): string {
  const { seq, at, organizationId, actor, action, subject, detail } = entry;
  const text = [previousHash, seq, at, organizationId, actor.type, actor.id, action, subject.type, subject.id, detail];
  return hash('sha256', JSON.stringify(text), 'hex');
}

/** An entry for something that `caller` did, in its own organization unless said otherwise. */
export function entryOf(
  caller: Caller,
  at: number,
  action: string,
  subject: { type: string; id: string },
  detail: Readonly<Record<string, unknown>> = {},
  organizationId: string | null = caller.organization.id || null,
): NewJournalEntry {
  return { at, organizationId, actor: actorOf(caller), action, subject, detail };
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
