// What becomes of a plan's calls while the store of limits does not answer. Plans from before keep what they had.

import type { Kysely } from 'kysely';
import type { Migration } from 'kysely/migration';
import { columnTypes } from './column-types.ts';

export const whenUnavailable: Migration = {
  // biome-ignore lint/suspicious/noExplicitAny: Kysely's own type for a database in the middle of a migration
  async up(db: Kysely<any>) {
    const { text } = columnTypes(db);
    await db.schema
      .alterTable('plans')
      .addColumn('when_unavailable', text, (column) => column.notNull().defaultTo('local'))
      .execute();
  },
};
