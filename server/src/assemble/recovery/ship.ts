// `keyward journal ship`: copies the journal to a second place, entry by entry, as it grows. It goes on where it was stopped, and
// writes nothing that does not fit what is there.

import { join, resolve } from 'node:path';
import type { Config } from '../../config/config.ts';
import { chainHash, genesisHash } from '../../core/journal/chain.ts';
import type { JournalEntry } from '../../core/journal/entry.ts';
import { fileFailure } from '../../startup/file-failure.ts';
import { epochFolder, readSegment, type Segment, segmentsIn, writeSegment } from '../../startup/journal-segments.ts';
import { StartupError } from '../../startup/startup-error.ts';
import { type OpenStore, openStore, type StoreLocation } from '../../storage/open.ts';
import { inWords } from '../database.ts';

/** A file is replaced until it has so many. */
export const entriesPerSegment = 1000;

export interface Shipping {
  /** Ships what is new; answers the last entry that is safe there. */
  step(): Promise<number>;
  close(): Promise<void>;
}

/** Opens the journal for reading, beside a running server. Throws StartupError where the folder holds another one. */
export async function openShipping(config: Pick<Config, 'data' | 'database'>, to: string): Promise<Shipping> {
  const place: StoreLocation =
    config.database === null
      ? { sqlite: { file: join(config.data, 'keyward.db') } }
      : { postgres: { url: config.database } };
  const store = await inWords(place, openStore({ ...place, readOnly: true }));
  let cursor: Cursor | null = null;
  return {
    async step() {
      try {
        const { epoch, restoredAt } = await store.serverState.read();
        const folder = epochFolder(resolve(to), { epoch, restoredAt });
        if (cursor?.folder !== folder) cursor = await resume(store, folder);
        cursor = await shipFrom(store, cursor);
        return cursor.seq;
      } catch (error) {
        cursor = null;
        if (error instanceof StartupError || !(error instanceof Error) || !('syscall' in error)) throw error;
        throw fileFailure(error, `The folder ${to}`, 'Name another with --to.');
      }
    },
    close: () => store.close(),
  };
}

/** The last segment as it is, and where it ends. */
interface Cursor {
  folder: string;
  seq: number;
  hash: string;
  first: number;
  lines: string[];
}

/** Reads the last segment, and holds its end against the database. */
async function resume({ journal }: Pick<OpenStore, 'journal'>, folder: string): Promise<Cursor> {
  const last = segmentsIn(folder).at(-1);
  if (last === undefined) return { folder, seq: 0, hash: genesisHash, first: 1, lines: [] };
  const lines = readSegment(last);
  const end = parsed(last, lines.at(-1) ?? '');
  const [same] = await journal.after(end.seq - 1, 1);
  if (same?.seq !== end.seq || same.hash !== end.hash) {
    throw new StartupError(
      `${folder} holds another journal than this database: their entries ${end.seq} differ.`,
      'If the database was copied back by hand, decide about it first: keyward restore --in-place. Otherwise name another folder.',
    );
  }
  return { folder, seq: end.seq, hash: end.hash, first: last.first, lines };
}

async function shipFrom({ journal }: Pick<OpenStore, 'journal'>, from: Cursor): Promise<Cursor> {
  let cursor = from;
  for (;;) {
    const entries = await journal.after(cursor.seq, entriesPerSegment);
    if (entries.length === 0) return cursor;
    let { seq, hash, first, lines } = cursor;
    for (const entry of entries) {
      if (entry.seq !== seq + 1 || chainHash(hash, entry) !== entry.hash) {
        throw new StartupError(
          `The journal is broken at entry ${seq + 1}, and what follows is not shipped.`,
          'keyward journal verify says more.',
        );
      }
      if (lines.length >= entriesPerSegment) {
        writeSegment(cursor.folder, first, lines);
        [first, lines] = [entry.seq, []];
      } else if (lines === cursor.lines) lines = [...lines];
      lines.push(JSON.stringify(entry));
      ({ seq, hash } = entry);
    }
    writeSegment(cursor.folder, first, lines);
    cursor = { ...cursor, seq, hash, first, lines };
  }
}

function parsed({ path }: Segment, line: string): JournalEntry {
  try {
    return JSON.parse(line) as JournalEntry;
  } catch {
    throw new StartupError(`${path} is damaged.`, 'Move it away: what is missing is shipped anew.');
  }
}
