// Access tokens that were revoked one by one. What is kept is their ids, never the tokens.

import type { RevokedTokenChanges, RevokedTokenReads } from '../core/tokens/ports.ts';
import type { RevokedToken } from '../core/tokens/records.ts';
import type { Session } from './database.ts';
import type { Db, RevokedTokenRow } from './schema.ts';
import { changed, insertion, lookup, run } from './statement.ts';

export function revokedTokenReads(db: Db): RevokedTokenReads {
  return {
    isRevoked: async (jti) => (await byId(db, { jti })).length > 0,
    living: async (now, { organizationId, after, limit }) => {
      const living = db
        .selectFrom('revoked_tokens')
        .select(['jti', 'expires_at as expiresAt'])
        .where('expires_at', '>', now)
        .where('jti', '>', after);
      const own = organizationId === null ? living : living.where('organization_id', '=', organizationId);
      return (await run(db, own.orderBy('jti').limit(limit).compile())).rows;
    },
  };
}

export function revokedTokenChanges({ db }: Session): RevokedTokenChanges {
  return {
    ...revokedTokenReads(db),
    insert: (token) => insert(db, toRow(token)),
    livingOf: async (id, now, most) => (await countedBy(db, { id, now, most })).length,
    deleteOf: async (id) =>
      changed(await run(db, db.deleteFrom('revoked_tokens').where('source_id', '=', id).compile())),
    deleteExpired: async (before, limit) => {
      const expired = db.selectFrom('revoked_tokens').select('jti').where('expires_at', '<', before);
      const some = expired.orderBy('expires_at').limit(limit);
      return changed(await run(db, db.deleteFrom('revoked_tokens').where('jti', 'in', some).compile()));
    },
  };
}

const insert = insertion('revoked_tokens');

const byId = lookup((db, v: { jti: string }) =>
  db.selectFrom('revoked_tokens').select('jti').where('jti', '=', v.jti).compile(),
);

const countedBy = lookup((db, v: { id: string; now: number; most: number }) =>
  db
    .selectFrom('revoked_tokens')
    .select('jti')
    .where('source_id', '=', v.id)
    .where('expires_at', '>', v.now)
    .limit(v.most)
    .compile(),
);

/** The source of one that belongs to a session is kept as that, which it is counted by. */
function toRow({ jti, organizationId, source, sessionId, expiresAt }: RevokedToken): RevokedTokenRow {
  return {
    jti,
    organization_id: organizationId,
    source_type: sessionId === null ? source.type : 'session',
    source_id: sessionId ?? source.id,
    expires_at: expiresAt,
  };
}
