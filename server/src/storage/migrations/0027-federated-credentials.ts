// Which outside tokens are taken in place of API users' passwords, and which of these have been used, until they count no more.

import type { Kysely } from 'kysely';
import type { Migration } from 'kysely/migration';
import { columnTypes } from './column-types.ts';

export const federatedCredentials: Migration = {
  // biome-ignore lint/suspicious/noExplicitAny: Kysely's own type for a database in the middle of a migration
  async up(db: Kysely<any>) {
    const { text, integer, tableEnd } = columnTypes(db);
    await db.schema
      .createTable('federated_credentials')
      .addColumn('id', text, (column) => column.notNull().primaryKey())
      .addColumn('organization_id', text, (column) => column.notNull().references('organizations.id'))
      .addColumn('owner_type', text, (column) => column.notNull())
      .addColumn('owner_id', text, (column) => column.notNull())
      .addColumn('name', text, (column) => column.notNull())
      .addColumn('issuer', text)
      .addColumn('audience', text)
      .addColumn('conditions', text, (column) => column.notNull())
      .addColumn('jwks_uri', text)
      .addColumn('jwks', text)
      .addColumn('lineage_id', text, (column) => column.notNull())
      .addColumn('created_at', integer, (column) => column.notNull())
      .addColumn('created_by', text, (column) => column.notNull())
      .modifyEnd(tableEnd)
      .execute();
    const ofOwner = db.schema.createIndex('federated_credentials_by_owner').on('federated_credentials').unique();
    await ofOwner.columns(['owner_id', 'owner_type', 'name']).execute();
    await db.schema
      .createTable('used_assertions')
      .addColumn('digest', text, (column) => column.notNull().primaryKey())
      .addColumn('expires_at', integer, (column) => column.notNull())
      .modifyEnd(tableEnd)
      .execute();
    await db.schema.createIndex('used_assertions_by_end').on('used_assertions').column('expires_at').execute();
  },
};
