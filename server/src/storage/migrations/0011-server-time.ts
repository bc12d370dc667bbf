// The latest time that a server has told, in one row, so that a clock that is set back while it is stopped revives nothing.

import type { Kysely } from 'kysely';
import type { Migration } from 'kysely/migration';
import { columnTypes } from './column-types.ts';

export const serverTime: Migration = {
  // biome-ignore lint/suspicious/noExplicitAny: Kysely's own type for a database in the middle of a migration
  async up(db: Kysely<any>) {
    const { integer, tableEnd } = columnTypes(db);
    await db.schema
      .createTable('server_time')
      .addColumn('id', integer, (column) => column.notNull().primaryKey())
      .addColumn('latest', integer, (column) => column.notNull())
      .modifyEnd(tableEnd)
      .execute();
  },
};
