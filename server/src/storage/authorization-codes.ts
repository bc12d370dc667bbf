// Authorization codes in the database: digests, never the codes. A used one stays for a while, so that a second use is known.

import type { AuthorizationCodeChanges, AuthorizationCodeReads } from '../core/tokens/applications/ports.ts';
import type { AuthorizationCode } from '../core/tokens/applications/records.ts';
import type { AuthorizationCodeRow } from './application-rows.ts';
import type { Session } from './database.ts';
import type { Db } from './schema.ts';
import { changed, insertion, lookup, run, verb } from './statement.ts';

export function authorizationCodeReads(db: Db): AuthorizationCodeReads {
  return {
    find: async (digest) => (await byDigest(db, { digest })).map(fromRow)[0] ?? null,
  };
}

export function authorizationCodeChanges({ db }: Session): AuthorizationCodeChanges {
  return {
    insert: async (code) => {
      if (!(await insert(db, toRow(code)))) throw new Error('This code is there already.');
    },
    take: async (digest, at) => {
      const isFirst = await use(db, { digest, at });
      const [row] = await byDigest(db, { digest });
      return row === undefined ? null : fromRow(isFirst ? { ...row, used_at: null } : row);
    },
    deleteOf: async (applicationId) => {
      await deleteOf(db, { applicationId });
    },
    deleteExpired: async (before, limit) => {
      const expired = db.selectFrom('authorization_codes').select('digest').where('expires_at', '<', before);
      const some = expired.orderBy('expires_at').limit(limit);
      return changed(await run(db, db.deleteFrom('authorization_codes').where('digest', 'in', some).compile()));
    },
  };
}

const insert = insertion('authorization_codes');

const use = verb((db, v: { digest: string; at: number }) =>
  db
    .updateTable('authorization_codes')
    .set({ used_at: v.at })
    .where('digest', '=', v.digest)
    .where('used_at', 'is', null)
    .compile(),
);

const byDigest = lookup((db, v: { digest: string }) =>
  db.selectFrom('authorization_codes').selectAll().where('digest', '=', v.digest).compile(),
);

const deleteOf = verb((db, v: { applicationId: string }) =>
  db
    .deleteFrom('authorization_codes')
    .where('application_id', '=', v.applicationId)
    .where('used_at', 'is', null)
    .compile(),
);

/** A key stands behind the challenge, so that nodes that know of none find no verifier for the code. */
function toRow(code: AuthorizationCode): AuthorizationCodeRow {
  return {
    digest: code.digest,
    authorization_id: code.authorizationId,
    application_id: code.applicationId,
    organization_id: code.organizationId,
    user_id: code.userId,
    generation: code.generation,
    redirect_uri: code.redirectUri,
    challenge: code.key === null ? code.challenge : `${code.challenge} ${code.key}`,
    api: code.api,
    scope: JSON.stringify(code.scope),
    session_id: code.sessionId,
    given_in: code.givenIn,
    expires_at: code.expiresAt,
    used_at: code.usedAt,
  };
}

function fromRow(row: AuthorizationCodeRow): AuthorizationCode {
  const [challenge = '', key = null] = row.challenge.split(' ');
  return {
    digest: row.digest,
    authorizationId: row.authorization_id,
    applicationId: row.application_id,
    organizationId: row.organization_id,
    userId: row.user_id,
    generation: row.generation,
    redirectUri: row.redirect_uri,
    challenge,
    key,
    api: row.api,
    scope: JSON.parse(row.scope),
    sessionId: row.session_id,
    givenIn: row.given_in,
    expiresAt: row.expires_at,
    usedAt: row.used_at,
  };
}
