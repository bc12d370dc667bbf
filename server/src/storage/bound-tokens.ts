// API tokens of all organizations as what is bound to APIs, found by what stands in their lists. What is found in a change,
// to be bound otherwise, stays until the commit.

import type { BoundTokenChanges, BoundTokenReads } from '../core/catalogue/ports.ts';
import type { Session } from './database.ts';
import { names } from './permission-lists.ts';
import type { Db } from './schema.ts';
import { run } from './statement.ts';

export function boundTokenReads(db: Db, isLocked = false): BoundTokenReads {
  return {
    count: async (api) => {
      const query = db
        .selectFrom('api_tokens')
        .select((eb) => eb.fn.countAll<number | string>().as('count'))
        .where(names(api, 'apis'))
        .where('deleted_at', 'is', null);
      return Number((await run(db, query.compile())).rows[0]?.count ?? 0);
    },
    list: async (api, { after, limit, withDeleted = false, organizationId }) => {
      let query = db
        .selectFrom('api_tokens')
        .select(['id', 'name', 'organization_id', 'apis'])
        .where(names(api, 'apis'))
        .where('id', '>', after);
      if (organizationId !== undefined) query = query.where('organization_id', '=', organizationId);
      if (!withDeleted) query = query.where('deleted_at', 'is', null);
      const ordered = query.orderBy('id').limit(limit);
      const { rows } = await run(db, (isLocked ? ordered.forNoKeyUpdate() : ordered).compile());
      return rows.map(({ id, name, organization_id, apis }) => ({
        id,
        name,
        organizationId: organization_id,
        apis: JSON.parse(apis ?? '[]'),
      }));
    },
  };
}

export function boundTokenChanges({ db, rowLocks }: Session): BoundTokenChanges {
  return {
    ...boundTokenReads(db, rowLocks),
    bind: async (organizationId, id, apis) => {
      const query = db
        .updateTable('api_tokens')
        .set({ apis: JSON.stringify(apis) })
        .where('organization_id', '=', organizationId)
        .where('id', '=', id);
      await run(db, query.compile());
    },
  };
}
