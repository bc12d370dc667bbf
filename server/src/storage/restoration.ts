// One change of a whole database beside no server: everything in it or nothing, however long it takes.

import { KeywardError } from '../core/errors.ts';
import type { NewJournalEntry } from '../core/journal/entry.ts';
import type { JournalReads } from '../core/journal/ports.ts';
import type { RestoringChanges, ServerStateReads } from '../core/recovery/ports.ts';
import { changesOver } from './changes.ts';
import { appendEntries, journalReads } from './journal.ts';
import { migrateToLatest } from './migrate.ts';
import { openDatabase, type StoreLocation } from './open.ts';
import { runningNodes } from './presence.ts';
import { restoringVerbs } from './restoring.ts';
import { serverStateReads } from './server-state.ts';

/** What is read of it, before the change and after. */
export interface RestoredReads {
  journal: JournalReads;
  serverState: ServerStateReads;
}

/** No statement of it is in a hurry. */
const patienceMs = 6 * 3_600_000;

/** Brings the tables up to date first. Throws as `openStore` does, and what `change` throws. */
export async function changeAtOnce<T>(
  location: StoreLocation,
  change: (changes: RestoringChanges, reads: RestoredReads) => Promise<T>,
  finish: (done: T, reads: RestoredReads) => Promise<void>,
): Promise<T> {
  const patient = 'postgres' in location ? { postgres: { ...location.postgres, timeoutMs: patienceMs } } : location;
  const database = await openDatabase(patient, false);
  try {
    await migrateToLatest(database);
    const nodes = 'postgres' in location ? await runningNodes(database.reads) : [];
    if (nodes.length > 0) {
      throw new KeywardError(
        'conflict',
        `Keyward still runs on this database: ${nodes.join(', ')}. Stop all nodes first.`,
      );
    }
    const reads = { journal: journalReads(database.reads), serverState: serverStateReads(database.reads) };
    const session = await database.begin();
    let done: T;
    try {
      const added: NewJournalEntry[] = [];
      const changes = changesOver(session, Date.now, (entry) => added.push(entry));
      done = await change({ ...changes, restoring: restoringVerbs(session) }, reads);
      await appendEntries(session, added);
      await session.commit();
    } catch (error) {
      await session.rollback();
      throw error;
    }
    await finish(done, reads);
    return done;
  } finally {
    await database.close();
  }
}
