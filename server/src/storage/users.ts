// Users in the database, and the hashes of their passwords, which leave it only through `findPassword`.

import { fold, sortKeyOf } from '../core/collation.ts';
import type { UserChanges, UserReads } from '../core/identity/ports.ts';
import type { User } from '../core/identity/records.ts';
import type { Session } from './database.ts';
import { fromLifecycle, lifecycleChanges, toLifecycle } from './lifecycle.ts';
import { type List, readPage } from './page.ts';
import type { Db, UserRow } from './schema.ts';
import { changed, given, insertion, lookup, run, verb } from './statement.ts';

export function userReads(db: Db): UserReads {
  return {
    find: async (organizationId, id) => one(await byId(db, { organizationId, id })),
    findPassword: async (email) => (await passwordOf(db, { email }))[0] ?? null,
    list: (organizationId, request) => readPage(db, list, { organizationId }, request),
    countAbleToSignIn: async (organizationId, role) => (await able(db, { organizationId, role })).length,
  };
}

export function userChanges(session: Session): UserChanges {
  const { db } = session;
  const { deactivate, activate, delete: remove, endAccessTokens } = lifecycleChanges(session, 'users');
  const ableUntilCommit = session.rowLocks ? ableLocked : able;
  return {
    ...userReads(db),
    ...(session.rowLocks && {
      find: async (organizationId, id) => one(await byIdLocked(db, { organizationId, id })),
    }),
    deactivate,
    activate,
    delete: remove,
    endAccessTokens,
    countAbleToSignIn: async (organizationId, role) => (await ableUntilCommit(db, { organizationId, role })).length,
    insert: (user, passwordHash) => insert(db, toRow(user, passwordHash)),
    update: (organizationId, id, change) => update(db, organizationId, id, change),
    setPassword: (organizationId, id, passwordHash, expected) =>
      expected === undefined
        ? setPassword(db, { organizationId, id, passwordHash })
        : replacePassword(db, { organizationId, id, passwordHash, expected }),
    renewPasswordHash: (id, passwordHash, expected) => renewHash(db, { id, passwordHash, expected }),
    setSecondFactor: (organizationId, id, at) => setSecondFactor(db, { organizationId, id, at }),
    welcome: (organizationId, id) => welcome(db, { organizationId, id }),
    seen: (organizationId, id, at) => seen(db, { organizationId, id, at }),
  };
}

const insert = insertion('users');

const within = (db: Db, v: { organizationId: string; id: string }) =>
  db.selectFrom('users').selectAll().where('organization_id', '=', v.organizationId).where('id', '=', v.id);

const byId = lookup((db, v: { organizationId: string; id: string }) => within(db, v).compile());

const byIdLocked = lookup((db, v: { organizationId: string; id: string }) => within(db, v).forNoKeyUpdate().compile());

const passwordOf = lookup((db, v: { email: string }) =>
  db
    .selectFrom('users')
    .select([
      'id',
      'organization_id as organizationId',
      'password_hash as passwordHash',
      'second_factor_at as secondFactorAt',
      'generation',
    ])
    .where('email', '=', v.email)
    .where('deleted_at', 'is', null)
    .compile(),
);

type Holding = { organizationId: string; role: string };

const selectAble = (db: Db, v: Holding) =>
  db
    .selectFrom('users')
    .select('id')
    .where('organization_id', '=', v.organizationId)
    .where('role', '=', v.role)
    .where('deactivated_at', 'is', null)
    .where('deleted_at', 'is', null)
    .where('invited_at', 'is', null);

const able = lookup((db, v: Holding) => selectAble(db, v).compile());

/** Two nodes that each take away another one of the last two owners must not both count one left. */
const ableLocked = lookup((db, v: Holding) => selectAble(db, v).orderBy('id').forUpdate().compile());

async function update(
  db: Db,
  organizationId: string,
  id: string,
  { name, role }: Parameters<UserChanges['update']>[2],
): Promise<boolean> {
  const query = db
    .updateTable('users')
    .set((eb) => ({
      generation: eb.ref('generation'),
      ...given({ name, folded_name: name && fold(name), sort_name: name && sortKeyOf(name), role }),
    }))
    .where('organization_id', '=', organizationId)
    .where('id', '=', id)
    .where('deleted_at', 'is', null);
  return changed(await run(db, query.compile())) > 0;
}

type NewPassword = { organizationId: string; id: string; passwordHash: string };

const updatePassword = (db: Db, v: NewPassword) =>
  db
    .updateTable('users')
    .set((eb) => ({ password_hash: v.passwordHash, generation: eb('generation', '+', 1) }))
    .where('organization_id', '=', v.organizationId)
    .where('id', '=', v.id)
    .where('deleted_at', 'is', null);

const setPassword = verb((db, v: NewPassword) => updatePassword(db, v).compile());

const replacePassword = verb((db, v: NewPassword & { expected: string }) =>
  updatePassword(db, v).where('password_hash', '=', v.expected).compile(),
);

const renewHash = verb((db, v: { id: string; passwordHash: string; expected: string }) =>
  db
    .updateTable('users')
    .set({ password_hash: v.passwordHash })
    .where('id', '=', v.id)
    .where('password_hash', '=', v.expected)
    .where('deleted_at', 'is', null)
    .compile(),
);

const lifecycle = (db: Db, v: { organizationId: string; id: string }) =>
  db
    .updateTable('users')
    .where('organization_id', '=', v.organizationId)
    .where('id', '=', v.id)
    .where('deleted_at', 'is', null);

const setSecondFactor = verb((db, v: { organizationId: string; id: string; at: number | null }) =>
  lifecycle(db, v).set({ second_factor_at: v.at }).compile(),
);

const welcome = verb((db, v: { organizationId: string; id: string }) =>
  lifecycle(db, v).set({ invited_at: null }).where('invited_at', 'is not', null).compile(),
);

const seen = verb((db, v: { organizationId: string; id: string; at: number }) =>
  lifecycle(db, v)
    .set({ last_seen_at: v.at })
    .where((eb) => eb.or([eb('last_seen_at', 'is', null), eb('last_seen_at', '<', v.at)]))
    .compile(),
);

const list: List<'users', User> = {
  table: 'users',
  sortColumns: { createdAt: 'created_at', name: 'sort_name', description: 'email', permissions: 'role' },
  toItem: fromRow,
};

function one([row]: UserRow[]): User | null {
  return row === undefined ? null : fromRow(row);
}

function toRow(user: User, passwordHash: string): UserRow {
  return {
    id: user.id,
    number: user.number,
    organization_id: user.organizationId,
    email: user.email,
    name: user.name,
    folded_name: fold(user.name),
    sort_name: sortKeyOf(user.name),
    folded_text: fold(user.email),
    role: user.role,
    password_hash: passwordHash,
    created_at: user.createdAt,
    invited_at: user.invitedAt,
    second_factor_at: user.secondFactorAt,
    last_seen_at: user.lastSeenAt,
    created_by: user.createdBy,
    ...fromLifecycle(user.lifecycle),
  };
}

function fromRow(row: UserRow): User {
  return {
    id: row.id,
    number: row.number,
    organizationId: row.organization_id,
    email: row.email,
    name: row.name,
    role: row.role,
    createdAt: row.created_at,
    invitedAt: row.invited_at,
    secondFactorAt: row.second_factor_at,
    lastSeenAt: row.last_seen_at,
    createdBy: row.created_by,
    lifecycle: toLifecycle(row),
  };
}
