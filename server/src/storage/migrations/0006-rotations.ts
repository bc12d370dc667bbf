// The secrets that rotated tokens still answer to, in a small table of their own, so that making a token costs what it
// did; and indexes for what lists are filtered by. The partial ones cost a new token nothing, unless it has an end.

import type { Kysely } from 'kysely';
import type { Migration } from 'kysely/migration';
import { columnTypes } from './column-types.ts';

export const rotations: Migration = {
  // biome-ignore lint/suspicious/noExplicitAny: Kysely's own type for a database in the middle of a migration
  async up(db: Kysely<any>) {
    const { text, integer, tableEnd } = columnTypes(db);
    await db.schema
      .createTable('previous_secrets')
      .addColumn('token_id', text, (column) => column.notNull().primaryKey().references('api_tokens.id'))
      .addColumn('organization_id', text, (column) => column.notNull())
      .addColumn('digest', text, (column) => column.notNull().unique())
      .addColumn('rotated_at', integer, (column) => column.notNull())
      .addColumn('ends_at', integer, (column) => column.notNull())
      .addColumn('silent_since', integer, (column) => column.notNull())
      .addColumn('used_at', integer)
      .addColumn('used_address', text)
      .addColumn('used_agent', text)
      .addColumn('current_used_at', integer)
      .addColumn('current_used_address', text)
      .addColumn('current_used_agent', text)
      .modifyEnd(tableEnd)
      .execute();
    const listed = (name: string, columns: string[]) =>
      db.schema.createIndex(name).on('api_tokens').columns(columns).where('deleted_at', 'is', null);
    await listed('api_tokens_inactive', ['organization_id', 'created_at', 'id'])
      .where('deactivated_at', 'is not', null)
      .execute();
    await listed('api_tokens_by_expiry', ['organization_id', 'expires_at', 'id'])
      .where('expires_at', 'is not', null)
      .execute();
    await db.schema
      .createIndex('usage_counts_by_source')
      .on('usage_counts')
      .columns(['organization_id', 'source_id', 'hour'])
      .execute();
  },
};
