// Bounds that are only observed until a time, what each credential really used, and who would have been refused. What is
// counted refers to no other table: nothing must keep a batch of it from being written.

import type { Kysely } from 'kysely';
import type { Migration } from 'kysely/migration';
import { columnTypes } from './column-types.ts';

export const observedBounds: Migration = {
  // biome-ignore lint/suspicious/noExplicitAny: Kysely's own type for a database in the middle of a migration
  async up(db: Kysely<any>) {
    const { text, integer, tableEnd } = columnTypes(db);
    for (const table of ['api_tokens', 'organizations', 'plans']) {
      await db.schema.alterTable(table).addColumn('observed', text).execute();
      await db.schema.alterTable(table).addColumn('observed_until', integer).execute();
    }
    await db.schema
      .createIndex('api_tokens_observed')
      .on('api_tokens')
      .column('observed_until')
      .where('observed_until', 'is not', null)
      .execute();
    await db.schema
      .createTable('credential_uses')
      .addColumn('source_id', text, (column) => column.notNull())
      .addColumn('source_type', text, (column) => column.notNull())
      .addColumn('organization_id', text, (column) => column.notNull())
      .addColumn('kind', text, (column) => column.notNull())
      .addColumn('value', text, (column) => column.notNull())
      .addColumn('first_day', integer, (column) => column.notNull())
      .addColumn('last_day', integer, (column) => column.notNull())
      .addPrimaryKeyConstraint('credential_used', ['source_id', 'kind', 'value'])
      .modifyEnd(tableEnd)
      .execute();
    await db.schema.createIndex('credential_uses_by_day').on('credential_uses').column('last_day').execute();
    await db.schema
      .createTable('observed_refusals')
      .addColumn('subject_type', text, (column) => column.notNull())
      .addColumn('subject_id', text, (column) => column.notNull())
      .addColumn('bound', text, (column) => column.notNull())
      .addColumn('until', integer, (column) => column.notNull())
      .addColumn('organization_id', text, (column) => column.notNull())
      .addColumn('source_type', text, (column) => column.notNull())
      .addColumn('source_id', text, (column) => column.notNull())
      .addColumn('reason', text, (column) => column.notNull())
      .addColumn('calls', integer, (column) => column.notNull())
      .addColumn('last_at', integer, (column) => column.notNull())
      .addColumn('last_rule', text, (column) => column.notNull())
      .addColumn('last_address', text)
      .addColumn('last_call', text)
      .addPrimaryKeyConstraint('observed_refused', [
        'subject_type',
        'subject_id',
        'bound',
        'until',
        'organization_id',
        'source_id',
        'reason',
      ])
      .modifyEnd(tableEnd)
      .execute();
    await db.schema.createIndex('observed_refusals_by_time').on('observed_refusals').column('last_at').execute();
  },
};
