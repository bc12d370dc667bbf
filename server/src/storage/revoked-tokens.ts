// Access tokens that were revoked one by one. What is kept is their ids, never the tokens.

import type { ExpressionBuilder } from 'kysely';
import type { RevokedTokenChanges, RevokedTokenReads } from '../core/tokens/ports.ts';
import type { RevokedToken } from '../core/tokens/records.ts';
import type { Session } from './database.ts';
import type { Db, Schema } from './schema.ts';
import { changed, insertion, lookup, run } from './statement.ts';

export function revokedTokenReads(db: Db): RevokedTokenReads {
  return {
    isRevoked: async (jti) => (await byId(db, { jti })).length > 0,
    living: async (now, { organizationId, after, limit }) => {
      const living = db
        .selectFrom('revoked_tokens')
        .select(['jti', 'source_id as sourceId', 'expires_at as expiresAt'])
        .where('expires_at', '>', now)
        .where('jti', '>', after);
      const own = organizationId === null ? living : living.where(concerning(organizationId));
      return (await run(db, own.orderBy('jti').limit(limit).compile())).rows;
    },
  };
}

export function revokedTokenChanges({ db }: Session): RevokedTokenChanges {
  return {
    ...revokedTokenReads(db),
    insert: (token) => insert(db, toRow(token)),
    livingOf: async (sourceId, now, most) => Number((await countOf(db, { sourceId, now, most }))[0]?.count ?? 0),
    deleteOf: async (sourceId) =>
      changed(await run(db, db.deleteFrom('revoked_tokens').where('source_id', '=', sourceId).compile())),
    deleteExpired: async (before, limit) => {
      const expired = db.selectFrom('revoked_tokens').select('jti').where('expires_at', '<', before);
      const some = expired.orderBy('expires_at').limit(limit);
      return changed(await run(db, db.deleteFrom('revoked_tokens').where('jti', 'in', some).compile()));
    },
  };
}

/** Its own, and what was made by the operator's federated credentials, which may be its own too. */
function concerning(organizationId: string) {
  return (eb: ExpressionBuilder<Schema, 'revoked_tokens'>) => {
    const operators = eb.selectFrom('organizations').select('organizations.id').where('is_operator', '=', 1);
    const isOperators = eb('organization_id', 'in', operators);
    return eb.or([
      eb('organization_id', '=', organizationId),
      eb.and([eb('source_type', '=', 'federated_credential'), isOperators]),
    ]);
  };
}

const insert = insertion('revoked_tokens');

const byId = lookup((db, v: { jti: string }) =>
  db.selectFrom('revoked_tokens').select('jti').where('jti', '=', v.jti).compile(),
);

/** Out of the index alone, and of many rows none is brought here. */
const countOf = lookup((db, v: { sourceId: string; now: number; most: number }) => {
  const some = db
    .selectFrom('revoked_tokens')
    .select((eb) => eb.lit(1).as('one'))
    .where('source_id', '=', v.sourceId)
    .where('expires_at', '>', v.now)
    .limit(v.most);
  return db
    .selectFrom(some.as('some'))
    .select((eb) => eb.fn.countAll<number | string>().as('count'))
    .compile();
});

function toRow({ jti, organizationId, source, expiresAt }: RevokedToken) {
  return {
    jti,
    organization_id: organizationId,
    source_type: source.type,
    source_id: source.id,
    expires_at: expiresAt,
  };
}
