// Limits of an API token's own, and the token that it shares inherited ones with.

import type { Kysely } from 'kysely';
import type { Migration } from 'kysely/migration';
import { columnTypes } from './column-types.ts';

export const tokenLimits: Migration = {
  // biome-ignore lint/suspicious/noExplicitAny: Kysely's own type for a database in the middle of a migration
  async up(db: Kysely<any>) {
    const { text } = columnTypes(db);
    await db.schema.alterTable('api_tokens').addColumn('limits', text).execute();
    await db.schema.alterTable('api_tokens').addColumn('limited_with', text).execute();
  },
};
