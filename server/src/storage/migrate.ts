// Brings a database's tables to this program's version, and says how the two compare. Never goes back a version.

import { sql } from 'kysely';
import { Migrator } from 'kysely/migration';
import { KeywardError } from '../core/errors.ts';
import type { Database } from './database.ts';
import { migrations } from './migrations/all.ts';
import type { Db } from './schema.ts';
import { run } from './statement.ts';

const migrationTableName = 'schema_migrations';
const migrationLockTableName = 'schema_migrations_lock';

/** Names of the migrations that are still to run, oldest first. Throws `conflict` if the tables are of a newer version. */
export async function pendingMigrations(db: Db): Promise<string[]> {
  const known = Object.keys(migrations);
  const done = await doneMigrations(db);
  if (done.some((name) => !known.includes(name))) {
    throw new KeywardError(
      'conflict',
      'This database was written by a newer Keyward. Run that version, or restore a backup made before the upgrade.',
    );
  }
  return known.filter((name) => !done.includes(name));
}

/**
 * Runs what is pending, each database's nodes one after the other, and returns the names of what this call ran. A
 * migration that is killed leaves no trace and runs again the next time.
 */
export async function migrateToLatest(database: Database): Promise<string[]> {
  await pendingMigrations(database.reads);
  return database.atLeisure(async (db) => {
    const provider = { getMigrations: async () => migrations };
    const migrator = new Migrator({ db, provider, migrationTableName, migrationLockTableName });
    const { error, results = [] } = await migrator.migrateToLatest();
    if (error !== undefined) throw error;
    return results.map((result) => result.migrationName);
  });
}

/** Names of what has run, oldest first; none of an empty database. */
export async function doneMigrations(db: Db): Promise<string[]> {
  const query = sql<{ name: string }>`select name from ${sql.table(migrationTableName)} order by name`;
  try {
    return (await run(db, query.compile(db))).rows.map((row) => row.name);
  } catch (error) {
    if (isMissingTable(error)) return [];
    throw error;
  }
}

function isMissingTable(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  return ('code' in error && error.code === '42P01') || error.message.includes('no such table');
}
