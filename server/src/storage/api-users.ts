// API users in the database, and the digests of their generated passwords, or the slow hashes of those that were chosen elsewhere.

import { sql } from 'kysely';
import { fold, sortKeyOf } from '../core/collation.ts';
import type { ApiUserChanges, ApiUserReads } from '../core/identity/ports.ts';
import type { ApiUser, ApiUserPassword } from '../core/identity/records.ts';
import { type Session, unlessTaken } from './database.ts';
import { externalChange, externalIs, fromExternal, toExternal } from './external-record.ts';
import { fromLifecycle, lifecycleChanges, toLifecycle } from './lifecycle.ts';
import { type List, readPage } from './page.ts';
import type { ApiUserRow, Db } from './schema.ts';
import { changed, given, insertion, lookup, run, verb } from './statement.ts';

export function apiUserReads(db: Db): ApiUserReads {
  return {
    find: async (organizationId, id) => one(await byId(db, { organizationId, id })),
    findPassword: async (username) => toPassword((await passwordOf(db, { username }))[0]),
    findPasswordById: async (id) => toPassword((await passwordById(db, { id }))[0]),
    findNamed: async (username) => one(await byName(db, { username })),
    digestOf: async (organizationId, id) => (await digestById(db, { organizationId, id }))[0]?.digest ?? null,
    findByExternalId: async (organizationId, externalId) => one(await byExternalId(db, { organizationId, externalId })),
    list: (organizationId, request, filter = {}) =>
      readPage(db, list, { organizationId, narrow: externalIs(filter) }, request),
  };
}

export function apiUserChanges(session: Session): ApiUserChanges {
  const { db } = session;
  return {
    ...apiUserReads(db),
    ...(session.rowLocks && {
      find: async (organizationId, id) => one(await byIdLocked(db, { organizationId, id })),
    }),
    ...lifecycleChanges(session, 'api_users'),
    insert: (apiUser, passwordDigest) => insert(db, toRow(apiUser, passwordDigest)),
    update: (organizationId, id, change) =>
      change.externalId == null
        ? update(db, organizationId, id, change)
        : unlessTaken(session, () => update(db, organizationId, id, change)),
    replacePassword: (organizationId, id, expected, { digest, endsAccess }) =>
      (endsAccess ? endPassword : replacePassword)(db, { organizationId, id, expected, digest }),
  };
}

const insert = insertion('api_users');

const within = (db: Db, v: { organizationId: string; id: string }) =>
  db.selectFrom('api_users').selectAll().where('organization_id', '=', v.organizationId).where('id', '=', v.id);

const byId = lookup((db, v: { organizationId: string; id: string }) => within(db, v).compile());

const byName = lookup((db, v: { username: string }) =>
  db.selectFrom('api_users').selectAll().where('username', '=', v.username).where('deleted_at', 'is', null).compile(),
);

const byIdLocked = lookup((db, v: { organizationId: string; id: string }) => within(db, v).forNoKeyUpdate().compile());

const byExternalId = lookup((db, v: { organizationId: string; externalId: string }) =>
  db
    .selectFrom('api_users')
    .selectAll()
    .where('organization_id', '=', v.organizationId)
    .where('external_id', '=', v.externalId)
    .where('deleted_at', 'is', null)
    .compile(),
);

const passwords = sql`
  select u.id, u.organization_id as "organizationId", u.password_digest as "passwordDigest",
    s.digest as "previousDigest", s.ends_at as "previousEndsAt", u.generation + u.password_generation as generation
  from api_users u left join previous_passwords s on s.api_user_id = u.id
  where u.deleted_at is null and u.deactivated_at is null`;

const passwordOf = lookup((db, v: { username: string }) =>
  // SQLite plans a join anew at every run when it compares a column with a bare parameter.
  sql<PasswordRow>`${passwords} and u.username = cast(${v.username} as text)`.compile(db),
);

const passwordById = lookup((db, v: { id: string }) =>
  sql<PasswordRow>`${passwords} and u.id = cast(${v.id} as text)`.compile(db),
);

const digestById = lookup((db, v: { organizationId: string; id: string }) =>
  db
    .selectFrom('api_users')
    .select('password_digest as digest')
    .where('organization_id', '=', v.organizationId)
    .where('id', '=', v.id)
    .where('deleted_at', 'is', null)
    .compile(),
);

interface Replacement extends Record<string, unknown> {
  organizationId: string;
  id: string;
  expected: string;
  digest: string;
}

const withPassword = (db: Db, v: Replacement) =>
  db
    .updateTable('api_users')
    .set({ password_digest: v.digest })
    .where('organization_id', '=', v.organizationId)
    .where('id', '=', v.id)
    .where('password_digest', '=', v.expected)
    .where('deleted_at', 'is', null);

const replacePassword = verb((db, v: Replacement) => withPassword(db, v).compile());

// Those that outlive a deactivation end too.
const endPassword = verb((db, v: Replacement) =>
  withPassword(db, v)
    .set((eb) => ({
      password_generation: eb('password_generation', '+', 1),
      cut_off_generation: eb.ref('generation'),
    }))
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

interface PasswordRow extends Omit<ApiUserPassword, 'previous'> {
  previousDigest: string | null;
  previousEndsAt: number | null;
}

function toPassword(row: PasswordRow | undefined): ApiUserPassword | null {
  if (row === undefined) return null;
  const { previousDigest: digest, previousEndsAt: endsAt, ...found } = row;
  return { ...found, previous: digest === null || endsAt === null ? null : { digest, endsAt } };
}

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
    password_generation: 0,
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
