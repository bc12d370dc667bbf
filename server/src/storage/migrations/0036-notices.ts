// Which notices of what is no change, as a limit that was reached, were given: once each until they end.

import type { Kysely } from 'kysely';
import type { Migration } from 'kysely/migration';
import { columnTypes } from './column-types.ts';

export const notices: Migration = {
  // biome-ignore lint/suspicious/noExplicitAny: Kysely's own type for a database in the middle of a migration
  async up(db: Kysely<any>) {
    const { text, integer, tableEnd } = columnTypes(db);
    await db.schema
      .createTable('notices')
      .addColumn('key', text, (column) => column.notNull().primaryKey())
      .addColumn('expires_at', integer, (column) => column.notNull())
      .modifyEnd(tableEnd)
      .execute();
    await db.schema.createIndex('notices_by_end').on('notices').column('expires_at').execute();
  },
};
