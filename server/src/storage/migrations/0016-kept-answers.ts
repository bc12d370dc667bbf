// Answers to requests with an idempotency key. They last a day, and are found by when they end to be removed.

import type { Kysely } from 'kysely';
import type { Migration } from 'kysely/migration';
import { columnTypes } from './column-types.ts';

export const keptAnswers: Migration = {
  // biome-ignore lint/suspicious/noExplicitAny: Kysely's own type for a database in the middle of a migration
  async up(db: Kysely<any>) {
    const { text, integer, tableEnd } = columnTypes(db);
    await db.schema
      .createTable('kept_answers')
      .addColumn('id', text, (column) => column.notNull().primaryKey())
      .addColumn('organization_id', text, (column) => column.notNull().references('organizations.id'))
      .addColumn('request_digest', text, (column) => column.notNull())
      .addColumn('sealed', text, (column) => column.notNull())
      .addColumn('expires_at', integer, (column) => column.notNull())
      .modifyEnd(tableEnd)
      .execute();
    await db.schema.createIndex('kept_answers_by_end').on('kept_answers').column('expires_at').execute();
  },
};
