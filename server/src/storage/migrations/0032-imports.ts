// Secrets that were made elsewhere: how an organization's are recognised, and what they are held against until first used. A node
// of the version before knows none of them, and refuses them as it did.

import type { Kysely } from 'kysely';
import type { Migration } from 'kysely/migration';
import { columnTypes } from './column-types.ts';

export const imports: Migration = {
  // biome-ignore lint/suspicious/noExplicitAny: Kysely's own type for a database in the middle of a migration
  async up(db: Kysely<any>) {
    const { text, integer, tableEnd } = columnTypes(db);
    await db.schema.alterTable('api_tokens').addColumn('recipe_id', text).execute();
    await db.schema
      .createTable('import_recipes')
      .addColumn('id', text, (column) => column.notNull().primaryKey())
      .addColumn('organization_id', text, (column) => column.notNull().references('organizations.id'))
      .addColumn('name', text, (column) => column.notNull())
      .addColumn('rules', text, (column) => column.notNull())
      .addColumn('sealed_pepper', text)
      .addColumn('created_at', integer, (column) => column.notNull())
      .addColumn('created_by', text, (column) => column.notNull())
      .modifyEnd(tableEnd)
      .execute();
    const named = db.schema.createIndex('import_recipes_by_name').on('import_recipes').unique();
    await named.columns(['organization_id', 'name']).execute();
    await db.schema
      .createTable('imported_secrets')
      .addColumn('lookup_key', text, (column) => column.notNull().primaryKey())
      .addColumn('token_id', text, (column) => column.notNull())
      .addColumn('organization_id', text, (column) => column.notNull())
      .addColumn('recipe_id', text, (column) => column.notNull())
      .addColumn('hash', text)
      .addColumn('salt', text)
      .addColumn('fingerprint', text, (column) => column.notNull())
      .modifyEnd(tableEnd)
      .execute();
  },
};
