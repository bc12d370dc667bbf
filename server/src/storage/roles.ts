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

export function roleChanges({ db }: Session): RoleChanges {
  return {
    ...roleReads(db),
    insert: (role) => insert(db, toRow(role)),
    update: (organizationId, name, change) => update(db, organizationId, name, change),
    delete: (organizationId, name) => removeUnused(db, { organizationId, name }),
  };
}

const insert = insertion('roles');

const within = (db: Db, v: { organizationId: string }) =>
  db.selectFrom('roles').selectAll().where('organization_id', '=', v.organizationId);

const all = lookup((db, v: { organizationId: string }) => within(db, v).orderBy('name').compile());

const byName = lookup((db, v: { organizationId: string; name: string }) =>
  within(db, v).where('name', '=', v.name).compile(),
);

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

/** Whoever gets the role in the same moment on another node is left with no permissions, not with somebody else's. */
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
