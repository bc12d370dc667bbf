// What carries a session. Those from before are all in cookies.

import type { Kysely } from 'kysely';
import type { Migration } from 'kysely/migration';
import { columnTypes } from './column-types.ts';

export const sessionCarriers: Migration = {
  // biome-ignore lint/suspicious/noExplicitAny: Kysely's own type for a database in the middle of a migration
  async up(db: Kysely<any>) {
    const { text } = columnTypes(db);
    await db.schema
      .alterTable('sessions')
      .addColumn('carrier', text, (column) => column.notNull().defaultTo('cookie'))
      .execute();
  },
};
