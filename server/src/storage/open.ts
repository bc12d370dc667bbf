// Opens the store: the one entry of this room. Chooses the database, sees that its tables are of this program's version,
// and puts reads and writer together.

import type { NodeQuestions } from '../core/checking/calls/question.ts';
import type { Clock } from '../core/clock.ts';
import { KeywardError } from '../core/errors.ts';
import type { PresenceStore } from '../core/feed/ports.ts';
import type { JournalReads } from '../core/journal/ports.ts';
import type { Store } from '../core/ports.ts';
import { readsOver } from './changes.ts';
import { type Database, ping } from './database.ts';
import { journalReads } from './journal.ts';
import { inOwnTransactions, openLeases, type StoredLeases } from './leases.ts';
import { migrateToLatest, pendingMigrations } from './migrate.ts';
import { openNodeQuestions } from './node-questions.ts';
import { openPresence } from './presence.ts';
import { openSqlite, type WriteTurn } from './sqlite.ts';
import type { StatementWatch } from './statement-watch.ts';
import { openWriter } from './writer.ts';

export type StoreLocation =
  | { sqlite: { file: string } }
  | {
      postgres: {
        url: string;
        /** Connections at most, beside one for news of the journal; 10 unless told. */
        poolSize?: number;
        /** How long connecting and each statement may take; 2,000 unless told. */
        timeoutMs?: number;
      };
    };

export type StoreOptions = StoreLocation & {
  /** Brings older tables up to date first; otherwise they are refused. */
  migrate?: boolean;
  /** Opens beside a running server; every write is refused. */
  readOnly?: boolean;
  /** What is only observed until a time, counts from then on; the machine's clock unless told. */
  clock?: Clock;
  /** Of one of several processes that share a SQLite file on this machine: how they take turns and hear of one another. */
  workers?: Workers;
  /** Told of each statement. */
  watch?: StatementWatch | undefined;
};

export interface Workers {
  writeTurn: WriteTurn;
  presence: PresenceStore;
  questions: NodeQuestions;
  /** Milliseconds since the epoch as all of them count, which a clock that is set does not change. */
  clock: Clock;
}

/**
 * The store, and where it is shared by several nodes the leases of their limits, the presence of their verifiers and what they
 * ask one another.
 */
export interface OpenStore extends Store {
  /** True where other nodes write to it too, so that what is remembered of it must be followed. */
  isShared: boolean;
  /** The journal for whoever follows it: read on a connection of its own, however many others wait for the database. */
  news: Pick<JournalReads, 'after' | 'latest'>;
  leases: StoredLeases | null;
  presence: PresenceStore | null;
  questions: NodeQuestions | null;
}

/**
 * Throws KeywardError `conflict` if another Keyward runs on the SQLite file's folder or if the tables are of another
 * version, `unavailable` if the database cannot be reached or does not store durably.
 */
export async function openStore(options: StoreOptions): Promise<OpenStore> {
  const { clock = Date.now } = options;
  const workers = 'postgres' in options ? undefined : options.workers;
  const database = await openDatabase(options, options.readOnly ?? false, workers?.writeTurn, options.watch);
  try {
    if (options.migrate === true) await migrateIfNeeded(database);
    else await refuseOlder(database);
  } catch (error) {
    await database.close();
    throw error;
  }
  const writer = openWriter(database, clock);
  const isShared = 'postgres' in options || workers !== undefined;
  const leases = isShared ? openLeases(inOwnTransactions(database), workers?.clock ?? Date.now) : null;
  return {
    isShared,
    ...readsOver(database.reads, clock),
    news: journalReads(database.news),
    leases,
    presence: 'postgres' in options ? openPresence(database.reads) : (workers?.presence ?? null),
    questions: 'postgres' in options ? openNodeQuestions(database.reads) : (workers?.questions ?? null),
    write: writer.write,
    onCommit: writer.onCommit,
    waiting: writer.waiting,
    ping: () => ping(database),
    close: async () => {
      await leases?.close();
      await writer.close();
      await database.close();
    },
  };
}

/**
 * Brings the tables to this program's version and returns the names of the migrations that ran. Throws as `openStore`
 * does, so on SQLite the server must be stopped.
 */
export async function migrate(location: StoreLocation): Promise<string[]> {
  const database = await openDatabase(location, false);
  try {
    return await migrateToLatest(database);
  } finally {
    await database.close();
  }
}

/** The database alone, whatever its tables are. Throws as `openStore` does. */
export async function openDatabase(
  location: StoreLocation,
  readOnly: boolean,
  writeTurn?: WriteTurn,
  watch?: StatementWatch,
): Promise<Database> {
  return 'sqlite' in location
    ? openSqlite({ ...location.sqlite, readOnly, watch, ...(writeTurn !== undefined && { writeTurn }) })
    : (await import('./postgres.ts')).openPostgres({ ...location.postgres, readOnly, watch });
}

async function migrateIfNeeded(database: Database): Promise<void> {
  if ((await pendingMigrations(database.reads)).length > 0) await migrateToLatest(database);
}

async function refuseOlder(database: Database): Promise<void> {
  const pending = await pendingMigrations(database.reads);
  if (pending.length === 0) return;
  const text = 'This database was made by an older Keyward, or is empty. Run "keyward migrate" first.';
  throw new KeywardError('conflict', text);
}
