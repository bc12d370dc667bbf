// What applications do for people, session by session, and the digests of their refresh tokens. Rows go with their session.

import type {
  ApplicationSessionChanges,
  ApplicationSessionReads,
  KnownApplicationSession,
} from '../core/tokens/applications/ports.ts';
import type { ApplicationSession } from '../core/tokens/applications/records.ts';
import type { ApplicationSessionRow } from './application-rows.ts';
import type { Session } from './database.ts';
import type { Db } from './schema.ts';
import { insertion, lookup, run, verb } from './statement.ts';

const mostEnded = 100;

export function applicationSessionReads(db: Db): ApplicationSessionReads {
  return {
    findFamily: async (familyDigest) => (await byFamily(db, { familyDigest })).map(toKnown)[0] ?? null,
  };
}

export function applicationSessionChanges({ db, rowLocks }: Session): ApplicationSessionChanges {
  return {
    findFamily: async (familyDigest) => {
      if (rowLocks) await lockSession(db, { familyDigest });
      return (await byFamily(db, { familyDigest })).map(toKnown)[0] ?? null;
    },
    insert: async (session) => {
      if (!(await insert(db, toRow(session)))) throw new Error('This session is there already.');
    },
    rotate: (familyDigest, tokenDigest, next) => rotate(db, { familyDigest, tokenDigest, next }),
    extend: async (sessionId, use) => {
      await extend(db, { sessionId, ...use });
    },
    endUnused: async (organizationId, authorizationId, kept) => {
      const unused = (await byUse(db, { organizationId, authorizationId })).slice(kept).map(({ id }) => id);
      if (unused.length === 0) return unused;
      const its = db.deleteFrom('sessions').where('organization_id', '=', organizationId);
      await run(db, its.where('id', 'in', unused).compile());
      return unused;
    },
    endOf: async (of) => {
      const [column, id] =
        'applicationId' in of
          ? (['application_id', of.applicationId] as const)
          : (['authorization_id', of.authorizationId] as const);
      const its = db.selectFrom('application_sessions').where(column, '=', id);
      const touched = await run(db, its.select('organization_id').distinct().compile());
      await run(db, db.deleteFrom('sessions').where('id', 'in', its.select('session_id')).compile());
      return touched.rows.map((row) => row.organization_id);
    },
  };
}

const insert = insertion('application_sessions');

const byFamily = lookup((db, v: { familyDigest: string }) =>
  db
    .selectFrom('application_sessions as a')
    .innerJoin('sessions as s', 's.id', 'a.session_id')
    .selectAll('a')
    .select(['s.generation', 's.created_at', 's.expires_at'])
    .where('a.family_digest', '=', v.familyDigest)
    .compile(),
);

/** The last used first. More than these are ended by the next that begins. */
const byUse = lookup((db, v: { organizationId: string; authorizationId: string }) =>
  db
    .selectFrom('application_sessions as a')
    .innerJoin('sessions as s', 's.id', 'a.session_id')
    .select('s.id')
    .where('s.organization_id', '=', v.organizationId)
    .where('a.authorization_id', '=', v.authorizationId)
    .orderBy('s.seen_at', 'desc')
    .orderBy('s.created_at', 'desc')
    .limit(mostEnded)
    .compile(),
);

/** Of the session, which is ended before what is kept of it here. */
const lockSession = lookup((db, v: { familyDigest: string }) =>
  db
    .selectFrom('sessions')
    .select('id')
    .where('id', '=', (eb) =>
      eb.selectFrom('application_sessions').select('session_id').where('family_digest', '=', v.familyDigest),
    )
    .forNoKeyUpdate()
    .compile(),
);

const rotate = verb((db, v: { familyDigest: string; tokenDigest: string; next: string }) =>
  db
    .updateTable('application_sessions')
    .set({ token_digest: v.next })
    .where('family_digest', '=', v.familyDigest)
    .where('token_digest', '=', v.tokenDigest)
    .compile(),
);

type Use = { sessionId: string; seenAt: number; expiresAt: number; address: string; userAgent: string };

const extend = verb((db, v: Use) =>
  db
    .updateTable('sessions')
    .set({ seen_at: v.seenAt, expires_at: v.expiresAt, address: v.address, user_agent: v.userAgent })
    .where('id', '=', v.sessionId)
    .compile(),
);

function toRow(session: ApplicationSession): ApplicationSessionRow {
  return {
    session_id: session.sessionId,
    authorization_id: session.authorizationId,
    application_id: session.applicationId,
    organization_id: session.organizationId,
    user_id: session.userId,
    api: session.api,
    scope: JSON.stringify(session.scope),
    family_digest: session.refresh?.familyDigest ?? null,
    token_digest: session.refresh?.tokenDigest ?? null,
    key: session.key,
  };
}

type KnownRow = ApplicationSessionRow & { generation: string; created_at: number; expires_at: number };

function toKnown(row: KnownRow): KnownApplicationSession {
  const { generation, created_at: createdAt, expires_at: expiresAt } = row;
  return { ...fromRow(row), generation, createdAt, expiresAt };
}

function fromRow(row: ApplicationSessionRow): ApplicationSession {
  const { family_digest: familyDigest, token_digest: tokenDigest } = row;
  return {
    sessionId: row.session_id,
    authorizationId: row.authorization_id,
    applicationId: row.application_id,
    organizationId: row.organization_id,
    userId: row.user_id,
    api: row.api,
    scope: JSON.parse(row.scope),
    key: row.key,
    refresh: familyDigest === null || tokenDigest === null ? null : { familyDigest, tokenDigest },
  };
}
