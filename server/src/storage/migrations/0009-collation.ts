// What lists are sorted by and searched for, as core/collation.ts makes it: a column to sort by, and the folded ones anew.
// Rows that a node of the version before adds during the upgrade have none, and come first until they are renamed.

import type { Kysely } from 'kysely';
import type { Migration } from 'kysely/migration';
import { fold, sortKeyOf } from '../../core/collation.ts';
import { columnTypes } from './column-types.ts';

// biome-ignore lint/suspicious/noExplicitAny: Kysely's own type for a database in the middle of a migration
type AnyDb = Kysely<any>;

export const collation: Migration = {
  async up(db: AnyDb) {
    const { text } = columnTypes(db);
    for (const [table, described] of Object.entries(tables)) {
      await db.schema
        .alterTable(table)
        .addColumn('sort_name', text, (column) => column.notNull().defaultTo(''))
        .execute();
      if (table === 'api_tokens') {
        await db.schema
          .alterTable(table)
          .addColumn('sort_text', text, (column) => column.notNull().defaultTo(''))
          .execute();
      }
      await fill(db, table, described);
      const columns = table === 'organizations' ? ['sort_name', 'id'] : ['organization_id', 'sort_name', 'id'];
      const index = db.schema.createIndex(`${table}_sorted`).on(table).columns(columns);
      await index.where('deleted_at', 'is', null).execute();
    }
  },
};

/** Each with the column that its folded text is made of. */
const tables: Readonly<Record<string, string | null>> = {
  organizations: null,
  users: 'email',
  api_users: 'username',
  api_tokens: 'description',
};

const batch = 500;

async function fill(db: AnyDb, table: string, described: string | null): Promise<void> {
  let after = '';
  for (;;) {
    const rows = await db
      .selectFrom(table)
      .select(['id', 'name', ...(described === null ? [] : [described])])
      .where('id', '>', after)
      .orderBy('id')
      .limit(batch)
      .execute();
    for (const row of rows) {
      const told = described === null ? '' : String(row[described]);
      const columns = { sort_name: sortKeyOf(row.name), folded_name: fold(row.name), folded_text: fold(told) };
      const sortText = table === 'api_tokens' ? { sort_text: sortKeyOf(told.slice(0, 100)) } : {};
      await db
        .updateTable(table)
        .set({ ...columns, ...sortText })
        .where('id', '=', row.id)
        .execute();
    }
    const last = rows.at(-1);
    if (last === undefined || rows.length < batch) return;
    after = last.id;
  }
}
