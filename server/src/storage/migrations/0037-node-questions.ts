// What nodes that share a database ask one another of what each remembers in memory alone, and what they answer; empty where
// there is one node, and nearly always. A line is of no use after a few seconds.

import type { Kysely } from 'kysely';
import type { Migration } from 'kysely/migration';
import { columnTypes } from './column-types.ts';

export const nodeQuestions: Migration = {
  // biome-ignore lint/suspicious/noExplicitAny: Kysely's own type for a database in the middle of a migration
  async up(db: Kysely<any>) {
    const { text, integer, tableEnd } = columnTypes(db);
    await db.schema
      .createTable('node_questions')
      .addColumn('id', text, (column) => column.notNull().primaryKey())
      .addColumn('node', text, (column) => column.notNull())
      .addColumn('body', text, (column) => column.notNull())
      .addColumn('asked_at', integer, (column) => column.notNull())
      .modifyEnd(tableEnd)
      .execute();
    await db.schema
      .createTable('node_answers')
      .addColumn('question_id', text, (column) => column.notNull())
      .addColumn('node', text, (column) => column.notNull())
      .addColumn('body', text, (column) => column.notNull())
      .addColumn('answered_at', integer, (column) => column.notNull())
      .addPrimaryKeyConstraint('node_answers_once', ['question_id', 'node'])
      .modifyEnd(tableEnd)
      .execute();
  },
};
