// What the room needs of an opened database: sqlite.ts and postgres.ts each provide it, and nothing else in the room
// asks which of the two it is.

import { databaseErrorOf } from './database-error.ts';
import type { Db } from './schema.ts';
import { run } from './statement.ts';

export interface Database {
  /** Sees what is committed, and nothing of a transaction in progress. */
  reads: Db;
  /** The same on a connection of its own: what is asked there, one at a time, waits for none of the other reads. */
  news: Db;
  /** Opens a transaction. One at a time. */
  begin(): Promise<Session>;
  /** Runs `work` on a connection that may take its time, as migrations do. */
  atLeisure<T>(work: (db: Db) => Promise<T>): Promise<T>;
  close(): Promise<void>;
}

/** A transaction in progress. */
export interface Session {
  db: Db;
  /** True where rows that were read can change before the commit, so that counting must lock them. */
  rowLocks: boolean;
  /** Savepoint commands. */
  command(sql: string): Promise<void> | void;
  /** Undoes everything and begins anew on the same connection. */
  again(): Promise<void> | void;
  /** Waits until nobody else is between numbering journal entries and committing them. */
  lockJournal(): Promise<void> | void;
  /** Resolves when the commit is durable. */
  commit(): Promise<void> | void;
  /** Gives everything up; the next transaction starts on a sound connection. Never rejects. */
  rollback(): Promise<void> | void;
}

/**
 * Runs a change that may find a name taken, and answers false if it did. An update cannot say ON CONFLICT, and on
 * PostgreSQL the violation would abort the whole transaction, hence the savepoint.
 */
export async function unlessTaken(session: Session, change: () => Promise<boolean>): Promise<boolean> {
  await session.command('savepoint attempt');
  try {
    const done = await change();
    await session.command('release savepoint attempt');
    return done;
  } catch (error) {
    if (databaseErrorOf(error) !== 'taken') throw error;
    await session.command('rollback to savepoint attempt');
    await session.command('release savepoint attempt');
    return false;
  }
}

/** Rejects with `unavailable` if the database does not answer in its time. */
export async function ping(database: Database): Promise<void> {
  const { reads } = database;
  await run(reads, reads.selectNoFrom((eb) => eb.lit(1).as('one')).compile());
}
