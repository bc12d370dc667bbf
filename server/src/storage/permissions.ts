// The permissions of all APIs in the database.

import type { PermissionReads } from '../core/caller/ports.ts';
import type { RegisteredPermission } from '../core/caller/records.ts';
import type { PermissionChanges } from '../core/catalogue/ports.ts';
import type { Session } from './database.ts';
import type { ApiPermissionRow, Db } from './schema.ts';
import { changed, given, insertion, lookup, run, verb } from './statement.ts';

export function permissionReads(db: Db): PermissionReads {
  return {
    find: async (name) => (await byName(db, { name })).map(fromRow)[0] ?? null,
    list: async () => (await all(db, {})).map(fromRow),
    namesOf: async (api, limit) => (await firstOfApi(db, { api, limit })).map(({ name }) => name),
  };
}

export function permissionChanges({ db, rowLocks }: Session): PermissionChanges {
  return {
    ...permissionReads(db),
    ...(rowLocks && { find: async (name) => (await byNameShared(db, { name })).map(fromRow)[0] ?? null }),
    claim: async (name) => (await (rowLocks ? byNameLocked : byName)(db, { name })).map(fromRow)[0] ?? null,
    insert: (permission) => insert(db, toRow(permission)),
    update: async (name, { description, group }) => {
      const columns = given({ description, group_name: group });
      const query = db.updateTable('api_permissions').set(columns).where('name', '=', name);
      return changed(await run(db, query.compile())) > 0;
    },
    delete: (name) => remove(db, { name }),
  };
}

const insert = insertion('api_permissions');

const byName = lookup((db, v: { name: string }) =>
  db.selectFrom('api_permissions').selectAll().where('name', '=', v.name).compile(),
);

/** Nobody removes it until the commit: whoever is granted it is found by who asks who holds it. */
const byNameShared = lookup((db, v: { name: string }) =>
  db.selectFrom('api_permissions').selectAll().where('name', '=', v.name).forShare().compile(),
);

const byNameLocked = lookup((db, v: { name: string }) =>
  db.selectFrom('api_permissions').selectAll().where('name', '=', v.name).forUpdate().compile(),
);

const all = lookup((db) => db.selectFrom('api_permissions').selectAll().orderBy('name').compile());

const firstOfApi = lookup((db, v: { api: string; limit: number }) =>
  db.selectFrom('api_permissions').select('name').where('api', '=', v.api).orderBy('name').limit(v.limit).compile(),
);

const remove = verb((db, v: { name: string }) => db.deleteFrom('api_permissions').where('name', '=', v.name).compile());

function toRow(permission: RegisteredPermission): ApiPermissionRow {
  return {
    name: permission.name,
    api: permission.api,
    description: permission.description,
    group_name: permission.group,
    created_at: permission.createdAt,
  };
}

function fromRow(row: ApiPermissionRow): RegisteredPermission {
  return {
    name: row.name,
    api: row.api,
    description: row.description,
    group: row.group_name,
    createdAt: row.created_at,
  };
}
