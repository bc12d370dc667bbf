// What access tokens for an API are signed with: until now all with ES256, which nodes of the version before go on saying.

import type { Kysely } from 'kysely';
import type { Migration } from 'kysely/migration';
import { columnTypes } from './column-types.ts';

export const signingAlgorithms: Migration = {
  // biome-ignore lint/suspicious/noExplicitAny: Kysely's own type for a database in the middle of a migration
  async up(db: Kysely<any>) {
    const { text } = columnTypes(db);
    await db.schema
      .alterTable('apis')
      .addColumn('signing_algorithm', text, (column) => column.notNull().defaultTo('ES256'))
      .execute();
  },
};
