// Where applications describe themselves that nobody registered. Nodes of the version before do not know the address, which is
// what such a client calls itself, and answer it as any unknown one.

import type { Kysely } from 'kysely';
import type { Migration } from 'kysely/migration';
import { columnTypes } from './column-types.ts';

export const clientMetadata: Migration = {
  // biome-ignore lint/suspicious/noExplicitAny: Kysely's own type for a database in the middle of a migration
  async up(db: Kysely<any>) {
    const { text } = columnTypes(db);
    await db.schema.alterTable('applications').addColumn('metadata_url', text).execute();
  },
};
