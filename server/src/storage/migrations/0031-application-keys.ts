// Keys that applications sign their own proofs with, in place of a secret. One with keys has the digest of a secret that
// nobody knows, so that a node of the version before takes nothing from it, rather than nothing for its proof.

import type { Kysely } from 'kysely';
import type { Migration } from 'kysely/migration';
import { columnTypes } from './column-types.ts';

export const applicationKeys: Migration = {
  // biome-ignore lint/suspicious/noExplicitAny: Kysely's own type for a database in the middle of a migration
  async up(db: Kysely<any>) {
    const { text } = columnTypes(db);
    for (const column of ['jwks_uri', 'jwks']) {
      await db.schema.alterTable('applications').addColumn(column, text).execute();
    }
  },
};
