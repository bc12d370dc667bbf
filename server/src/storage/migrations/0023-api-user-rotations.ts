// The passwords that rotated API users still answer to, in a small table of their own; and how often one ended at once, which
// the access tokens made with it end with, and no others.

import type { Kysely } from 'kysely';
import type { Migration } from 'kysely/migration';
import { columnTypes } from './column-types.ts';

export const apiUserRotations: Migration = {
  // biome-ignore lint/suspicious/noExplicitAny: Kysely's own type for a database in the middle of a migration
  async up(db: Kysely<any>) {
    const { text, integer, tableEnd } = columnTypes(db);
    await db.schema
      .createTable('previous_passwords')
      .addColumn('api_user_id', text, (column) => column.notNull().primaryKey().references('api_users.id'))
      .addColumn('organization_id', text, (column) => column.notNull())
      .addColumn('digest', text, (column) => column.notNull())
      .addColumn('rotated_at', integer, (column) => column.notNull())
      .addColumn('ends_at', integer, (column) => column.notNull())
      .addColumn('silent_since', integer, (column) => column.notNull())
      .addColumn('used_at', integer)
      .addColumn('used_address', text)
      .addColumn('used_agent', text)
      .addColumn('current_used_at', integer)
      .addColumn('current_used_address', text)
      .addColumn('current_used_agent', text)
      .modifyEnd(tableEnd)
      .execute();
    await db.schema
      .alterTable('api_users')
      .addColumn('password_generation', integer, (column) => column.notNull().defaultTo(0))
      .execute();
  },
};
