// What the program itself has to do once with what it finds, because it is judged and journalled as any change is: its
// names, until it is done. A database without organizations has nothing to be found.

import type { Kysely } from 'kysely';
import type { Migration } from 'kysely/migration';
import { columnTypes } from './column-types.ts';

// biome-ignore lint/suspicious/noExplicitAny: Kysely's own type for a database in the middle of a migration
type AnyDb = Kysely<any>;

export const apis: Migration = {
  async up(db: AnyDb) {
    const { text, tableEnd } = columnTypes(db);
    await db.schema
      .createTable('upgrade_steps')
      .addColumn('name', text, (column) => column.notNull().primaryKey())
      .modifyEnd(tableEnd)
      .execute();
    const isNew = (await db.selectFrom('organizations').select('id').limit(1).execute()).length === 0;
    if (!isNew) await db.insertInto('upgrade_steps').values({ name: 'narrow_wildcards' }).execute();
  },
};
