// People's sessions in the database: digests of their secrets, never the secrets. A session that was used is not a
// change that anyone follows, so it is not journalled.

import type { Session as Kept } from '../core/caller/records.ts';
import type { SessionChanges, SessionReads } from '../core/identity/ports.ts';
import type { Session } from './database.ts';
import type { Db, SessionRow } from './schema.ts';
import { changed, insertion, lookup, run, verb } from './statement.ts';

const mostListed = 100;

export function sessionReads(db: Db): SessionReads {
  return {
    find: async (digest) => (await byDigest(db, { digest })).map(fromRow)[0] ?? null,
    list: async (organizationId, userId, now) => (await ofUser(db, { organizationId, userId, now })).map(fromRow),
  };
}

export function sessionChanges({ db, rowLocks }: Session): SessionChanges {
  return {
    ...sessionReads(db),
    insert: async (session) => {
      if (!(await insert(db, toRow(session)))) throw new Error('This session is there already.');
    },
    touch: (organizationId, id, use, before) => touch(db, { organizationId, id, ...use, before }),
    renew: (organizationId, digest, next) => renew(db, { organizationId, old: digest, ...next }),
    claim: async (id) => (await (rowLocks ? byIdLocked : byId)(db, { id })).length > 0,
    delete: (organizationId, userId, id) => remove(db, { organizationId, userId, id }),
    deleteOthers: async (organizationId, userId, id) => {
      const others = db
        .deleteFrom('sessions')
        .where('organization_id', '=', organizationId)
        .where('user_id', '=', userId)
        .where('id', '!=', id);
      return changed(await run(db, others.compile()));
    },
    deleteExpired: async (before, limit) => {
      const expired = db.selectFrom('sessions').select('id').where('expires_at', '<', before);
      const some = expired.orderBy('expires_at').limit(limit);
      return changed(await run(db, db.deleteFrom('sessions').where('id', 'in', some).compile()));
    },
  };
}

const insert = insertion('sessions');

const byDigest = lookup((db, v: { digest: string }) =>
  db.selectFrom('sessions').selectAll().where('digest', '=', v.digest).compile(),
);

const ofUser = lookup((db, v: { organizationId: string; userId: string; now: number }) =>
  db
    .selectFrom('sessions')
    .selectAll()
    .where('organization_id', '=', v.organizationId)
    .where('user_id', '=', v.userId)
    .where('expires_at', '>', v.now)
    .orderBy('created_at', 'desc')
    .orderBy('id', 'desc')
    .limit(mostListed)
    .compile(),
);

const one = (db: Db, v: { id: string }) => db.selectFrom('sessions').select('id').where('id', '=', v.id);
const byId = lookup((db, v: { id: string }) => one(db, v).compile());
/** It may be used and renewed all the same. */
const byIdLocked = lookup((db, v: { id: string }) => one(db, v).forKeyShare().compile());

type Touch = { organizationId: string; id: string; seenAt: number; address: string; userAgent: string; before: number };

const touch = verb((db, v: Touch) =>
  db
    .updateTable('sessions')
    .set({ seen_at: v.seenAt, address: v.address, user_agent: v.userAgent })
    .where('organization_id', '=', v.organizationId)
    .where('id', '=', v.id)
    .where('seen_at', '<=', v.before)
    .compile(),
);

type Renewal = { organizationId: string; old: string; digest: string; generation: string; confirmedAt: number | null };

const renew = verb((db, v: Renewal) =>
  db
    .updateTable('sessions')
    .set({ digest: v.digest, generation: v.generation, confirmed_at: v.confirmedAt })
    .where('organization_id', '=', v.organizationId)
    .where('digest', '=', v.old)
    .compile(),
);

const remove = verb((db, v: { organizationId: string; userId: string; id: string }) =>
  db
    .deleteFrom('sessions')
    .where('organization_id', '=', v.organizationId)
    .where('user_id', '=', v.userId)
    .where('id', '=', v.id)
    .compile(),
);

function toRow(session: Kept): SessionRow {
  return {
    id: session.id,
    carrier: session.carrier,
    digest: session.digest,
    organization_id: session.organizationId,
    user_id: session.userId,
    generation: session.generation,
    created_at: session.createdAt,
    seen_at: session.seenAt,
    expires_at: session.expiresAt,
    address: session.address,
    user_agent: session.userAgent,
    confirmed_at: session.confirmedAt,
  };
}

function fromRow(row: SessionRow): Kept {
  return {
    id: row.id,
    carrier: row.carrier,
    digest: row.digest,
    organizationId: row.organization_id,
    userId: row.user_id,
    generation: row.generation,
    createdAt: row.created_at,
    seenAt: row.seen_at,
    expiresAt: row.expires_at,
    address: row.address,
    userAgent: row.user_agent,
    confirmedAt: row.confirmed_at,
  };
}
