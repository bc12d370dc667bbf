// Opens a SQLite file: the lock that keeps a second Keyward off its folder, durable settings, one connection that
// writes and one that reads. What is stored in it is not known here.

import { closeSync, openSync } from 'node:fs';
import { dirname, join } from 'node:path';
import Sqlite from 'better-sqlite3';
import {
  type CompiledQuery,
  Kysely,
  type QueryResult,
  SqliteAdapter,
  SqliteDialect,
  type SqliteStatement,
} from 'kysely';
import { LRUCache } from 'lru-cache';
import { KeywardError } from '../core/errors.ts';
import type { Database, Session } from './database.ts';
import { unavailable } from './database-error.ts';
import type { Db, Schema } from './schema.ts';
import { runsDirectly } from './statement.ts';
import { type StatementWatch, watchedRun } from './statement-watch.ts';

export interface SqliteOptions {
  /** Its folder must exist; the file is made if it does not. */
  file: string;
  /** Opens beside a running server, without the lock; nothing can be written. */
  readOnly?: boolean;
  /**
   * Of one of several processes that write to the file, whose supervisor has the lock: resolves when it is this one's turn, with
   * what ends it.
   */
  writeTurn?: WriteTurn;
  watch?: StatementWatch | undefined;
}

/** `committed` is false where nothing was written after all. */
export type WriteTurn = () => Promise<(committed: boolean) => void>;

/** How long a connection waits for a lock that someone else's tool holds on the file. */
const busyTimeoutMs = 1000;
const cacheKib = 16_384;
/** Pages (40 MB) that the write-ahead log gathers before they move into the file: hot ones are then moved once. */
const checkpointPages = 10_000;

/** Throws `conflict` if another Keyward runs on this folder, `unavailable` if the file cannot be used safely. */
export function openSqlite({ file, readOnly = false, writeTurn, watch }: SqliteOptions): Database {
  const unlock = readOnly || writeTurn !== undefined ? () => {} : lockFolder(dirname(file));
  try {
    const writer = readOnly ? null : keepWriter(file, watch);
    const reader = connect(file, true);
    const reads = kyselyOver(reader, watch);
    return {
      reads,
      news: reads,
      begin: async () => {
        if (writer === null) throw unavailable('The database is open for reading only.');
        return writeTurn === undefined ? writer.begin() : beginInTurn(writer.begin, writeTurn);
      },
      atLeisure: async (work) => work(writer?.db() ?? reads),
      close: async () => {
        reader.close();
        writer?.close();
        unlock();
      },
    };
  } catch (error) {
    unlock();
    throw error instanceof KeywardError ? error : unavailable(error);
  }
}

/**
 * Throws unless a commit on this connection survives a power cut: a build's or an operator's default may be less
 * (SQLite, PRAGMA synchronous), and some network file systems cannot do WAL.
 */
export function assertDurable(connection: Sqlite.Database): void {
  const journalMode = connection.pragma('journal_mode', { simple: true });
  const synchronous = connection.pragma('synchronous', { simple: true });
  if (journalMode === 'wal' && synchronous === 2) return;
  const found = `journal_mode=${journalMode}, synchronous=${synchronous}`;
  throw unavailable(new Error(`This SQLite file is not written durably: ${found}, wanted wal and 2 (FULL).`));
}

/** Keeps every Keyward off the folder: an exclusive transaction that the kernel ends with the process, unlike a file that names a process. */
export function lockFolder(folder: string): () => void {
  const file = join(folder, 'lock.db');
  makePrivate(file);
  const lock = new Sqlite(file, { timeout: 0 });
  try {
    lock.exec('begin exclusive');
  } catch (cause) {
    lock.close();
    throw new KeywardError('conflict', 'Another Keyward is running on this data folder. Stop it first.', { cause });
  }
  return () => lock.close();
}

/** SQLite gives its -wal and -shm files the mode of the database file. */
function makePrivate(file: string): void {
  try {
    closeSync(openSync(file, 'a', 0o600));
  } catch (error) {
    throw unavailable(error);
  }
}

