// What people let applications do, in the database: one row for each person, application and API.

import type {
  ApplicationUse,
  AuthorizationChanges,
  AuthorizationReads,
  ShownAuthorization,
} from '../core/tokens/applications/ports.ts';
import type { Authorization } from '../core/tokens/applications/records.ts';
import type { AuthorizationRow } from './application-rows.ts';
import type { Session } from './database.ts';
import type { Db } from './schema.ts';
import { lookup, run, verb } from './statement.ts';

export function authorizationReads(db: Db): AuthorizationReads {
  return {
    find: async (userId, applicationId, api) =>
      (await ofUser(db, { userId, applicationId, api })).map(fromRow)[0] ?? null,
    list: (organizationId, filter, page) => list(db, organizationId, filter, page),
    usesOf: (organizationId, applicationIds) => usesOf(db, organizationId, applicationIds),
  };
}

export function authorizationChanges({ db, rowLocks }: Session): AuthorizationChanges {
  return {
    ...authorizationReads(db),
    claim: async (id) => (await (rowLocks ? byIdLocked : byId)(db, { id })).map(fromRow)[0] ?? null,
    put: (authorization) => put(db, authorization),
    widen: async (organizationId, id, scope, at) => {
      await widen(db, { organizationId, id, scope: JSON.stringify(scope), at });
    },
    touch: async (id, at) => {
      await touch(db, { id, at });
    },
    delete: async (organizationId, id, userId) => {
      const all = db.deleteFrom('authorizations').where('organization_id', '=', organizationId).where('id', '=', id);
      const own = userId === undefined ? all : all.where('user_id', '=', userId);
      return (await run(db, own.returningAll().compile())).rows.map(fromRow)[0] ?? null;
    },
    deleteOf: async (applicationId) => {
      await deleteOf(db, { applicationId });
    },
  };
}

const ofUser = lookup((db, v: { userId: string; applicationId: string; api: string }) =>
  db
    .selectFrom('authorizations')
    .selectAll()
    .where('user_id', '=', v.userId)
    .where('application_id', '=', v.applicationId)
    .where('api', '=', v.api)
    .compile(),
);

const one = (db: Db, v: { id: string }) => db.selectFrom('authorizations').selectAll().where('id', '=', v.id);
const byId = lookup((db, v: { id: string }) => one(db, v).compile());
const byIdLocked = lookup((db, v: { id: string }) => one(db, v).forNoKeyUpdate().compile());

const widen = verb((db, v: { organizationId: string; id: string; scope: string; at: number }) =>
  db
    .updateTable('authorizations')
    .set({ scope: v.scope, changed_at: v.at })
    .where('organization_id', '=', v.organizationId)
    .where('id', '=', v.id)
    .compile(),
);

const touch = verb((db, v: { id: string; at: number }) =>
  db.updateTable('authorizations').set({ last_used_at: v.at }).where('id', '=', v.id).compile(),
);

const deleteOf = verb((db, v: { applicationId: string }) =>
  db.deleteFrom('authorizations').where('application_id', '=', v.applicationId).compile(),
);

async function put(db: Db, authorization: Authorization): Promise<Authorization> {
  const query = db
    .insertInto('authorizations')
    .values(toRow(authorization))
    // Changes nothing of one that is there, but waits for whoever does, locks it and answers it as it then is.
    .onConflict((taken) =>
      taken
        .columns(['user_id', 'application_id', 'api'])
        .doUpdateSet((eb) => ({ changed_at: eb.ref('authorizations.changed_at') })),
    )
    .returningAll();
  const [kept] = (await run(db, query.compile())).rows;
  if (kept === undefined) throw new Error('An authorization was not kept.');
  return fromRow(kept);
}

type ShownRow = AuthorizationRow & {
  email: string;
  application_name: string;
  metadata_url: string | null;
  logo_url: string | null;
  owner_id: string;
  owner_name: string;
};

