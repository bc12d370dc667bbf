// Access tokens that were revoked one by one, until they would have ended by themselves. Those of one source are counted.

import type { Kysely } from 'kysely';
import type { Migration } from 'kysely/migration';
import { columnTypes } from './column-types.ts';

export const revokedTokens: Migration = {
  // biome-ignore lint/suspicious/noExplicitAny: Kysely's own type for a database in the middle of a migration
  async up(db: Kysely<any>) {
    const { text, integer, tableEnd } = columnTypes(db);
    await db.schema
      .createTable('revoked_tokens')
      .addColumn('jti', text, (column) => column.notNull().primaryKey())
      .addColumn('organization_id', text, (column) => column.notNull().references('organizations.id'))
      .addColumn('source_type', text, (column) => column.notNull())
      .addColumn('source_id', text, (column) => column.notNull())
      .addColumn('expires_at', integer, (column) => column.notNull())
      .modifyEnd(tableEnd)
      .execute();
    await db.schema.createIndex('revoked_tokens_by_end').on('revoked_tokens').column('expires_at').execute();
    const ofSource = db.schema.createIndex('revoked_tokens_by_source').on('revoked_tokens');
    await ofSource.columns(['source_id', 'expires_at']).execute();
  },
};
