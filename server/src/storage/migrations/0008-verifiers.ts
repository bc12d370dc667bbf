// The list of verifiers and nodes, for nodes that share a database; empty where there is one node. A line is of no use a
// few seconds after it was last renewed. It refers to no other table: it is not to hold anything up.

import type { Kysely } from 'kysely';
import type { Migration } from 'kysely/migration';
import { columnTypes } from './column-types.ts';

export const verifiers: Migration = {
  // biome-ignore lint/suspicious/noExplicitAny: Kysely's own type for a database in the middle of a migration
  async up(db: Kysely<any>) {
    const { text, integer, tableEnd } = columnTypes(db);
    await db.schema
      .createTable('verifiers')
      .addColumn('id', text, (column) => column.notNull().primaryKey())
      .addColumn('node', text, (column) => column.notNull())
      .addColumn('organization_id', text)
      .addColumn('verifier', text)
      .addColumn('name', text, (column) => column.notNull())
      .addColumn('address', text, (column) => column.notNull())
      .addColumn('cursor', integer, (column) => column.notNull())
      .addColumn('connected_at', integer, (column) => column.notNull())
      .addColumn('seen_at', integer, (column) => column.notNull())
      .addColumn('acknowledged_at', integer)
      .modifyEnd(tableEnd)
      .execute();
    await db.schema.createIndex('verifiers_of').on('verifiers').column('organization_id').execute();
  },
};
