// Devices that ask for access by a code that somebody types elsewhere. What was allowed goes with what it was allowed by.

import type { Kysely } from 'kysely';
import type { Migration } from 'kysely/migration';
import { columnTypes } from './column-types.ts';

export const deviceCodes: Migration = {
  // biome-ignore lint/suspicious/noExplicitAny: Kysely's own type for a database in the middle of a migration
  async up(db: Kysely<any>) {
    const { text, integer, tableEnd } = columnTypes(db);
    await db.schema
      .createTable('device_codes')
      .addColumn('digest', text, (column) => column.notNull().primaryKey())
      .addColumn('user_code_mac', text, (column) => column.notNull().unique())
      .addColumn('client_id', text, (column) => column.notNull())
      .addColumn('application_id', text, (column) => column.notNull())
      .addColumn('api', text, (column) => column.notNull())
      .addColumn('scope', text)
      .addColumn('key', text)
      .addColumn('address', text, (column) => column.notNull())
      .addColumn('place', text, (column) => column.notNull())
      .addColumn('expires_at', integer, (column) => column.notNull())
      .addColumn('interval_ms', integer, (column) => column.notNull())
      .addColumn('polled_at', integer, (column) => column.notNull())
      .addColumn('answered_at', integer)
      .addColumn('authorization_id', text, (column) => column.references('authorizations.id').onDelete('cascade'))
      .addColumn('organization_id', text)
      .addColumn('user_id', text)
      .addColumn('generation', text)
      .addColumn('allowed_scope', text)
      .addColumn('session_id', text)
      .addColumn('given_in', text)
      .addColumn('used_at', integer)
      .modifyEnd(tableEnd)
      .execute();
    for (const [name, columns] of indexes) {
      await db.schema.createIndex(`device_codes_by_${name}`).on('device_codes').columns(columns).execute();
    }
  },
};

const indexes: [name: string, columns: string[]][] = [
  ['end', ['expires_at']],
  ['place', ['place', 'expires_at']],
  ['application', ['application_id']],
  ['authorization', ['authorization_id']],
];
