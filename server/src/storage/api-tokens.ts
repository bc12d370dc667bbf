// API tokens in the database: their digests, never the tokens themselves.

import { sql } from 'kysely';
import type { Clock } from '../core/clock.ts';
import { fold, sortKeyOf } from '../core/collation.ts';
import type { ApiTokenChanges, ApiTokenReads } from '../core/credentials/ports.ts';
import type { ApiToken } from '../core/credentials/records.ts';
import { byExpiry, conditionsOf } from './api-token-lists.ts';
import { type Session, unlessTaken } from './database.ts';
import { externalChange, fromExternal, toExternal } from './external-record.ts';
import { fromLifecycle, lifecycleChanges, toLifecycle } from './lifecycle.ts';
import { tokenAt, toObserved } from './observed.ts';
import { type List, readPage } from './page.ts';
import type { ApiTokenRow, Db } from './schema.ts';
import { fromHints, toHints } from './secret-hint.ts';
import { changed, given, insertion, lookup, run } from './statement.ts';

export function apiTokenReads(db: Db, clock: Clock, by = freely): ApiTokenReads {
  const fromRow = (row: ApiTokenRow) => tokenFrom(row, clock());
  const one = ([row]: ApiTokenRow[]) => (row === undefined ? null : fromRow(row));
  const list = { ...columns, toItem: fromRow };
  return {
    find: async (organizationId, id) => one(await by.id(db, { organizationId, id })),
    findByName: async (organizationId, name) => one(await by.name(db, { organizationId, name })),
    between: async (organizationId, { from, to }) => {
      const all = db.selectFrom('api_tokens').selectAll().where('id', '>=', from).where('id', '<=', to);
      const query = organizationId === null ? all : all.where('organization_id', '=', organizationId);
      return (await run(db, query.orderBy('id').limit(10).compile())).rows.map(fromRow);
    },
    findByNumber: async (organizationId, number) => one(await by.number(db, { organizationId, number })),
    findByExternalId: async (organizationId, externalId) => one(await byExternalId(db, { organizationId, externalId })),
    list: (organizationId, { sort, ...request }, filter = {}) => {
      const scope = { organizationId, ownerId: filter.ownerId, narrow: conditionsOf(filter) };
      return sort === 'expiresAt'
        ? byExpiry(db, scope, request, fromRow)
        : readPage(db, list, scope, { ...request, sort });
    },
    leakedAndDue: async (now, limit) => {
      const query = db
        .selectFrom('api_tokens')
        .selectAll()
        .where('leak_ends_at', '<=', now)
        .where('expires_at', '<=', now)
        .where('deactivated_at', 'is', null)
        .where('deleted_at', 'is', null);
      return (await run(db, query.orderBy('leak_ends_at').limit(limit).compile())).rows.map(fromRow);
    },
    listAll: (request, filter = {}) => {
      const scope = { ownerId: filter.ownerId, narrow: [...conditionsOf(filter), inOrganization] };
      return readPage(db, list, scope, { ...request, sort: 'createdAt' });
    },
  };
}

export function apiTokenChanges(session: Session, clock: Clock): ApiTokenChanges {
  const { db } = session;
  return {
    ...apiTokenReads(db, clock, session.rowLocks ? locked : freely),
    ...lifecycleChanges(session, 'api_tokens'),
    insert: (token) => insert(db, apiTokenRow(token)),
    update: (organizationId, id, change) =>
      change.name === undefined && change.externalId == null
        ? update(db, organizationId, id, change)
        : unlessTaken(session, () => update(db, organizationId, id, change)),
    markLeaked: (organizationId, id, mark) => markLeaked(db, organizationId, id, mark),
    replaceSecret: (organizationId, id, expected, next) => replaceSecret(db, organizationId, id, expected, next),
  };
}

/** A token as its table has it. */
export function apiTokenRow(token: ApiToken): ApiTokenRow {
  return {
    id: token.id,
    number: token.number,
    organization_id: token.organizationId,
    owner_type: token.owner.type,
    owner_id: token.owner.id,
    name: token.name,
    folded_name: fold(token.name),
    sort_name: sortKeyOf(token.name),
    description: token.description,
    folded_text: fold(token.description),
    sort_text: sortTextOf(token.description),
    permissions: JSON.stringify(token.permissions),
    use: token.use,
    digest: token.digest,
    secret_hint: fromHints(token),
    sealed_secret: token.sealedSecret,
    addresses: textOrNull(token.addresses),
    apis: token.apis && JSON.stringify(token.apis),
    limits: textOrNull(token.limits),
    limited_with: token.limitedWith,
    recipe_id: token.recipeId ?? null,
    leaked_at: token.leakedAt,
    leak_ends_at: token.leakEndsAt,
    ...toObserved(token.narrowing),
    expires_at: token.expiresAt,
    ...fromExternal(token),
    created_at: token.createdAt,
    updated_at: token.updatedAt,
    created_by: token.createdBy,
    ...fromLifecycle(token.lifecycle),
  };
}

/** Few organizations were deleted: they are looked up once for a list. */
const inOrganization = sql<boolean>`organization_id not in (select id from organizations where deleted_at is not null)`;

const insert = insertion('api_tokens');

const within = (db: Db, v: { organizationId: string }) =>
  db.selectFrom('api_tokens').selectAll().where('organization_id', '=', v.organizationId);

