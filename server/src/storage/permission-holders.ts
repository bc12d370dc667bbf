// Roles, API tokens and applications of all organizations as what holds permissions, and plans and organizations as what entitles to them,
// found by what stands in their lists. What is found in a change, to be given another list, stays until the commit.

import { type RawBuilder, type SqlBool, sql } from 'kysely';
import type { PermissionHolderChanges, PermissionHolderReads } from '../core/catalogue/ports.ts';
import type { Entitling, PermissionHolder } from '../core/catalogue/records.ts';
import type { Session } from './database.ts';
import { names } from './permission-lists.ts';
import type { Db } from './schema.ts';
import { run } from './statement.ts';
import { withdrawAuthorized } from './withdrawn-authorizations.ts';

export function permissionHolderReads(db: Db, isLocked = false): PermissionHolderReads {
  return {
    roles: async (narrow) => {
      const query = db
        .selectFrom('roles')
        .innerJoin('organizations', 'organizations.id', 'roles.organization_id')
        .select(['organization_id', 'organizations.name as organization_name'])
        .select(['roles.name as id', 'roles.name', 'permissions'])
        .where(conditionOf(narrow))
        .orderBy('organization_id')
        .orderBy('roles.name')
        .$if(isLocked, (all) => all.forNoKeyUpdate('roles'));
      return (await run(db, query.compile())).rows.map((row) => fromRow('role', row));
    },
    apiTokens: async (narrow, { after, limit, withDeleted = false, organizationId }) => {
      let query = db
        .selectFrom('api_tokens')
        .innerJoin('organizations', 'organizations.id', 'api_tokens.organization_id')
        .select(['organization_id', 'organizations.name as organization_name'])
        .select(['api_tokens.id', 'api_tokens.name', 'permissions'])
        .where(conditionOf(narrow))
        .where('api_tokens.id', '>', after);
      if (organizationId !== undefined) query = query.where('organization_id', '=', organizationId);
      if (!withDeleted) query = query.where('api_tokens.deleted_at', 'is', null);
      const ordered = query.orderBy('api_tokens.id').limit(limit);
      const some = isLocked ? ordered.forNoKeyUpdate('api_tokens') : ordered;
      return (await run(db, some.compile())).rows.map((row) => fromRow('api_token', row));
    },
    applications: async (permission) => {
      const query = db
        .selectFrom('applications')
        .innerJoin('organizations', 'organizations.id', 'applications.organization_id')
        .select(['organization_id', 'organizations.name as organization_name'])
        .select(['applications.id', 'applications.name', 'permissions'])
        .where(names(permission))
        .where('applications.deleted_at', 'is', null)
        .orderBy('applications.id')
        .$if(isLocked, (all) => all.forNoKeyUpdate('applications'));
      return (await run(db, query.compile())).rows.map((row) => fromRow('application', row));
    },
    entitling: async (permission) => {
      const found: Entitling[] = [];
      for (const type of ['organization', 'plan'] as const) {
        const query = db.selectFrom(tables[type]).select(['id', 'entitlement']).where(names(permission, 'entitlement'));
        const ordered = query.orderBy('id');
        const { rows } = await run(db, (isLocked ? ordered.forNoKeyUpdate() : ordered).compile());
        found.push(...rows.map(({ id, entitlement }) => ({ type, id, entitlement: JSON.parse(entitlement ?? '[]') })));
      }
      return found;
    },
    countApiTokens: async (permission) => {
      const query = db
        .selectFrom('api_tokens')
        .select((eb) => eb.fn.countAll<number | string>().as('count'))
        .where(names(permission))
        .where('deleted_at', 'is', null);
      return Number((await run(db, query.compile())).rows[0]?.count ?? 0);
    },
  };
}

export function permissionHolderChanges(session: Session): PermissionHolderChanges {
  const { db, rowLocks } = session;
  return {
    ...permissionHolderReads(db, rowLocks),
    keep: async ({ type, organizationId, id }, permissions) => {
      const { table, key } = holding[type];
      const query = db
        .updateTable(table)
        .set({ permissions: JSON.stringify(permissions) })
        .where('organization_id', '=', organizationId)
        .where(key, '=', id);
      await run(db, query.compile());
    },
    entitle: async ({ type, id }, entitlement) => {
      const columns = { entitlement: JSON.stringify(entitlement) };
      const query =
        type === 'plan'
          ? db.updateTable('plans').set(columns).where('id', '=', id)
          : db.updateTable('organizations').set(columns).where('id', '=', id);
      await run(db, query.compile());
    },
    withdrawAuthorized: (of, at, limit) => withdrawAuthorized(session, of, at, limit),
  };
}

const holding = {
  role: { table: 'roles', key: 'name' },
  api_token: { table: 'api_tokens', key: 'id' },
  application: { table: 'applications', key: 'id' },
} as const;

const tables = { plan: 'plans', organization: 'organizations' } as const;

function conditionOf(narrow: Parameters<PermissionHolderReads['roles']>[0]): RawBuilder<SqlBool> {
  return narrow === 'patterns' ? sql<SqlBool>`permissions like '%*%'` : names(narrow.permission);
}

interface HolderRow {
  organization_id: string;
  organization_name: string;
  id: string;
  name: string;
  permissions: string;
}

function fromRow(type: PermissionHolder['type'], row: HolderRow): PermissionHolder {
  return {
    type,
    organizationId: row.organization_id,
    organizationName: row.organization_name,
    id: row.id,
    name: row.name,
    permissions: JSON.parse(row.permissions),
  };
}
