// Records of the access tokens that a dialect promises to remember. They are not journalled.

import type { IssuedTokenChanges } from '../core/tokens/ports.ts';
import type { IssuedToken } from '../core/tokens/records.ts';
import type { Session } from './database.ts';
import type { IssuedTokenRow } from './schema.ts';
import { changed, insertion, run } from './statement.ts';

/** The most values that one list in a query has. */
const listLimit = 500;

export function issuedTokenChanges({ db }: Session): IssuedTokenChanges {
  return {
    insert: async (token) => {
      if (!(await insert(db, toRow(token)))) throw new Error('This access token is recorded already.');
    },
    delete: async (jtis) => {
      let deleted = 0;
      for (let start = 0; start < jtis.length; start += listLimit) {
        const some = jtis.slice(start, start + listLimit);
        deleted += changed(await run(db, db.deleteFrom('issued_tokens').where('jti', 'in', some).compile()));
      }
      return deleted;
    },
    deleteExpired: async (before, limit) => {
      const expired = db.selectFrom('issued_tokens').select('jti').where('expires_at', '<', before);
      const some = expired.orderBy('expires_at').limit(limit);
      return changed(await run(db, db.deleteFrom('issued_tokens').where('jti', 'in', some).compile()));
    },
  };
}

const insert = insertion('issued_tokens');

function toRow(token: IssuedToken): IssuedTokenRow {
  return {
    jti: token.jti,
    organization_id: token.organizationId,
    source_type: token.source.type,
    source_id: token.source.id,
    issued_at: token.issuedAt,
    expires_at: token.expiresAt,
  };
}
