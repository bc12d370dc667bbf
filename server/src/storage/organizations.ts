// Organizations in the database.

import { isObserved } from '@keyward/rules/observed/observation';
import { sql } from 'kysely';
import type { Clock } from '../core/clock.ts';
import { fold, sortKeyOf } from '../core/collation.ts';
import { usualLeakPolicy } from '../core/identity/leak-policy.ts';
import type { OrganizationChanges, OrganizationReads } from '../core/identity/ports.ts';
import type { Organization } from '../core/identity/records.ts';
import { type Session, unlessTaken } from './database.ts';
import { externalChange, externalIs, fromExternal, toExternal } from './external-record.ts';
import { fromLifecycle, lifecycleChanges, toLifecycle } from './lifecycle.ts';
import { observedIn, toObserved } from './observed.ts';
import { type List, readPage } from './page.ts';
import type { Db, OrganizationRow } from './schema.ts';
import { changed, given, insertion, lookup, run } from './statement.ts';

export function organizationReads(db: Db, clock: Clock): OrganizationReads {
  const fromRow = (row: OrganizationRow) => organizationFrom(row, clock());
  const one = ([row]: OrganizationRow[]) => (row === undefined ? null : fromRow(row));
  const list = { ...columns, toItem: fromRow };
  return {
    find: async (id) => one(await byId(db, { id })),
    findByName: async (name) => one(await byName(db, { name })),
    findByExternalId: async (externalId) => one(await byExternalId(db, { externalId })),
    findAll: async (handles) => (await findAll(db, handles)).map(fromRow),
    list: (request, { id, ...filter } = {}) => {
      const isOne = id === undefined ? [] : [sql<boolean>`id = ${id}`];
      return readPage(db, list, { narrow: [...isOne, ...externalIs(filter)] }, request);
    },
  };
}

export function organizationChanges(session: Session, clock: Clock): OrganizationChanges {
  const { db } = session;
  const lifecycle = lifecycleChanges(session, 'organizations');
  return {
    ...organizationReads(db, clock),
    claim: async (id) => {
      const [row] = await (session.rowLocks ? byIdLocked : byId)(db, { id });
      return row === undefined ? null : organizationFrom(row, clock());
    },
    insert: (organization) => insert(db, toRow(organization)),
    update: (id, change) => unlessTaken(session, () => update(db, id, change)),
    deactivate: (id, at) => lifecycle.deactivate(id, id, at),
    activate: (id) => lifecycle.activate(id, id),
    delete: (id, at) => lifecycle.delete(id, id, at),
  };
}

const insert = insertion('organizations');

const all = (db: Db, v: { id: string }) => db.selectFrom('organizations').selectAll().where('id', '=', v.id);

const byId = lookup((db, v: { id: string }) => all(db, v).compile());

const byIdLocked = lookup((db, v: { id: string }) => all(db, v).forNoKeyUpdate().compile());

const byName = lookup((db, v: { name: string }) =>
  db.selectFrom('organizations').selectAll().where('name', '=', v.name).where('deleted_at', 'is', null).compile(),
);

const byExternalId = lookup((db, v: { externalId: string }) =>
  db
    .selectFrom('organizations')
    .selectAll()
    .where('external_id', '=', v.externalId)
    .where('deleted_at', 'is', null)
    .compile(),
);

const parametersAtOnce = 500;

/** Most are ids: names are looked for among the others alone. */
async function findAll(db: Db, handles: readonly string[]): Promise<OrganizationRow[]> {
  const byIds = await findIn(db, 'id', handles);
  const ids = new Set(byIds.map(({ id }) => id));
  const names = handles.filter((handle) => !ids.has(handle));
  return [...byIds, ...(await findIn(db, 'name', names))];
}

async function findIn(db: Db, column: 'id' | 'name', values: readonly string[]): Promise<OrganizationRow[]> {
  const found: OrganizationRow[] = [];
  for (let at = 0; at < values.length; at += parametersAtOnce) {
    const some = values.slice(at, at + parametersAtOnce);
    const query = db.selectFrom('organizations').selectAll().where(column, 'in', some).where('deleted_at', 'is', null);
    found.push(...(await run(db, query.compile())).rows);
  }
  return found;
}

async function update(db: Db, id: string, change: Parameters<OrganizationChanges['update']>[1]): Promise<boolean> {
  const { name, planId, contributors, longestTokenLifetimeMs, entitlement, leakPolicy, observed } = change;
  const changes = given({
    name,
    folded_name: name && fold(name),
    sort_name: name && sortKeyOf(name),
    plan_id: planId === null ? noPlan : planId,
    contributors,
    longest_token_lifetime_ms: longestTokenLifetimeMs,
    entitlement: entitlement && JSON.stringify(entitlement),
    leak_policy: leakPolicy && JSON.stringify(leakPolicy),
    ...(observed !== undefined && toObserved(observed)),
    ...externalChange(change),
  });
  const query = db
    .updateTable('organizations')
    .set((eb) => ({ generation: eb.ref('generation'), ...changes }))
    .where('id', '=', id)
    .where('deleted_at', 'is', null);
  return changed(await run(db, query.compile())) > 0;
}

const columns: Omit<List<'organizations', Organization>, 'toItem'> = {
  table: 'organizations',
  sortColumns: { createdAt: 'created_at', name: 'sort_name', description: 'sort_name', permissions: 'plan_id' },
};

/** The column holds a text always: no plan's id is empty. */
const noPlan = '';

/** The plan that a row names, or null for none. */
export function planOf(column: string): string | null {
  return column === noPlan ? null : column;
}

function toRow(organization: Organization): OrganizationRow {
  return {
    id: organization.id,
    name: organization.name,
    folded_name: fold(organization.name),
    sort_name: sortKeyOf(organization.name),
    folded_text: '',
    is_operator: organization.isOperator ? 1 : 0,
    plan_id: organization.planId ?? noPlan,
    contributors: organization.contributors,
    longest_token_lifetime_ms: organization.longestTokenLifetimeMs,
    entitlement: organization.entitlement && JSON.stringify(organization.entitlement),
    leak_policy: JSON.stringify(organization.leakPolicy),
    ...toObserved(organization.observed),
    ...fromExternal(organization),
    created_at: organization.createdAt,
    ...fromLifecycle(organization.lifecycle),
  };
}

function organizationFrom(row: OrganizationRow, now: number): Organization {
  const kept = observedIn(row);
  const isLeft = kept !== null && isObserved(kept.until, now);
  return {
    id: row.id,
    name: row.name,
    isOperator: row.is_operator !== 0,
    planId: planOf(row.plan_id),
    contributors: row.contributors,
    longestTokenLifetimeMs: row.longest_token_lifetime_ms,
    entitlement: entitlementFrom(row, isLeft ? null : kept),
    observed: isLeft ? { ...kept, entitlement: kept.entitlement ?? [] } : null,
    leakPolicy: row.leak_policy === null ? usualLeakPolicy : JSON.parse(row.leak_policy),
    ...toExternal(row),
    createdAt: row.created_at,
    lifecycle: toLifecycle(row),
  };
}

function entitlementFrom(row: OrganizationRow, counting: ReturnType<typeof observedIn>): readonly string[] | null {
  if (counting !== null) return counting.entitlement ?? [];
  return row.entitlement === null ? null : JSON.parse(row.entitlement);
}
