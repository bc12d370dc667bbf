// People's sessions, the links that let somebody in once, and second factors. Users from before have none of them, so
// every new column of theirs is null.

import type { CreateTableBuilder, Kysely } from 'kysely';
import type { Migration } from 'kysely/migration';
import { type ColumnTypes, columnTypes } from './column-types.ts';

// biome-ignore lint/suspicious/noExplicitAny: Kysely's own type for a database in the middle of a migration
type AnyDb = Kysely<any>;
type Table = CreateTableBuilder<string, string>;

export const sessions: Migration = {
  async up(db: AnyDb) {
    const types = columnTypes(db);
    for (const column of ['invited_at', 'second_factor_at', 'last_seen_at']) {
      await db.schema.alterTable('users').addColumn(column, types.integer).execute();
    }
    for (const [name, describe] of Object.entries(tables)) {
      await describe(db.schema.createTable(name), types).modifyEnd(types.tableEnd).execute();
    }
    await db.schema.createIndex('sessions_by_digest').unique().on('sessions').column('digest').execute();
    await db.schema.createIndex('sessions_of').on('sessions').columns(['user_id', 'created_at']).execute();
    for (const table of ['sessions', 'one_time_links']) {
      await db.schema.createIndex(`${table}_by_end`).on(table).column('expires_at').execute();
    }
    await db.schema.createIndex('one_time_links_of').on('one_time_links').column('user_id').execute();
  },
};

const tables: Record<string, (table: Table, types: ColumnTypes) => Table> = {
  sessions: (table, { text, integer }) =>
    table
      .addColumn('id', text, (column) => column.notNull().primaryKey())
      .addColumn('digest', text, (column) => column.notNull())
      .addColumn('organization_id', text, (column) => column.notNull().references('organizations.id'))
      .addColumn('user_id', text, (column) => column.notNull().references('users.id'))
      .addColumn('generation', text, (column) => column.notNull())
      .addColumn('created_at', integer, (column) => column.notNull())
      .addColumn('seen_at', integer, (column) => column.notNull())
      .addColumn('expires_at', integer, (column) => column.notNull())
      .addColumn('address', text, (column) => column.notNull())
      .addColumn('user_agent', text, (column) => column.notNull())
      .addColumn('confirmed_at', integer),

  one_time_links: (table, { text, integer }) =>
    table
      .addColumn('digest', text, (column) => column.notNull().primaryKey())
      .addColumn('purpose', text, (column) => column.notNull())
      .addColumn('organization_id', text, (column) => column.references('organizations.id'))
      .addColumn('user_id', text, (column) => column.references('users.id'))
      .addColumn('generation', integer, (column) => column.notNull())
      .addColumn('created_at', integer, (column) => column.notNull())
      .addColumn('expires_at', integer, (column) => column.notNull()),

  second_factors: (table, { text, integer }) =>
    table
      .addColumn('user_id', text, (column) => column.notNull().primaryKey().references('users.id'))
      .addColumn('organization_id', text, (column) => column.notNull().references('organizations.id'))
      .addColumn('sealed_secret', text, (column) => column.notNull())
      .addColumn('last_step', integer, (column) => column.notNull())
      .addColumn('created_at', integer, (column) => column.notNull())
      .addColumn('confirmed_at', integer),

  recovery_codes: (table, { text }) =>
    table
      .addColumn('user_id', text, (column) => column.notNull().references('users.id'))
      .addColumn('organization_id', text, (column) => column.notNull().references('organizations.id'))
      .addColumn('mac', text, (column) => column.notNull())
      .addPrimaryKeyConstraint('recovery_codes_of', ['user_id', 'mac']),
};
