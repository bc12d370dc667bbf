// Questions between nodes that share one PostgreSQL, and the answers. One statement each, outside of the writer's transactions.
// Times are the database's, so that no node's clock can be wrong. Not journalled.

import { sql } from 'kysely';
import type { NodeQuestions } from '../core/checking/calls/question.ts';
import type { Db } from './schema.ts';
import { run } from './statement.ts';

const now = sql<number>`(extract(epoch from clock_timestamp()) * 1000)::bigint`;
const before = (ms: number) => sql<number>`(extract(epoch from clock_timestamp()) * 1000)::bigint - ${ms}::bigint`;

export function openNodeQuestions(db: Db): NodeQuestions {
  return {
    async ask(question) {
      await run(
        db,
        db
          .insertInto('node_questions')
          .values({ ...question, asked_at: now })
          .compile(),
      );
    },
    async open(node, withinMs) {
      const query = db
        .selectFrom('node_questions')
        .select(['id', 'body'])
        .where('node', '!=', node)
        .where('asked_at', '>', before(withinMs))
        .where((eb) =>
          eb.not(
            eb.exists(
              eb
                .selectFrom('node_answers')
                .select('node')
                .whereRef('question_id', '=', 'node_questions.id')
                .where('node_answers.node', '=', node),
            ),
          ),
        )
        .orderBy('asked_at')
        .limit(20);
      return (await run(db, query.compile())).rows;
    },
    async answer({ questionId, node, body }) {
      // Whoever asked may have gone: then there is nothing to answer to.
      const query = db
        .insertInto('node_answers')
        .columns(['question_id', 'node', 'body', 'answered_at'])
        .expression((eb) =>
          eb
            .selectFrom('node_questions')
            .select(['id', sql<string>`${node}::text`.as('node'), sql<string>`${body}::text`.as('body'), now.as('at')])
            .where('id', '=', questionId),
        )
        .onConflict((conflict) => conflict.columns(['question_id', 'node']).doNothing());
      await run(db, query.compile());
    },
    async answers(questionId) {
      const query = db.selectFrom('node_answers').select(['node', 'body']).where('question_id', '=', questionId);
      return (await run(db, query.compile())).rows;
    },
    async remove(questionId) {
      await run(db, db.deleteFrom('node_questions').where('id', '=', questionId).compile());
      await run(db, db.deleteFrom('node_answers').where('question_id', '=', questionId).compile());
    },
    async deleteOlder(thanMs) {
      await run(db, db.deleteFrom('node_questions').where('asked_at', '<', before(thanMs)).compile());
      await run(db, db.deleteFrom('node_answers').where('answered_at', '<', before(thanMs)).compile());
    },
  };
}
