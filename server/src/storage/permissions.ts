// Registered permissions in the database.

import type { PermissionChanges, PermissionReads } from '../core/checking/ports.ts';
import type { RegisteredPermission } from '../core/checking/records.ts';
import type { Session } from './database.ts';
import type { Db, PermissionRow } from './schema.ts';
import { insertion, lookup, verb } from './statement.ts';

export function permissionReads(db: Db): PermissionReads {
  return { list: async (organizationId) => (await all(db, { organizationId })).map(fromRow) };
}

export function permissionChanges({ db }: Session): PermissionChanges {
  return {
    ...permissionReads(db),
    insert: (permission) => insert(db, toRow(permission)),
    describe: (organizationId, name, description) => describe(db, { organizationId, name, description }),
    delete: (organizationId, name) => remove(db, { organizationId, name }),
  };
}

const insert = insertion('permissions');

const all = lookup((db, v: { organizationId: string }) =>
  db.selectFrom('permissions').selectAll().where('organization_id', '=', v.organizationId).orderBy('name').compile(),
);

const describe = verb((db, v: { organizationId: string; name: string; description: string }) =>
  db
    .updateTable('permissions')
    .set({ description: v.description })
    .where('organization_id', '=', v.organizationId)
    .where('name', '=', v.name)
    .compile(),
);

const remove = verb((db, v: { organizationId: string; name: string }) =>
  db.deleteFrom('permissions').where('organization_id', '=', v.organizationId).where('name', '=', v.name).compile(),
);

function toRow(permission: RegisteredPermission): PermissionRow {
  return {
    organization_id: permission.organizationId,
    name: permission.name,
    description: permission.description,
    created_at: permission.createdAt,
  };
}

function fromRow(row: PermissionRow): RegisteredPermission {
  return {
    organizationId: row.organization_id,
    name: row.name,
    description: row.description,
    createdAt: row.created_at,
  };
}
