// Last uses and usage counts in the database. They come in batches, a few rows to a statement, and are not journalled.

import { type CompiledQuery, type RawBuilder, sql } from 'kysely';
import type { LastUse } from '../core/caller/use.ts';
import type { UsageChanges, UsageQuery, UsageReads, UsageSums } from '../core/checking/ports.ts';
import type { NewLastUse, UsageCount, UsageSum } from '../core/checking/records.ts';
import type { Session } from './database.ts';
import type { Db } from './schema.ts';
import { changed, perDatabase, run } from './statement.ts';
import type { LastUsedRow, UsageCountRow } from './usage-rows.ts';

export function usageReads(db: Db): UsageReads {
  return {
    lastUses: async (organizationId, type, ids) => {
      if (ids.length === 0) return new Map();
      const query = db
        .selectFrom('last_used')
        .selectAll()
        .where('source_type', '=', type)
        .where('source_id', 'in', ids)
        .where('organization_id', '=', organizationId);
      return new Map((await run(db, query.compile())).rows.map((row) => [row.source_id, lastUseFrom(row)]));
    },
    lastRefusals: async (organizationId, type, ids, since) => {
      if (ids.length === 0) return new Map();
      const { rows } = await run(db, refusalsQuery(organizationId, type, ids, since).compile(db));
      // Of several verdicts in the hour the last row is the commonest.
      return new Map(rows.map(({ source_id, hour, verdict }) => [source_id, { hour, verdict }]));
    },
    counts: async (organizationId, query) =>
      (await run(db, countsQuery(db, organizationId, query).compile())).rows.map(countFrom),
    sums: async (organizationId, query, limit) => {
      const { rows } = await run(db, sumsQuery(organizationId, query, limit).compile(db));
      return rows.map((row) => sumFrom(row, query));
    },
  };
}

export function usageChanges({ db }: Session): UsageChanges {
  return {
    ...usageReads(db),
    touch: (uses) => putAll(db, touchQuery, uses.map(lastUsedRow)),
    count: (counts) => putAll(db, countQuery, counts.map(countRow)),
    deleteBefore: async (hour, limit) => {
      const columns = sql.join(key.map((column) => sql.ref(column)));
      const query = sql`delete from usage_counts where (${columns}) in
        (select ${columns} from usage_counts where hour < ${hour} order by hour limit ${limit})`;
      return changed(await run(db, query.compile(db)));
    },
  };
}

const key = ['organization_id', 'hour', 'source_type', 'source_id', 'rule', 'verdict'] as const;

const rowsPerStatement = 32;

const touchQuery = byRowCount((db, rows: LastUsedRow[]) =>
  db
    .insertInto('last_used')
    .values(rows)
    .onConflict((conflict) =>
      conflict
        .columns(['source_type', 'source_id'])
        .doUpdateSet((eb) => ({
          organization_id: eb.ref('excluded.organization_id'),
          at: eb.ref('excluded.at'),
          address: eb.ref('excluded.address'),
          user_agent: eb.ref('excluded.user_agent'),
        }))
        // Nodes flush in any order.
        .whereRef('last_used.at', '<=', 'excluded.at'),
    )
    .compile(),
);

const countQuery = byRowCount((db, rows: UsageCountRow[]) =>
  db
    .insertInto('usage_counts')
    .values(rows)
    .onConflict((conflict) =>
      conflict
        .columns([...key])
        .doUpdateSet((eb) => ({ calls: eb('usage_counts.calls', '+', eb.ref('excluded.calls')) })),
    )
    .compile(),
);

/** A query of a given number of rows, whose columns are always the same: built once for each number. */
function byRowCount<R extends object>(build: (db: Db, rows: R[]) => CompiledQuery<unknown>) {
  const built = perDatabase(() => new Map<number, CompiledQuery<unknown>>());
  return (db: Db, rows: R[]): CompiledQuery<unknown> => {
    const queries = built(db);
    const query = queries.get(rows.length) ?? build(db, rows);
    queries.set(rows.length, query);
    return { ...query, parameters: rows.flatMap((row) => Object.values(row)) };
  };
}

async function putAll<R extends object>(
  db: Db,
  query: (db: Db, rows: R[]) => CompiledQuery<unknown>,
  rows: R[],
): Promise<void> {
  for (let start = 0; start < rows.length; start += rowsPerStatement) {
    await run(db, query(db, rows.slice(start, start + rowsPerStatement)));
  }
}

