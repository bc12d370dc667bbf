// What an organization has done with API tokens that were found where they should not be, and which these are: since when it is
// known, and when they end for it.

import type { Kysely } from 'kysely';
import type { Migration } from 'kysely/migration';
import { columnTypes } from './column-types.ts';

export const leaks: Migration = {
  // biome-ignore lint/suspicious/noExplicitAny: Kysely's own type for a database in the middle of a migration
  async up(db: Kysely<any>) {
    const { integer, text } = columnTypes(db);
    await db.schema.alterTable('organizations').addColumn('leak_policy', text).execute();
    for (const column of ['leaked_at', 'leak_ends_at']) {
      await db.schema.alterTable('api_tokens').addColumn(column, integer).execute();
    }
    await db.schema
      .createIndex('api_tokens_by_leak_end')
      .on('api_tokens')
      .column('leak_ends_at')
      .where('leak_ends_at', 'is not', null)
      .execute();
  },
};
