// What a restore and a move leave behind: credentials that stand suspended, and which journal this is. A database has an
// epoch from its first start, which a restore replaces: whoever remembers a place in the journal remembers it with that.

import { randomUUID } from 'node:crypto';
import type { Kysely } from 'kysely';
import type { Migration } from 'kysely/migration';
import { columnTypes } from './column-types.ts';

export const recovery: Migration = {
  // biome-ignore lint/suspicious/noExplicitAny: Kysely's own type for a database in the middle of a migration
  async up(db: Kysely<any>) {
    const { text, integer, tableEnd } = columnTypes(db);
    for (const table of ['organizations', 'users', 'api_users', 'api_tokens', 'applications']) {
      await db.schema.alterTable(table).addColumn('suspended_at', integer).execute();
    }
    await db.schema
      .createTable('server_state')
      .addColumn('id', integer, (column) => column.notNull().primaryKey())
      .addColumn('epoch', text, (column) => column.notNull())
      .addColumn('restored_at', integer)
      .addColumn('moving_since', integer)
      .addColumn('moved_at', integer)
      .modifyEnd(tableEnd)
      .execute();
    await db.insertInto('server_state').values({ id: 1, epoch: randomUUID() }).execute();
  },
};
