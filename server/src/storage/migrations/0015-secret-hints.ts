// How a token's secret begins and ends, for lists (storage/secret-hint.ts). Null in rows from before.

import type { Kysely } from 'kysely';
import type { Migration } from 'kysely/migration';
import { columnTypes } from './column-types.ts';

export const secretHints: Migration = {
  // biome-ignore lint/suspicious/noExplicitAny: Kysely's own type for a database in the middle of a migration
  async up(db: Kysely<any>) {
    await db.schema.alterTable('api_tokens').addColumn('secret_hint', columnTypes(db).text).execute();
  },
};
