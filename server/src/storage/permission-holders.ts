// Roles and API tokens of all organizations as what holds permissions, found by what stands in their lists.

import { type RawBuilder, type SqlBool, sql } from 'kysely';
import type { PermissionHolderReads } from '../core/checking/ports.ts';
import type { PermissionHolder } from '../core/checking/records.ts';
import { names } from './permission-lists.ts';
import type { Db } from './schema.ts';
import { run } from './statement.ts';

export function permissionHolderReads(db: Db): PermissionHolderReads {
  return {
    roles: async (narrow) => {
      const query = db
        .selectFrom('roles')
        .select(['organization_id', 'name as id', 'name', 'permissions'])
        .where(conditionOf(narrow))
        .orderBy('organization_id')
        .orderBy('name');
      return (await run(db, query.compile())).rows.map((row) => fromRow('role', row));
    },
    apiTokens: async (narrow, { after, limit }) => {
      const query = db
        .selectFrom('api_tokens')
        .select(['organization_id', 'id', 'name', 'permissions'])
        .where(conditionOf(narrow))
        .where('deleted_at', 'is', null)
        .where('id', '>', after)
        .orderBy('id')
        .limit(limit);
      return (await run(db, query.compile())).rows.map((row) => fromRow('api_token', row));
    },
  };
}

function conditionOf(narrow: Parameters<PermissionHolderReads['roles']>[0]): RawBuilder<SqlBool> {
  return narrow === 'patterns' ? sql<SqlBool>`permissions like '%*%'` : names(narrow.permission);
}

function fromRow(
  type: PermissionHolder['type'],
  row: { organization_id: string; id: string; name: string; permissions: string },
): PermissionHolder {
  const { organization_id: organizationId, id, name, permissions } = row;
  return { type, organizationId, id, name, permissions: JSON.parse(permissions) };
}
