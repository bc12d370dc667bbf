// What somebody made is found by its maker alone, in whichever organization it was made: who acts for customers makes things
// there.

import type { Kysely } from 'kysely';
import type { Migration } from 'kysely/migration';

export const makers: Migration = {
  // biome-ignore lint/suspicious/noExplicitAny: Kysely's own type for a database in the middle of a migration
  async up(db: Kysely<any>) {
    for (const table of ['users', 'api_users', 'api_tokens']) {
      await db.schema.dropIndex(`${table}_by_maker`).execute();
      await db.schema.createIndex(`${table}_by_maker`).on(table).column('created_by').execute();
    }
  },
};