const called = (db: Db, v: { organizationId: string; name: string }) =>
  within(db, v).where('name', '=', v.name).where('deleted_at', 'is', null);

const freely = {
  id: lookup((db, v: { organizationId: string; id: string }) => within(db, v).where('id', '=', v.id).compile()),
  name: lookup((db, v: { organizationId: string; name: string }) => called(db, v).compile()),
  number: lookup((db, v: { organizationId: string; number: number }) =>
    within(db, v).where('number', '=', v.number).compile(),
  ),
};

const locked: typeof freely = {
  id: lookup((db, v) => within(db, v).where('id', '=', v.id).forNoKeyUpdate().compile()),
  name: lookup((db, v) => called(db, v).forNoKeyUpdate().compile()),
  number: lookup((db, v) => within(db, v).where('number', '=', v.number).forNoKeyUpdate().compile()),
};

const byExternalId = lookup((db, v: { organizationId: string; externalId: string }) =>
  within(db, v).where('external_id', '=', v.externalId).where('deleted_at', 'is', null).compile(),
);

async function update(
  db: Db,
  organizationId: string,
  id: string,
  {
    name,
    description,
    permissions,
    addresses,
    apis,
    limits,
    narrowing,
    use,
    owner,
    expiresAt,
    sealedSecret,
    updatedAt,
    endsAccess,
    ...external
  }: Parameters<ApiTokenChanges['update']>[2],
): Promise<boolean> {
  const changes = given({
    name,
    folded_name: name && fold(name),
    sort_name: name && sortKeyOf(name),
    description,
    folded_text: description && fold(description),
    sort_text: description === undefined ? undefined : sortTextOf(description),
    permissions: permissions && JSON.stringify(permissions),
    addresses: addresses && textOrNull(addresses),
    apis: apis && JSON.stringify(apis),
    limits: limits && textOrNull(limits),
    ...(narrowing !== undefined && toObserved(narrowing)),
    use,
    owner_type: owner?.type,
    owner_id: owner?.id,
    expires_at: expiresAt,
    sealed_secret: sealedSecret,
    ...externalChange(external),
    generation: endsAccess === true ? sql<number>`generation + 1` : undefined,
    updated_at: updatedAt,
  });
  const query = db
    .updateTable('api_tokens')
    .set(changes)
    .where('organization_id', '=', organizationId)
    .where('id', '=', id)
    .where('deleted_at', 'is', null);
  return changed(await run(db, query.compile())) > 0;
}

async function markLeaked(
  db: Db,
  organizationId: string,
  id: string,
  { leakedAt, leakEndsAt }: Parameters<ApiTokenChanges['markLeaked']>[2],
): Promise<boolean> {
  const query = db
    .updateTable('api_tokens')
    .set(given({ leaked_at: leakedAt, leak_ends_at: leakEndsAt }))
    .where('organization_id', '=', organizationId)
    .where('id', '=', id);
  return changed(await run(db, query.compile())) > 0;
}

async function replaceSecret(
  db: Db,
  organizationId: string,
  id: string,
  expected: string,
  { sealedSecret, updatedAt, endsAccess, ...hints }: Parameters<ApiTokenChanges['replaceSecret']>[3],
): Promise<boolean> {
  const query = db
    .updateTable('api_tokens')
    .set({ digest: hints.digest, secret_hint: fromHints(hints), sealed_secret: sealedSecret, updated_at: updatedAt })
    .set({ leaked_at: null, recipe_id: null })
    .$if(endsAccess, (all) => all.set({ generation: sql<number>`generation + 1` }))
    .where('organization_id', '=', organizationId)
    .where('id', '=', id)
    .where('digest', '=', expected)
    .where('deleted_at', 'is', null);
  return changed(await run(db, query.compile())) > 0;
}

const columns: Omit<List<'api_tokens', ApiToken>, 'toItem'> = {
  table: 'api_tokens',
  sortColumns: { createdAt: 'created_at', name: 'sort_name', description: 'sort_text', permissions: 'permissions' },
};

/** Descriptions are long; what they begin with puts them in order. */
function sortTextOf(description: string): string {
  return sortKeyOf(description.slice(0, 100));
}

function tokenFrom(row: ApiTokenRow, now: number): ApiToken {
  const token = {
    id: row.id,
    number: row.number,
    organizationId: row.organization_id,
    owner: { type: row.owner_type, id: row.owner_id },
    name: row.name,
    description: row.description,
    permissions: JSON.parse(row.permissions),
    use: row.use,
    digest: row.digest,
    ...toHints(row.secret_hint, row.digest),
    sealedSecret: row.sealed_secret,
    addresses: row.addresses === null ? [] : JSON.parse(row.addresses),
    apis: row.apis === null ? null : JSON.parse(row.apis),
    limits: row.limits === null ? [] : JSON.parse(row.limits),
    limitedWith: row.limited_with,
    ...(row.recipe_id !== null && { recipeId: row.recipe_id }),
    leakedAt: row.leaked_at,
    leakEndsAt: row.leak_ends_at,
    expiresAt: row.expires_at,
    ...toExternal(row),
    createdAt: row.created_at,
    updatedAt: row.updated_at,
    createdBy: row.created_by,
    lifecycle: toLifecycle(row),
  };
  return tokenAt(token, row, now);
}

function textOrNull(list: readonly unknown[]): string | null {
  return list.length === 0 ? null : JSON.stringify(list);
}
