// A copy of a SQLite file as it was at one moment, while a server goes on writing to it; and a look at whether a copy is whole.

import { closeSync, openSync } from 'node:fs';
import Sqlite from 'better-sqlite3';
import type { JournalReads } from '../core/journal/ports.ts';
import { journalReads } from './journal.ts';
import { doneMigrations } from './migrate.ts';
import { openSqlite } from './sqlite.ts';

/** Some 10 MB: a few milliseconds between two looks at what is left. */
const pagesPerStep = 2500;

/** `to` must not exist; it can be read by this account alone. `progress` is told of parts from 0 to 1. */
export async function copySqlite(from: string, to: string, progress: (part: number) => void): Promise<void> {
  const source = new Sqlite(from, { readonly: true, fileMustExist: true, timeout: 5000 });
  try {
    // What this transaction sees does not change, so that the copy never has to begin anew.
    source.exec('begin');
    source.prepare('select count(*) from sqlite_schema').get();
    closeSync(openSync(to, 'wx', 0o600));
    await source.backup(to, {
      progress: ({ totalPages, remainingPages }) => {
        progress(totalPages === 0 ? 0 : 1 - remainingPages / totalPages);
        return pagesPerStep;
      },
    });
  } finally {
    source.close();
  }
  const copy = new Sqlite(to);
  try {
    // One file, with no log beside it.
    copy.pragma('journal_mode = delete');
  } finally {
    copy.close();
  }
}

/** What SQLite finds wrong with the file; null if nothing. Throws where it is no database. */
export function damageOf(file: string): string | null {
  const copy = new Sqlite(file, { readonly: true, fileMustExist: true });
  try {
    const found = copy.pragma('integrity_check(1)', { simple: true });
    return found === 'ok' ? null : String(found);
  } finally {
    copy.close();
  }
}

/** A database file that is only read, whichever version made it: its journal, and the name of its newest migration. */
export async function openCopy(
  file: string,
): Promise<{ journal: JournalReads; schema: string | null; close(): Promise<void> }> {
  const database = openSqlite({ file, readOnly: true });
  try {
    const schema = (await doneMigrations(database.reads)).at(-1) ?? null;
    return { journal: journalReads(database.reads), schema, close: () => database.close() };
  } catch (error) {
    await database.close();
    throw error;
  }
}

/** Has the log beside a file moved into it, so that it is whole by itself. A file that cannot be opened is left as it is. */
export function foldLog(file: string): void {
  try {
    const connection = new Sqlite(file, { fileMustExist: true });
    try {
      connection.pragma('wal_checkpoint(truncate)');
    } finally {
      connection.close();
    }
  } catch {
    // It is damaged, which may be why it is replaced.
  }
}
