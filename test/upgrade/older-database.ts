// A database as the version before left it: what newer migrations made is taken away again. For tests only.

import Sqlite from 'better-sqlite3';
import pg from 'pg';
import type { TestPlace } from '../assembled-server.ts';

/** Runs SQL on the database of a place whose server is stopped. */
export async function onDatabase(place: TestPlace, statements: readonly string[]): Promise<void> {
  if (place.databaseUrl === null) {
    const database = new Sqlite(`${place.environment.KEYWARD_DATA}/keyward.db`);
    for (const one of statements) database.exec(one);
    database.close();
    return;
  }
  const client = new pg.Client({ connectionString: place.databaseUrl });
  await client.connect();
  for (const one of statements) await client.query(one);
  await client.end();
}

/** Takes away what the migration of APIs made, so that the next start makes it from what it finds. */
export const beforeApis = [
  'drop table upgrade_steps',
  'drop table apis',
  'drop table api_permissions',
  "delete from schema_migrations where name = '0013-apis'",
] as const;
