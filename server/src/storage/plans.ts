// Plans in the database.

import { planAt } from '../core/checking/plan-at.ts';
import type { PlanChanges, PlanReads } from '../core/checking/ports.ts';
import type { Plan, PlanLimit } from '../core/checking/records.ts';
import type { Clock } from '../core/clock.ts';
import type { Session } from './database.ts';
import { observedIn, toObserved } from './observed.ts';
import type { Db, PlanRow } from './schema.ts';
import { insertion, lookup, run, verb } from './statement.ts';

export function planReads(db: Db, clock: Clock): PlanReads {
  const fromRow = (row: PlanRow) => planAt(planFrom(row), clock());
  return {
    find: async (id) => (await byId(db, { id })).map(fromRow)[0] ?? null,
    list: async () => (await all(db, {})).map(fromRow),
  };
}

export function planChanges({ db, rowLocks }: Session, clock: Clock): PlanChanges {
  const fromRow = (row: PlanRow) => planAt(planFrom(row), clock());
  return {
    ...planReads(db, clock),
    ...(rowLocks && { find: async (id) => (await byIdShared(db, { id })).map(fromRow)[0] ?? null }),
    claim: async (id) => (await (rowLocks ? byIdLocked : byId)(db, { id })).map(fromRow)[0] ?? null,
    insert: (plan) => insert(db, toRow(plan)),
    holders: async (id) => (await holding(db, { id })).map(({ name }) => name),
    delete: (id) => remove(db, { id }),
    put: async (plan) => {
      const { id, ...rest } = toRow(plan);
      const query = db
        .insertInto('plans')
        .values({ id, ...rest })
        .onConflict((conflict) => conflict.column('id').doUpdateSet(rest));
      await run(db, query.compile());
    },
  };
}

const insert = insertion('plans');

const one = (db: Db, v: { id: string }) => db.selectFrom('plans').selectAll().where('id', '=', v.id);

const byId = lookup((db, v: { id: string }) => one(db, v).compile());

/** Nobody deletes it until the commit: whoever is given it has it when it is asked whether somebody does. */
const byIdShared = lookup((db, v: { id: string }) => one(db, v).forShare().compile());

const byIdLocked = lookup((db, v: { id: string }) => one(db, v).forNoKeyUpdate().compile());

const all = lookup((db) => db.selectFrom('plans').selectAll().orderBy('id').compile());

/** Two tell that there are several. */
const holding = lookup((db, v: { id: string }) =>
  db
    .selectFrom('organizations')
    .select('name')
    .where('plan_id', '=', v.id)
    .where('deleted_at', 'is', null)
    .orderBy('name')
    .limit(3)
    .compile(),
);

const remove = verb((db, v: { id: string }) => db.deleteFrom('plans').where('id', '=', v.id).compile());

function toRow({ id, name, limits, whenUnavailable, entitlement, observed }: Plan): PlanRow {
  const { limit, windowMs, per, cap } = limits[0] ?? nearlyNone;
  return {
    id,
    name,
    limits: JSON.stringify(limits),
    call_limit: limit,
    window_ms: windowMs,
    per,
    cap,
    when_unavailable: whenUnavailable,
    entitlement: JSON.stringify(entitlement),
    ...toObserved(observed),
  };
}

/** A plan without a limit, to nodes of the version before. */
const nearlyNone: PlanLimit = { limit: 1_000_000_000, windowMs: 1000, per: 'organization', cap: null };

function planFrom(row: PlanRow): Plan {
  return {
    id: row.id,
    name: row.name,
    limits: row.limits === null ? [onlyLimit(row)] : JSON.parse(row.limits),
    whenUnavailable: row.when_unavailable,
    entitlement: JSON.parse(row.entitlement),
    observed: observedIn(row),
  };
}

function onlyLimit({ call_limit: limit, window_ms: windowMs, per, cap }: PlanRow): PlanLimit {
  return { limit, windowMs, per, cap };
}
