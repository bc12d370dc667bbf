// What organizations may hold at most: by their plan, or by a list of their own in its place, which is null where there is none.

import type { Kysely } from 'kysely';
import type { Migration } from 'kysely/migration';
import { columnTypes } from './column-types.ts';

export const entitlements: Migration = {
  // biome-ignore lint/suspicious/noExplicitAny: Kysely's own type for a database in the middle of a migration
  async up(db: Kysely<any>) {
    const { text } = columnTypes(db);
    await db.schema
      .alterTable('plans')
      .addColumn('entitlement', text, (column) => column.notNull().defaultTo('["*:*"]'))
      .execute();
    await db.schema.alterTable('organizations').addColumn('entitlement', text).execute();
  },
};
