// Answers that are kept for whoever repeats a request, sealed. They are not journalled: what they tell of is.

import type { AnswerChanges, AnswerReads, KeptAnswer } from '../core/caller/ports.ts';
import type { Session } from './database.ts';
import type { Db, KeptAnswerRow } from './schema.ts';
import { changed, lookup, run } from './statement.ts';

export function answerReads(db: Db): AnswerReads {
  return { find: async (id) => (await byId(db, { id })).map(fromRow)[0] ?? null };
}

export function answerChanges({ db }: Session): AnswerChanges {
  return {
    ...answerReads(db),
    insert: async (answer, now) => {
      const { id: _, ...columns } = toRow(answer);
      const into = db.insertInto('kept_answers').values(toRow(answer));
      const query = into.onConflict((conflict) =>
        conflict.column('id').doUpdateSet(columns).where('kept_answers.expires_at', '<=', now),
      );
      return changed(await run(db, query.compile())) > 0;
    },
    deleteExpired: async (before, limit) => {
      const expired = db.selectFrom('kept_answers').select('id').where('expires_at', '<=', before);
      const some = expired.orderBy('expires_at').limit(limit);
      return changed(await run(db, db.deleteFrom('kept_answers').where('id', 'in', some).compile()));
    },
  };
}

const byId = lookup((db, v: { id: string }) =>
  db.selectFrom('kept_answers').selectAll().where('id', '=', v.id).compile(),
);

function toRow(answer: KeptAnswer): KeptAnswerRow {
  return {
    id: answer.id,
    organization_id: answer.organizationId,
    request_digest: answer.requestDigest,
    sealed: answer.sealed,
    expires_at: answer.expiresAt,
  };
}

function fromRow(row: KeptAnswerRow): KeptAnswer {
  const { id, organization_id: organizationId, request_digest: requestDigest, sealed, expires_at: expiresAt } = row;
  return { id, organizationId, requestDigest, sealed, expiresAt };
}
