// What is only observed, whatever table it stands in, and the calls that it would have refused. These come in batches and are
// not journalled.

import { sql } from 'kysely';
import type { ObservedSubject } from '../core/caller/records.ts';
import type {
  CountedRefusal,
  ObservationChanges,
  ObservationReads,
  ObservedThing,
  RefusalsQuery,
} from '../core/checking/ports.ts';
import type { Session } from './database.ts';
import { observedIn } from './observed.ts';
import type { Db } from './schema.ts';
import { changed, run } from './statement.ts';
import type { ObservedRefusalRow } from './usage-rows.ts';

export function observationReads(db: Db): ObservationReads {
  return {
    things: async (organizationId, limit) => {
      const ofOne = organizationId === null ? sql<boolean>`1 = 1` : sql<boolean>`organization_id = ${organizationId}`;
      return (await Promise.all([tokens(db, limit, ofOne), organizations(db), plans(db)])).flat();
    },
    due: async (now, limit) => {
      const isDue = sql<boolean>`observed_until <= ${now}`;
      const all = await Promise.all([tokens(db, limit, isDue), organizations(db), plans(db)]);
      return all.flat().filter(({ until }) => until <= now);
    },
    refusals: async (query, limit) => (await run(db, refusalsQuery(db, query, limit).compile())).rows.map(fromRow),
  };
}

export function observationChanges({ db }: Session): ObservationChanges {
  return {
    ...observationReads(db),
    take: async ({ subject, until }) => {
      const table = tableOf[subject.type];
      if (table === null) return false;
      const query = sql`update ${sql.table(table)} set observed_until = null
        where id = ${subject.id} and observed_until = ${until}`;
      return changed(await run(db, query.compile(db))) > 0;
    },
    count: async (refusals) => {
      for (const one of refusals) await run(db, countQuery(db, toRow(one)).compile());
    },
    deleteBefore: async (at, limit) => {
      const columns = sql.join(key.map((column) => sql.ref(column)));
      const query = sql`delete from observed_refusals where (${columns}) in
        (select ${columns} from observed_refusals where last_at < ${at} order by last_at limit ${limit})`;
      return changed(await run(db, query.compile(db)));
    },
  };
}

/** A route stands in the settings. */
const tableOf = { api_token: 'api_tokens', organization: 'organizations', plan: 'plans', route: null } as const;

const key = ['subject_type', 'subject_id', 'bound', 'until', 'organization_id', 'source_id', 'reason'] as const;

interface ObservedRow {
  id: string;
  name: string;
  organization_id: string | null;
  observed: string | null;
}

/** Those that were deleted are nobody's. */
async function tokens(db: Db, limit: number, condition: ReturnType<typeof sql<boolean>>): Promise<ObservedThing[]> {
  const query = db
    .selectFrom('api_tokens')
    .select(['id', 'name', 'organization_id', 'observed'])
    .where('observed_until', 'is not', null)
    .where('deleted_at', 'is', null)
    .where(condition)
    .orderBy('observed_until')
    .orderBy('id')
    .limit(limit);
  return thingsIn('api_token', (await run(db, query.compile())).rows);
}

async function organizations(db: Db): Promise<ObservedThing[]> {
  const query = db
    .selectFrom('organizations')
    .select(['id', 'name', 'id as organization_id', 'observed'])
    .where('observed_until', 'is not', null)
    .where('deleted_at', 'is', null)
    .orderBy('id');
  return thingsIn('organization', (await run(db, query.compile())).rows);
}

async function plans(db: Db): Promise<ObservedThing[]> {
  const query = db.selectFrom('plans').select(['id', 'name', 'observed']).where('observed_until', 'is not', null);
  const { rows } = await run(db, query.orderBy('id').compile());
  return thingsIn(
    'plan',
    rows.map((row) => ({ ...row, organization_id: null })),
  );
}

function thingsIn(type: ObservedSubject['type'], rows: readonly ObservedRow[]): ObservedThing[] {
  return rows.flatMap(({ id, name, organization_id: organizationId, observed }) => {
    const kept = observedIn({ observed });
    if (kept === null) return [];
    const { since, until, ...change } = kept;
    return [{ subject: { type, id }, name, organizationId, since, until, change }];
  });
}

function refusalsQuery(db: Db, { organizationId, since }: RefusalsQuery, limit: number) {
  const all = db.selectFrom('observed_refusals').selectAll().where('last_at', '>=', since);
  const some = organizationId === null ? all : all.where('organization_id', '=', organizationId);
  return some.orderBy('last_at', 'desc').orderBy('source_id').limit(limit);
}

function countQuery(db: Db, row: ObservedRefusalRow) {
  return db
    .insertInto('observed_refusals')
    .values(row)
    .onConflict((conflict) =>
      conflict.columns([...key]).doUpdateSet((eb) => ({
        calls: eb('observed_refusals.calls', '+', eb.ref('excluded.calls')),
        last_at: eb.ref('excluded.last_at'),
        last_rule: eb.ref('excluded.last_rule'),
        last_address: eb.ref('excluded.last_address'),
        last_call: eb.ref('excluded.last_call'),
      })),
    );
}

function toRow({ subject, bound, until, organizationId, source, reason, ...last }: CountedRefusal): ObservedRefusalRow {
  return {
    subject_type: subject.type,
    subject_id: subject.id,
    bound,
    until,
    organization_id: organizationId,
    source_type: source.type,
    source_id: source.id,
    reason,
    calls: last.calls,
    last_at: last.lastAt,
    last_rule: last.rule,
    last_address: last.address,
    last_call: last.lastCall,
  };
}

function fromRow(row: ObservedRefusalRow): CountedRefusal {
  return {
    subject: { type: row.subject_type, id: row.subject_id },
    bound: row.bound,
    until: row.until,
    organizationId: row.organization_id,
    source: { type: row.source_type, id: row.source_id },
    reason: row.reason,
    rule: row.last_rule,
    address: row.last_address,
    calls: row.calls,
    lastAt: row.last_at,
    lastCall: row.last_call,
  };
}
