// An organization's own roles in the database. The built-in ones are core's and are not stored.

import type { RoleChanges, RoleReads } from '../core/identity/ports.ts';
import type { Role } from '../core/identity/records.ts';
import type { Session } from './database.ts';
import type { Db, RoleRow } from './schema.ts';
import { changed, given, insertion, lookup, run, verb } from './statement.ts';

export function roleReads(db: Db): RoleReads {
  return {
    find: async (organizationId, name) => (await byName(db, { organizationId, name })).map(fromRow)[0] ?? null,
    list: async (organizationId) => (await all(db, { organizationId })).map(fromRow),
  };
}

export function roleChanges({ db, rowLocks }: Session): RoleChanges {
  return {
    ...roleReads(db),
    ...(rowLocks && {
      find: async (organizationId, name) => (await byNameShared(db, { organizationId, name })).map(fromRow)[0] ?? null,
    }),
    claim: async (organizationId, name) =>
      (await (rowLocks ? byNameLocked : byName)(db, { organizationId, name })).map(fromRow)[0] ?? null,
    insert: (role) => insertForNobody(db, role),
    update: (organizationId, name, change) => update(db, organizationId, name, change),
    delete: async (organizationId, name) => {
      if (rowLocks) await byNameLocked(db, { organizationId, name });
      return removeUnused(db, { organizationId, name });
    },
  };
}

const insert = insertion('roles');

const within = (db: Db, v: { organizationId: string }) =>
  db.selectFrom('roles').selectAll().where('organization_id', '=', v.organizationId);

const all = lookup((db, v: { organizationId: string }) => within(db, v).orderBy('name').compile());

const byName = lookup((db, v: { organizationId: string; name: string }) =>
  within(db, v).where('name', '=', v.name).compile(),
);

/** Nobody deletes it until the commit: whoever is given it has it when it is asked whether somebody does. */
const byNameShared = lookup((db, v: { organizationId: string; name: string }) =>
  within(db, v).where('name', '=', v.name).forShare().compile(),
);

const byNameLocked = lookup((db, v: { organizationId: string; name: string }) =>
  within(db, v).where('name', '=', v.name).forUpdate().compile(),
);

/** Of those who had an earlier role of this name nobody has the new one: what was deleted with it may be restored. */
async function insertForNobody(db: Db, role: Role): Promise<boolean> {
  if (!(await insert(db, toRow(role)))) return false;
  const { organizationId, name } = role;
  await detachUsers(db, { organizationId, name });
  await detachApiUsers(db, { organizationId, name });
  return true;
}

const detach = (db: Db, table: 'users' | 'api_users', v: { organizationId: string; name: string }) =>
  db.updateTable(table).set({ role: '' }).where('organization_id', '=', v.organizationId).where('role', '=', v.name);

const detachUsers = verb((db, v: { organizationId: string; name: string }) => detach(db, 'users', v).compile());
const detachApiUsers = verb((db, v: { organizationId: string; name: string }) => detach(db, 'api_users', v).compile());

async function update(
  db: Db,
  organizationId: string,
  name: string,
  { description, permissions }: Parameters<RoleChanges['update']>[2],
): Promise<boolean> {
  const columns = given({ description, permissions: permissions && JSON.stringify(permissions) });
  const query = db
    .updateTable('roles')
    .set((eb) => ({ created_at: eb.ref('created_at'), ...columns }))
    .where('organization_id', '=', organizationId)
    .where('name', '=', name);
  return changed(await run(db, query.compile())) > 0;
}

const removeUnused = verb((db, v: { organizationId: string; name: string }) => {
  const credentials = (table: 'users' | 'api_users') =>
    db
      .selectFrom(table)
      .select('id')
      .where('organization_id', '=', v.organizationId)
      .where('role', '=', v.name)
      .where('deleted_at', 'is', null);
  return db
    .deleteFrom('roles')
    .where('organization_id', '=', v.organizationId)
    .where('name', '=', v.name)
    .where((eb) => eb.not(eb.exists(credentials('users'))))
    .where((eb) => eb.not(eb.exists(credentials('api_users'))))
    .compile();
});

function toRow(role: Role): RoleRow {
  return {
    organization_id: role.organizationId,
    name: role.name,
    description: role.description,
    permissions: JSON.stringify(role.permissions),
    created_at: role.createdAt,
  };
}

function fromRow(row: RoleRow): Role {
  return {
    organizationId: row.organization_id,
    name: row.name,
    description: row.description,
    permissions: JSON.parse(row.permissions),
    createdAt: row.created_at,
  };
}
