// The ledgers of limits that nodes share, one row each. A row is of no use from `ends_at` on.

import type { Kysely } from 'kysely';
import type { Migration } from 'kysely/migration';
import { columnTypes } from './column-types.ts';

export const leases: Migration = {
  // biome-ignore lint/suspicious/noExplicitAny: Kysely's own type for a database in the middle of a migration
  async up(db: Kysely<any>) {
    const { text, integer, tableEnd } = columnTypes(db);
    await db.schema
      .createTable('leases')
      .addColumn('key', text, (column) => column.notNull().primaryKey())
      .addColumn('ledger', text, (column) => column.notNull())
      .addColumn('ends_at', integer, (column) => column.notNull())
      .modifyEnd(tableEnd)
      .execute();
    await db.schema.createIndex('leases_by_end').on('leases').column('ends_at').execute();
  },
};
