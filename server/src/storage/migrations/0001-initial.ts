// The tables that Keyward started with. Names are unique among what is not deleted, which is what partial indexes are
// for; lists that grow have an index in the order in which they are read.

import type { CreateTableBuilder, Kysely } from 'kysely';
import type { Migration } from 'kysely/migration';
import { type ColumnTypes, columnTypes } from './column-types.ts';

// biome-ignore lint/suspicious/noExplicitAny: Kysely's own type for a database in the middle of a migration
type AnyDb = Kysely<any>;
type Table = CreateTableBuilder<string, string>;

export const initial: Migration = {
  async up(db: AnyDb) {
    const types = columnTypes(db);
    for (const [name, describe] of Object.entries(tables)) {
      await describe(db.schema.createTable(name), types).modifyEnd(types.tableEnd).execute();
    }
    await createUnique(db);
    await createListed(db);
    await db.schema.createIndex('issued_tokens_by_end').on('issued_tokens').column('expires_at').execute();
    await db.schema.createIndex('journal_of').on('journal').columns(['organization_id', 'seq']).execute();
  },
};

const tables: Record<string, (table: Table, types: ColumnTypes) => Table> = {
  organizations: (table, { text, integer }) =>
    lifecycle(
      table.addColumn('id', text, (column) => column.notNull().primaryKey()),
      integer,
    )
      .addColumn('name', text, (column) => column.notNull())
      .addColumn('folded_name', text, (column) => column.notNull())
      .addColumn('folded_text', text, (column) => column.notNull())
      .addColumn('is_operator', integer, (column) => column.notNull())
      .addColumn('plan_id', text, (column) => column.notNull())
      .addColumn('contributors', integer, (column) => column.notNull())
      .addColumn('created_at', integer, (column) => column.notNull()),

  users: (table, types) =>
    person(table, types)
      .addColumn('email', types.text, (column) => column.notNull())
      .addColumn('password_hash', types.text, (column) => column.notNull()),

  api_users: (table, types) =>
    person(table, types)
      .addColumn('username', types.text, (column) => column.notNull())
      .addColumn('password_digest', types.text, (column) => column.notNull())
      .addColumn('created_by', types.text),

  api_tokens: (table, types) =>
    belonging(table, types)
      .addColumn('owner_type', types.text, (column) => column.notNull())
      .addColumn('owner_id', types.text, (column) => column.notNull())
      .addColumn('description', types.text, (column) => column.notNull())
      .addColumn('permissions', types.text, (column) => column.notNull())
      .addColumn('use', types.text, (column) => column.notNull())
      .addColumn('digest', types.text, (column) => column.notNull())
      .addColumn('sealed_secret', types.text)
      .addColumn('expires_at', types.integer)
      .addColumn('updated_at', types.integer)
      .addColumn('created_by', types.text, (column) => column.notNull()),

  permissions: (table, types) => named(table, types, 'permissions_named'),

  roles: (table, types) =>
    named(table, types, 'roles_named').addColumn('permissions', types.text, (column) => column.notNull()),

  plans: (table, { text, integer }) =>
    table
      .addColumn('id', text, (column) => column.notNull().primaryKey())
      .addColumn('name', text, (column) => column.notNull())
      .addColumn('call_limit', integer, (column) => column.notNull())
      .addColumn('window_ms', integer, (column) => column.notNull())
      .addColumn('per', text, (column) => column.notNull())
      .addColumn('cap', integer),

  signing_keys: (table, { text, integer }) =>
    table
      .addColumn('kid', text, (column) => column.notNull().primaryKey())
      .addColumn('profile', text, (column) => column.notNull())
      .addColumn('algorithm', text, (column) => column.notNull())
      .addColumn('public_jwk', text, (column) => column.notNull())
      .addColumn('sealed_private_jwk', text, (column) => column.notNull())
      .addColumn('created_at', integer, (column) => column.notNull())
      .addColumn('signs_from', integer, (column) => column.notNull())
      .addColumn('retired_at', integer)
      .addColumn('verifies_until', integer)
      .addColumn('revoked_at', integer),

  issued_tokens: (table, { text, integer }) =>
    table
      .addColumn('jti', text, (column) => column.notNull().primaryKey())
      .addColumn('organization_id', text, (column) => column.notNull().references('organizations.id'))
      .addColumn('source_type', text, (column) => column.notNull())
      .addColumn('source_id', text, (column) => column.notNull())
      .addColumn('issued_at', integer, (column) => column.notNull())
      .addColumn('expires_at', integer, (column) => column.notNull()),

  journal: (table, { text, integer }) =>
    table
      .addColumn('seq', integer, (column) => column.notNull().primaryKey())
      .addColumn('at', integer, (column) => column.notNull())
      .addColumn('organization_id', text)
      .addColumn('actor_type', text, (column) => column.notNull())
      .addColumn('actor_id', text, (column) => column.notNull())
      .addColumn('action', text, (column) => column.notNull())
      .addColumn('subject_type', text, (column) => column.notNull())
      .addColumn('subject_id', text, (column) => column.notNull())
      .addColumn('detail', text, (column) => column.notNull())
      .addColumn('hash', text, (column) => column.notNull()),
};

