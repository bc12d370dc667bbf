// External ids and metadata of organizations, API users and API tokens. An external id is unique where a name would be:
// among what is not deleted.

import type { Kysely } from 'kysely';
import type { Migration } from 'kysely/migration';
import { columnTypes } from './column-types.ts';

export const externalRecords: Migration = {
  // biome-ignore lint/suspicious/noExplicitAny: Kysely's own type for a database in the middle of a migration
  async up(db: Kysely<any>) {
    const { text } = columnTypes(db);
    for (const [table, columns] of Object.entries(unique)) {
      await db.schema.alterTable(table).addColumn('external_id', text).execute();
      await db.schema.alterTable(table).addColumn('metadata', text).execute();
      const index = db.schema.createIndex(`${table}_by_external_id`).unique().on(table).columns(columns);
      await index.where('deleted_at', 'is', null).where('external_id', 'is not', null).execute();
    }
  },
};

const unique: Readonly<Record<string, string[]>> = {
  organizations: ['external_id'],
  api_users: ['organization_id', 'external_id'],
  api_tokens: ['organization_id', 'external_id'],
};
