// Applications that people let act for them; what each person has allowed; the codes and sessions that come of it. A session
// that ends takes what is kept of it here with it.

import type { Kysely } from 'kysely';
import type { Migration } from 'kysely/migration';
import { columnTypes } from './column-types.ts';

export const applications: Migration = {
  // biome-ignore lint/suspicious/noExplicitAny: Kysely's own type for a database in the middle of a migration
  async up(db: Kysely<any>) {
    const { text, integer, tableEnd } = columnTypes(db);
    await db.schema
      .createTable('applications')
      .addColumn('id', text, (column) => column.notNull().primaryKey())
      .addColumn('organization_id', text, (column) => column.notNull().references('organizations.id'))
      .addColumn('name', text, (column) => column.notNull())
      .addColumn('folded_name', text, (column) => column.notNull())
      .addColumn('folded_text', text, (column) => column.notNull())
      .addColumn('sort_name', text, (column) => column.notNull())
      .addColumn('type', text, (column) => column.notNull())
      .addColumn('secret_digest', text)
      .addColumn('redirect_uris', text, (column) => column.notNull())
      .addColumn('grants', text, (column) => column.notNull())
      .addColumn('permissions', text, (column) => column.notNull())
      .addColumn('logo_url', text)
      .addColumn('created_at', integer, (column) => column.notNull())
      .addColumn('created_by', text)
      .addColumn('deactivated_at', integer)
      .addColumn('deleted_at', integer)
      .addColumn('generation', integer, (column) => column.notNull())
      .addColumn('cut_off_generation', integer, (column) => column.notNull())
      .modifyEnd(tableEnd)
      .execute();
    const byTime = db.schema.createIndex('applications_by_time').on('applications');
    await byTime.columns(['organization_id', 'created_at', 'id']).execute();

    await db.schema
      .createTable('authorizations')
      .addColumn('id', text, (column) => column.notNull().primaryKey())
      .addColumn('organization_id', text, (column) => column.notNull().references('organizations.id'))
      .addColumn('user_id', text, (column) => column.notNull().references('users.id'))
      .addColumn('application_id', text, (column) => column.notNull().references('applications.id'))
      .addColumn('api', text, (column) => column.notNull())
      .addColumn('scope', text, (column) => column.notNull())
      .addColumn('created_at', integer, (column) => column.notNull())
      .addColumn('changed_at', integer, (column) => column.notNull())
      .addColumn('last_used_at', integer)
      .addUniqueConstraint('authorizations_once', ['user_id', 'application_id', 'api'])
      .modifyEnd(tableEnd)
      .execute();
    const ofOrganization = db.schema.createIndex('authorizations_by_time').on('authorizations');
    await ofOrganization.columns(['organization_id', 'created_at', 'id']).execute();
    await db.schema
      .createIndex('authorizations_by_application')
      .on('authorizations')
      .column('application_id')
      .execute();

    await db.schema
      .createTable('authorization_codes')
      .addColumn('digest', text, (column) => column.notNull().primaryKey())
      .addColumn('authorization_id', text, (column) =>
        column.notNull().references('authorizations.id').onDelete('cascade'),
      )
      .addColumn('application_id', text, (column) => column.notNull())
      .addColumn('organization_id', text, (column) => column.notNull())
      .addColumn('user_id', text, (column) => column.notNull())
      .addColumn('generation', text, (column) => column.notNull())
      .addColumn('redirect_uri', text, (column) => column.notNull())
      .addColumn('challenge', text, (column) => column.notNull())
      .addColumn('api', text, (column) => column.notNull())
      .addColumn('scope', text, (column) => column.notNull())
      .addColumn('session_id', text, (column) => column.notNull())
      .addColumn('given_in', text, (column) => column.notNull())
      .addColumn('expires_at', integer, (column) => column.notNull())
      .addColumn('used_at', integer)
      .modifyEnd(tableEnd)
      .execute();
    await db.schema.createIndex('authorization_codes_by_end').on('authorization_codes').column('expires_at').execute();
    const codesOf = db.schema.createIndex('authorization_codes_by_authorization').on('authorization_codes');
    await codesOf.column('authorization_id').execute();

    await db.schema
      .createTable('application_sessions')
      .addColumn('session_id', text, (column) =>
        column.notNull().primaryKey().references('sessions.id').onDelete('cascade'),
      )
      .addColumn('authorization_id', text, (column) => column.notNull())
      .addColumn('application_id', text, (column) => column.notNull())
      .addColumn('organization_id', text, (column) => column.notNull())
      .addColumn('user_id', text, (column) => column.notNull())
      .addColumn('api', text, (column) => column.notNull())
      .addColumn('scope', text, (column) => column.notNull())
      .addColumn('family_digest', text, (column) => column.unique())
      .addColumn('token_digest', text)
      .addColumn('key', text)
      .modifyEnd(tableEnd)
      .execute();
    for (const column of ['authorization_id', 'application_id']) {
      const index = db.schema.createIndex(`application_sessions_by_${column.replace('_id', '')}`);
      await index.on('application_sessions').column(column).execute();
    }
  },
};
