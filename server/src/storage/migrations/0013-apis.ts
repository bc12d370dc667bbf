// APIs, the permissions that each has registered, and what the program itself has to do once with what it finds, because it
// is judged and journalled as any change is: by name, until it is done. A database without organizations has nothing to be
// found. The table `permissions` stays for nodes of the version before; nothing new is written to it.

import type { Kysely } from 'kysely';
import type { Migration } from 'kysely/migration';
import { columnTypes } from './column-types.ts';

// biome-ignore lint/suspicious/noExplicitAny: Kysely's own type for a database in the middle of a migration
type AnyDb = Kysely<any>;

export const apis: Migration = {
  async up(db: AnyDb) {
    const { text, integer, tableEnd } = columnTypes(db);
    await db.schema
      .createTable('apis')
      .addColumn('handle', text, (column) => column.notNull().primaryKey())
      .addColumn('name', text, (column) => column.notNull())
      .addColumn('identifier', text)
      .addColumn('description', text, (column) => column.notNull())
      .addColumn('created_at', integer, (column) => column.notNull())
      .modifyEnd(tableEnd)
      .execute();
    await db.schema.createIndex('apis_identified').on('apis').column('identifier').unique().execute();
    await db.schema
      .createTable('api_permissions')
      .addColumn('name', text, (column) => column.notNull().primaryKey())
      .addColumn('api', text, (column) => column.notNull())
      .addColumn('description', text, (column) => column.notNull())
      .addColumn('group_name', text, (column) => column.notNull())
      .addColumn('created_at', integer, (column) => column.notNull())
      .modifyEnd(tableEnd)
      .execute();
    await db.schema
      .createTable('upgrade_steps')
      .addColumn('name', text, (column) => column.notNull().primaryKey())
      .modifyEnd(tableEnd)
      .execute();
    const isNew = (await db.selectFrom('organizations').select('id').limit(1).execute()).length === 0;
    if (isNew) return;
    const steps = ['narrow_wildcards', 'move_permissions'].map((name) => ({ name }));
    await db.insertInto('upgrade_steps').values(steps).execute();
  },
};
