// When each credential was last used, and how many calls each made, by rule, verdict and hour. They refer to no other
// table: what is counted must never keep a batch of it from being written.

import type { Kysely } from 'kysely';
import type { Migration } from 'kysely/migration';
import { columnTypes } from './column-types.ts';

export const usage: Migration = {
  // biome-ignore lint/suspicious/noExplicitAny: Kysely's own type for a database in the middle of a migration
  async up(db: Kysely<any>) {
    const { text, integer, tableEnd } = columnTypes(db);
    await db.schema
      .createTable('last_used')
      .addColumn('source_type', text, (column) => column.notNull())
      .addColumn('source_id', text, (column) => column.notNull())
      .addColumn('organization_id', text, (column) => column.notNull())
      .addColumn('at', integer, (column) => column.notNull())
      .addColumn('address', text)
      .addColumn('user_agent', text)
      .addPrimaryKeyConstraint('last_used_of', ['source_type', 'source_id'])
      .modifyEnd(tableEnd)
      .execute();
    await db.schema
      .createTable('usage_counts')
      .addColumn('organization_id', text, (column) => column.notNull())
      .addColumn('source_type', text, (column) => column.notNull())
      .addColumn('source_id', text, (column) => column.notNull())
      .addColumn('rule', text, (column) => column.notNull())
      .addColumn('hour', integer, (column) => column.notNull())
      .addColumn('verdict', text, (column) => column.notNull())
      .addColumn('calls', integer, (column) => column.notNull())
      // In the order in which an organization's hours are read.
      .addPrimaryKeyConstraint('usage_counted', [
        'organization_id',
        'hour',
        'source_type',
        'source_id',
        'rule',
        'verdict',
      ])
      .modifyEnd(tableEnd)
      .execute();
    await db.schema.createIndex('usage_counts_by_hour').on('usage_counts').column('hour').execute();
  },
};
