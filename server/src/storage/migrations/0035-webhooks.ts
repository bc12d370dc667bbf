// Webhooks, what waits to be sent to them and what they were sent; and up to which entry of the journal that is.

import type { Kysely } from 'kysely';
import type { Migration } from 'kysely/migration';
import { columnTypes } from './column-types.ts';

export const webhooks: Migration = {
  // biome-ignore lint/suspicious/noExplicitAny: Kysely's own type for a database in the middle of a migration
  async up(db: Kysely<any>) {
    const { text, integer, tableEnd } = columnTypes(db);
    await db.schema
      .createTable('webhooks')
      .addColumn('id', text, (column) => column.notNull().primaryKey())
      .addColumn('organization_id', text, (column) => column.notNull().references('organizations.id'))
      .addColumn('url', text, (column) => column.notNull())
      .addColumn('events', text, (column) => column.notNull())
      .addColumn('description', text, (column) => column.notNull())
      .addColumn('expiring_days', integer, (column) => column.notNull())
      .addColumn('sealed_secret', text, (column) => column.notNull())
      .addColumn('previous_sealed_secret', text)
      .addColumn('previous_ends_at', integer)
      .addColumn('created_at', integer, (column) => column.notNull())
      .addColumn('created_by', text, (column) => column.notNull())
      .addColumn('deactivated_at', integer)
      .addColumn('deactivated_for', text)
      .addColumn('from_seq', integer, (column) => column.notNull())
      .addColumn('failing_since', integer)
      .addColumn('next_try_at', integer)
      .addColumn('leased_by', text)
      .addColumn('leased_until', integer)
      .modifyEnd(tableEnd)
      .execute();
    const index = (name: string, table: string, columns: string[]) =>
      db.schema.createIndex(name).on(table).columns(columns).execute();
    await index('webhooks_by_organization', 'webhooks', ['organization_id', 'created_at']);
    await index('webhooks_by_next_try', 'webhooks', ['next_try_at']);
    await db.schema
      .createTable('webhook_deliveries')
      .addColumn('id', text, (column) => column.notNull().primaryKey())
      .addColumn('webhook_id', text, (column) => column.notNull())
      .addColumn('organization_id', text, (column) => column.notNull())
      .addColumn('position', integer, (column) => column.notNull())
      .addColumn('event', text, (column) => column.notNull())
      .addColumn('payload', text, (column) => column.notNull())
      .addColumn('status', text, (column) => column.notNull())
      .addColumn('tries', integer, (column) => column.notNull())
      .addColumn('created_at', integer, (column) => column.notNull())
      .addColumn('give_up_at', integer, (column) => column.notNull())
      .addColumn('tried_at', integer)
      .addColumn('answer', text)
      .modifyEnd(tableEnd)
      .execute();
    await index('webhook_deliveries_in_order', 'webhook_deliveries', ['webhook_id', 'status', 'position', 'id']);
    await index('webhook_deliveries_by_age', 'webhook_deliveries', ['webhook_id', 'created_at', 'position', 'id']);
    await index('webhook_deliveries_old', 'webhook_deliveries', ['created_at']);
    await db.schema
      .createTable('webhook_cursor')
      .addColumn('id', integer, (column) => column.notNull().primaryKey())
      .addColumn('seq', integer, (column) => column.notNull())
      .modifyEnd(tableEnd)
      .execute();
    await db.insertInto('webhook_cursor').values({ id: 1, seq: 0 }).execute();
  },
};
