// API users in the database, and the digests of their generated passwords.

import { fold, sortKeyOf } from '../core/collation.ts';
import type { ApiUserChanges, ApiUserReads } from '../core/identity/ports.ts';
import type { ApiUser } from '../core/identity/records.ts';
import { type Session, unlessTaken } from './database.ts';
import { externalChange, externalIs, fromExternal, toExternal } from './external-record.ts';
import { fromLifecycle, lifecycleChanges, toLifecycle } from './lifecycle.ts';
import { type List, readPage } from './page.ts';
import type { ApiUserRow, Db } from './schema.ts';
import { changed, given, insertion, lookup, run } from './statement.ts';

export function apiUserReads(db: Db): ApiUserReads {
  return {
    find: async (organizationId, id) => one(await byId(db, { organizationId, id })),
    findPassword: async (username) => (await passwordOf(db, { username }))[0] ?? null,
    findPasswordById: async (id) => (await passwordById(db, { id }))[0] ?? null,
    findByExternalId: async (organizationId, externalId) => one(await byExternalId(db, { organizationId, externalId })),
    list: (organizationId, request, filter = {}) =>
      readPage(db, list, { organizationId, narrow: externalIs(filter) }, request),
  };
}

export function apiUserChanges(session: Session): ApiUserChanges {
  const { db } = session;
  return {
    ...apiUserReads(db),
    ...lifecycleChanges(session, 'api_users'),
    insert: (apiUser, passwordDigest) => insert(db, toRow(apiUser, passwordDigest)),
    update: (organizationId, id, change) =>
      change.externalId == null
        ? update(db, organizationId, id, change)
        : unlessTaken(session, () => update(db, organizationId, id, change)),
  };
}

const insert = insertion('api_users');

const byId = lookup((db, v: { organizationId: string; id: string }) =>
  db
    .selectFrom('api_users')
    .selectAll()
    .where('organization_id', '=', v.organizationId)
    .where('id', '=', v.id)
    .compile(),
);

const byExternalId = lookup((db, v: { organizationId: string; externalId: string }) =>
  db
    .selectFrom('api_users')
    .selectAll()
    .where('organization_id', '=', v.organizationId)
    .where('external_id', '=', v.externalId)
    .where('deleted_at', 'is', null)
    .compile(),
);

const passwordOf = lookup((db, v: { username: string }) =>
  db
    .selectFrom('api_users')
    .select(['id', 'organization_id as organizationId', 'password_digest as passwordDigest'])
    .where('username', '=', v.username)
    .where('deleted_at', 'is', null)
    .where('deactivated_at', 'is', null)
    .compile(),
);

const passwordById = lookup((db, v: { id: string }) =>
  db
    .selectFrom('api_users')
    .select(['id', 'organization_id as organizationId', 'password_digest as passwordDigest'])
    .where('id', '=', v.id)
    .where('deleted_at', 'is', null)
    .where('deactivated_at', 'is', null)
    .compile(),
);

async function update(
  db: Db,
  organizationId: string,
  id: string,
  change: Parameters<ApiUserChanges['update']>[2],
): Promise<boolean> {
  const { name, role } = change;
  const columns = given({
    name,
    folded_name: name && fold(name),
    sort_name: name && sortKeyOf(name),
    role,
    ...externalChange(change),
  });
  const query = db
    .updateTable('api_users')
    .set((eb) => ({ generation: eb.ref('generation'), ...columns }))
    .where('organization_id', '=', organizationId)
    .where('id', '=', id)
    .where('deleted_at', 'is', null);
  return changed(await run(db, query.compile())) > 0;
}

const list: List<'api_users', ApiUser> = {
  table: 'api_users',
  sortColumns: { createdAt: 'created_at', name: 'sort_name', description: 'username', permissions: 'role' },
  toItem: fromRow,
};

function one([row]: ApiUserRow[]): ApiUser | null {
  return row === undefined ? null : fromRow(row);
}

function toRow(apiUser: ApiUser, passwordDigest: string): ApiUserRow {
  return {
    id: apiUser.id,
    number: apiUser.number,
    organization_id: apiUser.organizationId,
    username: apiUser.username,
    name: apiUser.name,
    folded_name: fold(apiUser.name),
    sort_name: sortKeyOf(apiUser.name),
    folded_text: fold(apiUser.username),
    role: apiUser.role,
    ...fromExternal(apiUser),
    password_digest: passwordDigest,
    created_at: apiUser.createdAt,
    created_by: apiUser.createdBy,
    ...fromLifecycle(apiUser.lifecycle),
  };
}

function fromRow(row: ApiUserRow): ApiUser {
  return {
    id: row.id,
    number: row.number,
    organizationId: row.organization_id,
    username: row.username,
    name: row.name,
    role: row.role,
    ...toExternal(row),
    createdAt: row.created_at,
    createdBy: row.created_by,
    lifecycle: toLifecycle(row),
  };
}
