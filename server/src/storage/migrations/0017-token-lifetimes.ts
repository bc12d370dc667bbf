// How long an organization lets its API tokens live; null for as long as they are made for.

import type { Kysely } from 'kysely';
import type { Migration } from 'kysely/migration';
import { columnTypes } from './column-types.ts';

export const tokenLifetimes: Migration = {
  // biome-ignore lint/suspicious/noExplicitAny: Kysely's own type for a database in the middle of a migration
  async up(db: Kysely<any>) {
    const { integer } = columnTypes(db);
    await db.schema.alterTable('organizations').addColumn('longest_token_lifetime_ms', integer).execute();
  },
};