/** A noun with a lifecycle that belongs to an organization. */
function belonging(table: Table, { text, integer }: ColumnTypes): Table {
  return lifecycle(
    table.addColumn('id', text, (column) => column.notNull().primaryKey()),
    integer,
  )
    .addColumn('number', integer, (column) => column.notNull().unique())
    .addColumn('organization_id', text, (column) => column.notNull().references('organizations.id'))
    .addColumn('name', text, (column) => column.notNull())
    .addColumn('folded_name', text, (column) => column.notNull())
    .addColumn('folded_text', text, (column) => column.notNull())
    .addColumn('created_at', integer, (column) => column.notNull());
}

function person(table: Table, types: ColumnTypes): Table {
  return belonging(table, types).addColumn('role', types.text, (column) => column.notNull());
}

/** What is known by its name within an organization. */
function named(table: Table, { text, integer }: ColumnTypes, key: string): Table {
  return table
    .addColumn('organization_id', text, (column) => column.notNull().references('organizations.id'))
    .addColumn('name', text, (column) => column.notNull())
    .addColumn('description', text, (column) => column.notNull())
    .addColumn('created_at', integer, (column) => column.notNull())
    .addPrimaryKeyConstraint(key, ['organization_id', 'name']);
}

function lifecycle(table: Table, integer: ColumnTypes['integer']): Table {
  return table
    .addColumn('deactivated_at', integer)
    .addColumn('deleted_at', integer)
    .addColumn('generation', integer, (column) => column.notNull())
    .addColumn('cut_off_generation', integer, (column) => column.notNull());
}

async function createUnique(db: AnyDb): Promise<void> {
  const names: [table: string, columns: string[]][] = [
    ['organizations', ['name']],
    ['users', ['email']],
    ['api_users', ['username']],
    ['api_tokens', ['organization_id', 'name']],
  ];
  for (const [table, columns] of names) {
    const index = db.schema.createIndex(`${table}_by_name`).unique().on(table).columns(columns);
    await index.where('deleted_at', 'is', null).execute();
  }
  await db.schema.createIndex('api_tokens_by_digest').unique().on('api_tokens').column('digest').execute();
}

async function createListed(db: AnyDb): Promise<void> {
  const lists: [name: string, table: string, columns: string[]][] = [
    ['users_of', 'users', ['organization_id', 'created_at', 'id']],
    ['api_users_of', 'api_users', ['organization_id', 'created_at', 'id']],
    ['api_tokens_of', 'api_tokens', ['organization_id', 'created_at', 'id']],
    ['api_tokens_owned', 'api_tokens', ['owner_id', 'created_at', 'id']],
  ];
  for (const [name, table, columns] of lists) {
    await db.schema.createIndex(name).on(table).columns(columns).where('deleted_at', 'is', null).execute();
    const bin = db.schema.createIndex(`${name}_deleted`).on(table).columns(columns);
    await bin.where('deleted_at', 'is not', null).execute();
  }
}
