// Where an API token may be used from. Null means anywhere, so tokens from before need no change.

import type { Kysely } from 'kysely';
import type { Migration } from 'kysely/migration';
import { columnTypes } from './column-types.ts';

export const addresses: Migration = {
  // biome-ignore lint/suspicious/noExplicitAny: Kysely's own type for a database in the middle of a migration
  async up(db: Kysely<any>) {
    await db.schema.alterTable('api_tokens').addColumn('addresses', columnTypes(db).text).execute();
  },
};
