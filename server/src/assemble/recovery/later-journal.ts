// The journal of the time after a backup: from the folder that `keyward journal ship` fills, or from another database file. It is
// handed out in order, and only as far as each entry fits the one before it.

import { existsSync, statSync } from 'node:fs';
import { chainHash } from '../../core/journal/chain.ts';
import type { JournalEntry } from '../../core/journal/entry.ts';
import { hashAt } from '../../core/recovery/head.ts';
import { epochsIn, readSegment, segmentsIn } from '../../startup/journal-segments.ts';
import { StartupError } from '../../startup/startup-error.ts';
import { openCopy } from '../../storage/backup.ts';

type Place = { seq: number; hash: string };

/** A journal that somebody kept. */
export interface KeptJournal {
  /** What it is, for people. */
  name: string;
  after(seq: number, limit: number): Promise<JournalEntry[]>;
  /** Where it ends. */
  head(): Promise<number>;
  close(): Promise<void>;
}

const entriesAtOnce = 1000;

/** A folder of segments, or a database file. Throws StartupError for neither. */
export async function openKeptJournal(path: string): Promise<KeptJournal> {
  if (!existsSync(path))
    throw new StartupError(`${path} does not exist.`, 'Name the folder that "keyward journal ship" writes to.');
  if (!statSync(path).isDirectory()) {
    const { journal, close } = await openCopy(path);
    return { name: path, after: journal.after, head: journal.head, close };
  }
  // What came after the newest restore; one before that ended then.
  const [folder] = epochsIn(path);
  if (folder === undefined) {
    throw new StartupError(`${path} holds no journal.`, 'Name the folder that "keyward journal ship" writes to.');
  }
  return { name: path, ...segmentReads(folder), close: async () => {} };
}

/** True if it holds the entry that a backup ends with, and so tells what came after. */
export async function continues(journal: Pick<KeptJournal, 'after'>, backup: Place): Promise<boolean> {
  return (await hashAt(journal, backup.seq)) === backup.hash;
}

/** All entries behind a place. Throws StartupError where the chain breaks: what is behind that proves nothing. */
export async function* entriesBehind({ name, after }: KeptJournal, place: Place): AsyncGenerator<JournalEntry[], void> {
  let { seq, hash } = place;
  for (;;) {
    const entries = await after(seq, entriesAtOnce);
    if (entries.length === 0) return;
    for (const entry of entries) {
      if (entry.seq !== seq + 1 || chainHash(hash, entry) !== entry.hash) {
        throw new StartupError(
          `The journal in ${name} is broken at entry ${seq + 1}: one is missing or was altered.`,
          'Name another, or restore without one (--no-journal): then all that the backup holds stands suspended.',
        );
      }
      ({ seq, hash } = entry);
    }
    yield entries;
  }
}

function segmentReads(folder: string): Pick<KeptJournal, 'after' | 'head'> {
  const entriesOf = (segment: Parameters<typeof readSegment>[0]): JournalEntry[] =>
    readSegment(segment).map((line) => {
      try {
        return JSON.parse(line) as JournalEntry;
      } catch {
        throw new StartupError(
          `${segment.path} is damaged.`,
          'Name another folder, or restore without a journal (--no-journal).',
        );
      }
    });
  return {
    after: async (seq, limit) => {
      const segments = segmentsIn(folder);
      const from = segments.findLastIndex(({ first }) => first <= seq + 1);
      const found: JournalEntry[] = [];
      for (const segment of segments.slice(Math.max(0, from))) {
        found.push(...entriesOf(segment).filter((entry) => entry.seq > seq));
        if (found.length >= limit) break;
      }
      return found.slice(0, limit);
    },
    head: async () => {
      const last = segmentsIn(folder).at(-1);
      return last === undefined ? 0 : (entriesOf(last).at(-1)?.seq ?? 0);
    },
  };
}
