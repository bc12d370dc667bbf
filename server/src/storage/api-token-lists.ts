// What the list of API tokens can do beyond other lists: filters, and the order of ends, in which those without one come
// last. Every page is found by an index or by one walk along one; none is sorted whole.

import { type RawBuilder, type SqlBool, sql } from 'kysely';
import type { ApiTokenFilter } from '../core/credentials/ports.ts';
import type { Page, PageRequest, Position } from '../core/page.ts';
import { externalIs } from './external-record.ts';
import { type Scope, searched } from './page.ts';
import { names } from './permission-lists.ts';
import type { ApiTokenRow, Db } from './schema.ts';
import { run } from './statement.ts';

/** A filter as conditions on a token's row. */
export function conditionsOf(filter: ApiTokenFilter): RawBuilder<boolean>[] {
  const { state, unusedSince, expiring, permission } = filter;
  return [
    ...(state === undefined ? [] : [stateIs(state.is, state.now)]),
    ...(unusedSince === undefined ? [] : [unused(unusedSince)]),
    ...(expiring === undefined
      ? []
      : [sql<boolean>`expires_at > ${expiring.from} and expires_at <= ${expiring.until}`]),
    ...(permission === undefined ? [] : [names(permission) as RawBuilder<boolean>]),
    ...externalIs(filter),
  ];
}

/** A page in the order of ends. Of `request` it knows `limit`, `descending`, `after`, `search` and `deleted`. */
export async function byExpiry<Item>(
  db: Db,
  scope: Scope,
  request: Omit<PageRequest, 'sort'>,
  toItem: (row: ApiTokenRow) => Item,
): Promise<Page<Item>> {
  const { limit, after } = request;
  const isPast = typeof after?.key === 'string';
  const rows = isPast ? [] : await ending(db, scope, request, limit + 1);
  if (rows.length <= limit) {
    rows.push(...(await endless(db, scope, request, limit + 1 - rows.length, isPast ? after : undefined)));
  }
  const shown = rows.slice(0, limit);
  const last = shown.at(-1);
  return { items: shown.map(toItem), next: rows.length > limit && last !== undefined ? positionOf(last) : null };
}

const endlessKey = 'endless ';

/** Among those with an end it is a number, among the others a text. */
function positionOf(row: ApiTokenRow): Position {
  return { key: row.expires_at ?? `${endlessKey}${row.created_at}`, id: row.id };
}

async function ending(db: Db, scope: Scope, request: Omit<PageRequest, 'sort'>, limit: number): Promise<ApiTokenRow[]> {
  const { after, descending } = request;
  let query = within(db, scope, request).where('expires_at', 'is not', null);
  if (after !== undefined) {
    const beyond = descending ? '<' : '>';
    query = query.where((eb) => eb(eb.refTuple('expires_at', 'id'), beyond, eb.tuple(Number(after.key), after.id)));
  }
  const direction = descending ? 'desc' : 'asc';
  const ordered = query.orderBy('expires_at', direction).orderBy('id', direction).limit(limit);
  return (await run(db, ordered.compile())).rows;
}

/** The newest first, as there is an index in that order. */
async function endless(
  db: Db,
  scope: Scope,
  request: Omit<PageRequest, 'sort'>,
  limit: number,
  after: Position | undefined,
): Promise<ApiTokenRow[]> {
  let query = within(db, scope, request).where('expires_at', 'is', null);
  if (after !== undefined) {
    const createdAt = Number(String(after.key).slice(endlessKey.length));
    query = query.where((eb) => eb(eb.refTuple('created_at', 'id'), '<', eb.tuple(createdAt, after.id)));
  }
  return (await run(db, query.orderBy('created_at', 'desc').orderBy('id', 'desc').limit(limit).compile())).rows;
}

function within(db: Db, scope: Scope, { search, deleted }: Omit<PageRequest, 'sort'>) {
  let query = db
    .selectFrom('api_tokens')
    .selectAll()
    .where('deleted_at', deleted === 'only' ? 'is not' : 'is', null)
    .where('organization_id', '=', scope.organizationId ?? '');
  if (scope.ownerId !== undefined) query = query.where('owner_id', '=', scope.ownerId);
  for (const condition of [...(scope.narrow ?? []), ...searched(search)]) {
    query = query.where(condition as RawBuilder<SqlBool>);
  }
  return query;
}

function stateIs(state: 'active' | 'inactive' | 'expired', now: number): RawBuilder<boolean> {
  const hasEnded = sql`(expires_at is not null and expires_at <= ${now})`;
  if (state === 'expired') return sql<boolean>`(deactivated_at is null and ${hasEnded})`;
  if (state === 'active')
    return sql<boolean>`(deactivated_at is null and not ${hasEnded} and owner_id not in ${deadOwners})`;
  return sql<boolean>`(deactivated_at is not null or (not ${hasEnded} and owner_id in ${deadOwners}))`;
}

/** There are few: they are looked up once for a list. */
const deadOwners = sql`(
  select id from users where deactivated_at is not null or deleted_at is not null
  union all select id from api_users where deactivated_at is not null or deleted_at is not null)`;

function unused(since: number): RawBuilder<boolean> {
  return sql<boolean>`created_at <= ${since} and not exists (
    select 1 from last_used where source_type = 'api_token' and source_id = api_tokens.id and at > ${since})`;
}
