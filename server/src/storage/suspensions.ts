// What a restore has suspended. It is deactivated as long as it is suspended, so that whoever looks at that alone refuses
// it; what was deactivated before keeps its own time, and stays so after a release.

import { type Kysely, sql } from 'kysely';
import type { SuspensionChanges, SuspensionReads } from '../core/recovery/ports.ts';
import { type Suspendable, type SuspendedCounts, suspendables } from '../core/recovery/records.ts';
import type { Session } from './database.ts';
import type { LifecycleTable } from './lifecycle.ts';
import type { Db } from './schema.ts';
import { changed, run } from './statement.ts';

export const tableOf = {
  organization: 'organizations',
  user: 'users',
  api_user: 'api_users',
  api_token: 'api_tokens',
  application: 'applications',
} as const satisfies Record<Suspendable, LifecycleTable>;

/** The columns of all these tables; an organization is its own. */
export interface SuspendableTables {
  target: {
    id: string;
    organization_id: string;
    suspended_at: number | null;
    deactivated_at: number | null;
    generation: number;
    cut_off_generation: number;
  };
}

export function suspendableTable(db: Db, type: Suspendable) {
  return { db: db as unknown as Kysely<SuspendableTables>, table: tableOf[type] as unknown as 'target' };
}

export function suspensionReads(db: Db): SuspensionReads {
  return {
    count: () => countsOf((type) => countSuspended(db, type)),
    organizations: async (after, limit) => {
      const query = sql<{ id: string }>`
        select id from (${sql.join(suspendables.map(ownersOf), sql` union `)}) found
        where id > ${after} order by id limit ${sql.lit(limit)}`;
      return (await run(db, query.compile(db))).rows.map(({ id }) => id);
    },
  };
}

export function suspensionChanges({ db }: Session): SuspensionChanges {
  return {
    ...suspensionReads(db),
    releaseOrganization: (organizationId) =>
      countsOf(async (type) => {
        const all = suspendableTable(db, type);
        const query = all.db
          .updateTable(all.table)
          .set(released)
          .where(placeOf(type), '=', organizationId)
          .where('suspended_at', 'is not', null);
        return changed(await run(db, query.compile()));
      }),
    releaseOne: async (type, id) => {
      const all = suspendableTable(db, type);
      const query = all.db
        .updateTable(all.table)
        .set(released)
        .where('id', '=', id)
        .where('suspended_at', 'is not', null)
        .returning(placeOf(type));
      const [row] = (await run(db, query.compile())).rows as Record<string, string>[];
      return row?.[placeOf(type)] ?? null;
    },
  };
}

const released = {
  deactivated_at: sql<number | null>`case when deactivated_at = suspended_at then null else deactivated_at end`,
  suspended_at: null,
};

function placeOf(type: Suspendable): 'id' | 'organization_id' {
  return type === 'organization' ? 'id' : 'organization_id';
}

function ownersOf(type: Suspendable) {
  const place = sql.ref(placeOf(type));
  return sql`select ${place} as id from ${sql.table(tableOf[type])} where suspended_at is not null`;
}

async function countSuspended(db: Db, type: Suspendable): Promise<number> {
  const query = sql<{ count: number }>`
    select count(*) as count from ${sql.table(tableOf[type])} where suspended_at is not null and deleted_at is null`;
  return Number((await run(db, query.compile(db))).rows[0]?.count ?? 0);
}

async function countsOf(count: (type: Suspendable) => Promise<number>): Promise<SuspendedCounts> {
  const counts = { organization: 0, user: 0, api_user: 0, api_token: 0, application: 0 };
  for (const type of suspendables) counts[type] = await count(type);
  return counts;
}