async function list(
  db: Db,
  organizationId: string,
  { userId, applicationId }: { userId?: string; applicationId?: string },
  { limit, after }: Parameters<AuthorizationReads['list']>[2],
): Promise<{ items: ShownAuthorization[]; next: { key: string | number; id: string } | null }> {
  let query = db
    .selectFrom('authorizations as z')
    .innerJoin('users as u', 'u.id', 'z.user_id')
    .innerJoin('applications as a', 'a.id', 'z.application_id')
    .innerJoin('organizations as o', 'o.id', 'a.organization_id')
    .selectAll('z')
    .select(['u.email as email', 'a.name as application_name'])
    .select(['a.metadata_url as metadata_url', 'a.logo_url as logo_url'])
    .select(['o.id as owner_id', 'o.name as owner_name'])
    .where('z.organization_id', '=', organizationId)
    .where('u.deleted_at', 'is', null);
  if (userId !== undefined) query = query.where('z.user_id', '=', userId);
  if (applicationId !== undefined) query = query.where('z.application_id', '=', applicationId);
  if (after !== undefined) {
    const { key, id } = after;
    query = query.where((eb) => eb(eb.refTuple('z.created_at', 'z.id'), '<', eb.tuple(Number(key), id)));
  }
  const ordered = query
    .orderBy('z.created_at', 'desc')
    .orderBy('z.id', 'desc')
    .limit(limit + 1);
  const { rows } = await run(db, ordered.compile());
  const shown = rows.slice(0, limit);
  const last = shown.at(-1);
  const isMore = rows.length > limit && last !== undefined;
  return { items: shown.map(toShown), next: isMore ? { key: last.created_at, id: last.id } : null };
}

async function usesOf(
  db: Db,
  organizationId: string,
  applicationIds: readonly string[],
): Promise<Map<string, ApplicationUse>> {
  if (applicationIds.length === 0) return new Map();
  const query = db
    .selectFrom('authorizations as z')
    .innerJoin('applications as a', 'a.id', 'z.application_id')
    .innerJoin('users as u', 'u.id', 'z.user_id')
    .select('a.id as id')
    .select((eb) => eb.fn.count<number | string>('z.user_id').distinct().as('people'))
    .select((eb) => eb.fn.max('z.last_used_at').as('last_used_at'))
    .where('a.organization_id', '=', organizationId)
    .where('a.id', 'in', applicationIds)
    .where('u.deleted_at', 'is', null)
    .groupBy('a.id');
  const { rows } = await run(db, query.compile());
  return new Map(
    rows.map(({ id, people, last_used_at: at }) => [
      id,
      { people: Number(people), lastUsedAt: at === null ? null : Number(at) },
    ]),
  );
}

function toShown(row: ShownRow): ShownAuthorization {
  return {
    ...fromRow(row),
    user: { id: row.user_id, email: row.email },
    application: {
      id: row.application_id,
      metadataUrl: row.metadata_url,
      name: row.application_name,
      logoUrl: row.logo_url,
      organization: { id: row.owner_id, name: row.owner_name },
    },
  };
}

function toRow(authorization: Authorization): AuthorizationRow {
  return {
    id: authorization.id,
    organization_id: authorization.organizationId,
    user_id: authorization.userId,
    application_id: authorization.applicationId,
    api: authorization.api,
    scope: JSON.stringify(authorization.scope),
    created_at: authorization.createdAt,
    changed_at: authorization.changedAt,
    last_used_at: authorization.lastUsedAt,
  };
}

function fromRow(row: AuthorizationRow): Authorization {
  return {
    id: row.id,
    organizationId: row.organization_id,
    userId: row.user_id,
    applicationId: row.application_id,
    api: row.api,
    scope: JSON.parse(row.scope),
    createdAt: row.created_at,
    changedAt: row.changed_at,
    lastUsedAt: row.last_used_at,
  };
}
