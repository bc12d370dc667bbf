// What lists show of a token's secret: its prefix and its last four characters. Null in rows from before, whose prefix is
// `kw` and whose secret nobody knows any more.

import type { Kysely } from 'kysely';
import type { Migration } from 'kysely/migration';
import { columnTypes } from './column-types.ts';

export const tokenHints: Migration = {
  // biome-ignore lint/suspicious/noExplicitAny: Kysely's own type for a database in the middle of a migration
  async up(db: Kysely<any>) {
    const { text } = columnTypes(db);
    for (const column of ['prefix', 'last_four']) {
      await db.schema.alterTable('api_tokens').addColumn(column, text).execute();
    }
  },
};
