// A database as the version before left it: what newer migrations made is taken away again. For tests only.

import { mkdirSync, rmSync } from 'node:fs';
import Sqlite from 'better-sqlite3';
import { Migrator } from 'kysely/migration';
import pg from 'pg';
import { migrations } from '../../server/src/storage/migrations/all.ts';
import { openPostgres } from '../../server/src/storage/postgres.ts';
import { openSqlite } from '../../server/src/storage/sqlite.ts';
import type { TestPlace } from '../assembled-server.ts';

/** Runs SQL on the database of a place whose server is stopped. */
export async function onDatabase(place: TestPlace, statements: readonly string[]): Promise<void> {
  if (place.databaseUrl === null) {
    const database = new Sqlite(`${place.environment.KEYWARD_DATA}/keyward.db`);
    for (const one of statements) database.exec(one);
    database.close();
    // The version before kept none.
    if (statements.includes('drop table server_state'))
      rmSync(`${place.environment.KEYWARD_DATA}/journal.head`, { force: true });
    return;
  }
  const client = new pg.Client({ connectionString: place.databaseUrl });
  await client.connect();
  for (const one of statements) await client.query(one);
  await client.end();
}

const externallyKnown = ['organizations', 'api_users', 'api_tokens'] as const;
const observed = ['observed', 'observed_until'] as const;
const columnsSince: Readonly<Record<string, readonly string[]>> = {
  organizations: [
    ...['external_id', 'metadata', 'longest_token_lifetime_ms', 'entitlement', 'leak_policy', 'suspended_at'],
    ...observed,
  ],
  users: ['suspended_at'],
  api_users: ['external_id', 'metadata', 'password_generation', 'suspended_at'],
  api_tokens: [
    ...['external_id', 'metadata', 'secret_hint', 'apis', 'limits', 'limited_with', 'recipe_id'],
    ...['leaked_at', 'leak_ends_at', 'suspended_at'],
    ...observed,
  ],
  plans: ['entitlement', 'limits', ...observed],
  journal: ['actor_organization_id'],
};

const tablesSince = [
  ...['previous_passwords', 'kept_answers', 'upgrade_steps', 'apis', 'api_permissions', 'revoked_tokens'],
  ...['device_codes', 'application_sessions', 'authorization_codes', 'authorizations', 'applications'],
  ...['federated_credentials', 'used_assertions', 'import_recipes', 'imported_secrets'],
  ...['node_questions', 'node_answers', 'server_state', 'credential_uses', 'observed_refusals'],
  ...['webhooks', 'webhook_deliveries', 'webhook_cursor', 'notices'],
];

/** Takes away what the migration of APIs and those after it made, so that the next start makes it from what it finds. */
export const beforeApis: readonly string[] = [
  ...externallyKnown.map((table) => `drop index ${table}_by_external_id`),
  'drop index api_tokens_by_time',
  'drop index api_tokens_by_leak_end',
  'drop index api_tokens_observed',
  ...Object.entries(columnsSince).flatMap(([table, columns]) =>
    columns.map((column) => `alter table ${table} drop column ${column}`),
  ),
  ...tablesSince.map((table) => `drop table ${table}`),
  "delete from schema_migrations where name >= '0013'",
];

/** The tables of an empty database as the migration `last` left them. */
export async function migrateUpTo(place: TestPlace, last: string): Promise<void> {
  const { databaseUrl, environment } = place;
  const folder = environment.KEYWARD_DATA ?? '';
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const database =
    databaseUrl === null ? openSqlite({ file: `${folder}/keyward.db` }) : await openPostgres({ url: databaseUrl });
  const names = Object.keys(migrations);
  const older = Object.fromEntries(Object.entries(migrations).slice(0, names.indexOf(last) + 1));
  await database.atLeisure(async (db) => {
    const migrator = new Migrator({
      db,
      provider: { getMigrations: async () => older },
      migrationTableName: 'schema_migrations',
      migrationLockTableName: 'schema_migrations_lock',
    });
    const { error } = await migrator.migrateToLatest();
    if (error !== undefined) throw error;
  });
  await database.close();
}
