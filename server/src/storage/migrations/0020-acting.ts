// Who did it from another organization, in the journal: which one that is. Entries from before do not say so. And all
// organizations' API tokens in the order in which they were made.

import type { Kysely } from 'kysely';
import type { Migration } from 'kysely/migration';
import { columnTypes } from './column-types.ts';

export const acting: Migration = {
  // biome-ignore lint/suspicious/noExplicitAny: Kysely's own type for a database in the middle of a migration
  async up(db: Kysely<any>) {
    const { text } = columnTypes(db);
    await db.schema.alterTable('journal').addColumn('actor_organization_id', text).execute();
    await db.schema.createIndex('api_tokens_by_time').on('api_tokens').columns(['created_at', 'id']).execute();
  },
};