/** The writing connection. After a failed transaction it is opened anew, as a failed fsync leaves the old one in doubt. */
function keepWriter(file: string, watch: StatementWatch | undefined) {
  makePrivate(file);
  let current = openWriter(file, watch);
  let inDoubt = false;
  return {
    db: () => current.db,
    begin: (): Session => {
      if (inDoubt) {
        current.connection.close();
        current = openWriter(file, watch);
        inDoubt = false;
      }
      const { connection, db, command } = current;
      command('begin immediate');
      const again = () => {
        command('rollback');
        command('begin immediate');
      };
      const rollback = () => {
        inDoubt = true;
        if (connection.inTransaction) command('rollback');
      };
      return { db, rowLocks: false, command, again, lockJournal: () => {}, commit: () => command('commit'), rollback };
    },
    close: () => current.connection.close(),
  };
}

/** A transaction that ends the turn with itself, however it ends: nobody else may write as long as it lasts. */
async function beginInTurn(begin: () => Session, writeTurn: WriteTurn): Promise<Session> {
  const over = await writeTurn();
  const ending = (end: () => Promise<void> | void, committed: boolean) => async () => {
    try {
      await end();
    } finally {
      over(committed);
    }
  };
  try {
    const session = begin();
    // A commit that fails is rolled back, which then ends the turn.
    const commit = async () => {
      await session.commit();
      over(true);
    };
    return { ...session, commit, rollback: ending(session.rollback, false) };
  } catch (error) {
    over(false);
    throw error;
  }
}

function openWriter(file: string, watch: StatementWatch | undefined) {
  const connection = connect(file, false);
  try {
    assertDurable(connection);
  } catch (error) {
    connection.close();
    throw error;
  }
  const prepared = new Map<string, Sqlite.Statement>();
  const command = (sql: string): void => {
    const statement = prepared.get(sql) ?? connection.prepare(sql);
    prepared.set(sql, statement);
    statement.run();
  };
  const watched = watch === undefined ? command : (sql: string) => watchedRun(watch, sql, () => command(sql));
  return { connection, db: kyselyOver(connection, watch), command: watched };
}

function connect(file: string, readonly: boolean): Sqlite.Database {
  const connection = new Sqlite(file, { readonly, timeout: busyTimeoutMs });
  if (!readonly) {
    connection.pragma('journal_mode = wal');
    connection.pragma('synchronous = full');
    // On macOS fsync alone does not reach the disk; elsewhere these two do nothing.
    connection.pragma('fullfsync = on');
    connection.pragma('checkpoint_fullfsync = on');
    connection.pragma('foreign_keys = on');
    // What a savepoint would undo is then kept in memory, not written to a file of its own.
    connection.pragma('temp_store = memory');
    connection.pragma(`wal_autocheckpoint = ${checkpointPages}`);
  }
  connection.pragma(`cache_size = -${cacheKib}`);
  return connection;
}

/** Kysely prepares every query anew; this remembers what was prepared. */
function kyselyOver(connection: Sqlite.Database, watch: StatementWatch | undefined): Db {
  const prepared = new LRUCache<string, SqliteStatement>({ max: 500 });
  const prepare = (sql: string): SqliteStatement => {
    const known = prepared.get(sql);
    if (known !== undefined) return known;
    const statement: SqliteStatement = connection.prepare<unknown[]>(sql);
    prepared.set(sql, statement);
    return statement;
  };
  const dialect = new SqliteDialect({ database: { prepare, close: () => connection.close() } });
  const adapter = new SqliteAdapter();
  // SQLite can undo changes of tables, which Kysely does not claim: a migration that is killed half-way leaves nothing.
  Object.defineProperty(adapter, 'supportsTransactionalDdl', { value: true });
  const db = new Kysely<Schema>({
    dialect: {
      createAdapter: () => adapter,
      createDriver: () => dialect.createDriver(),
      createIntrospector: (db) => dialect.createIntrospector(db),
      createQueryCompiler: () => dialect.createQueryCompiler(),
    },
  });
  const runNow = <O>({ sql, parameters }: CompiledQuery<O>): QueryResult<O> => {
    const statement = prepare(sql);
    if (statement.reader) return { rows: statement.all(parameters) as O[] };
    return { rows: [], numAffectedRows: BigInt(statement.run(parameters).changes) };
  };
  if (watch === undefined) return runsDirectly(db, runNow);
  return runsDirectly(db, (query) => watchedRun(watch, query.sql, () => runNow(query)));
}