function countsQuery(db: Db, organizationId: string, { from, until, source }: UsageQuery) {
  const hours = db
    .selectFrom('usage_counts')
    .selectAll()
    .where('organization_id', '=', organizationId)
    .where('hour', '>=', from)
    .where('hour', '<', until)
    .orderBy('hour')
    .orderBy('source_id')
    .orderBy('rule')
    .orderBy('verdict');
  return source === undefined ? hours : hours.where('source_type', '=', source.type).where('source_id', '=', source.id);
}

function refusalsQuery(organizationId: string, type: string, ids: readonly string[], since: number) {
  return sql<Pick<UsageCountRow, 'source_id' | 'hour' | 'verdict'>>`
    select c.source_id, c.hour, c.verdict from usage_counts c
    join (
      select source_id, max(hour) as hour from usage_counts
      where organization_id = ${organizationId} and source_type = ${type} and source_id in (${sql.join(ids)})
        and hour >= ${since} and verdict <> 'allowed'
      group by source_id
    ) last on last.source_id = c.source_id and last.hour = c.hour
    where c.organization_id = ${organizationId} and c.source_type = ${type} and c.verdict <> 'allowed'
    order by c.source_id, c.calls, c.verdict`;
}

interface SumRow {
  at: number;
  kind: string | null;
  id: string | null;
  calls: number;
}

const dayMs = 24 * 3_600_000;

const groupedBy = {
  verdict: [sql`verdict`, sql`null`],
  rule: [sql`rule`, sql`null`],
  source: [sql`source_type`, sql`source_id`],
  organization: [sql`organization_id`, sql`null`],
} as const;

/** Written by hand: the columns are expressions. PostgreSQL adds up to a numeric, which is no number to its driver. */
function sumsQuery(organizationId: string | null, query: UsageSums, limit: number): RawBuilder<SumRow> {
  const { from, until, group, by, source, ownerId, rule, verdict } = query;
  const at = group === 'hour' ? sql`hour` : group === 'day' ? sql`hour - hour % ${sql.lit(dayMs)}` : sql.lit(from);
  const [kind, id] = groupedBy[by];
  const ofOwner = sql`(source_id = ${ownerId} or source_id in (
    select id from api_tokens where owner_id = ${ownerId} and organization_id = ${organizationId}))`;
  const conditions = [
    ...(organizationId === null ? [] : [sql`organization_id = ${organizationId}`]),
    sql`hour >= ${from}`,
    sql`hour < ${until}`,
    ...(source === undefined ? [] : [sql`source_id = ${source.id}`, sql`source_type = ${source.type}`]),
    ...(ownerId === undefined ? [] : [ofOwner]),
    ...(rule === undefined ? [] : [sql`rule = ${rule}`]),
    ...(verdict === undefined ? [] : [sql`verdict = ${verdict}`]),
  ];
  const order = group === 'total' ? sql`calls desc, kind, id` : sql`at, kind, id`;
  return sql<SumRow>`
    select ${at} as at, ${kind} as kind, ${id} as id, cast(sum(calls) as bigint) as calls
    from usage_counts where ${sql.join(conditions, sql` and `)}
    group by 1, 2, 3 order by ${order} limit ${limit}`;
}

function sumFrom({ at, kind, id, calls }: SumRow, { by }: UsageSums): UsageSum {
  const key = kind ?? '';
  if (by === 'source') return { at, calls, source: { type: key as UsageCountRow['source_type'], id: id ?? '' } };
  if (by === 'organization') return { at, calls, organizationId: key };
  return by === 'rule' ? { at, calls, rule: key } : { at, calls, verdict: key as UsageCountRow['verdict'] };
}

function lastUsedRow({ source, organizationId, at, address, userAgent }: NewLastUse): LastUsedRow {
  return {
    source_type: source.type,
    source_id: source.id,
    organization_id: organizationId,
    at,
    address,
    user_agent: userAgent,
  };
}

function lastUseFrom({ at, address, user_agent }: LastUsedRow): LastUse {
  return { at, address, userAgent: user_agent };
}

function countRow({ source, organizationId, rule, hour, verdict, calls }: UsageCount): UsageCountRow {
  return {
    organization_id: organizationId,
    source_type: source.type,
    source_id: source.id,
    rule,
    hour,
    verdict,
    calls,
  };
}

function countFrom(row: UsageCountRow): UsageCount {
  return {
    source: { type: row.source_type, id: row.source_id },
    organizationId: row.organization_id,
    rule: row.rule,
    hour: row.hour,
    verdict: row.verdict,
    calls: row.calls,
  };
}
