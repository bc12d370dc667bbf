// Who made a user, as is known of API users and API tokens, and indexes to find what somebody made. Null for users from
// before: nobody knows any more.

import type { Kysely } from 'kysely';
import type { Migration } from 'kysely/migration';
import { columnTypes } from './column-types.ts';

export const lineage: Migration = {
  // biome-ignore lint/suspicious/noExplicitAny: Kysely's own type for a database in the middle of a migration
  async up(db: Kysely<any>) {
    await db.schema.alterTable('users').addColumn('created_by', columnTypes(db).text).execute();
    for (const table of ['users', 'api_users', 'api_tokens']) {
      await db.schema.createIndex(`${table}_by_maker`).on(table).columns(['organization_id', 'created_by']).execute();
    }
  },
};
