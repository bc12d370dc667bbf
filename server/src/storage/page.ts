// Reads one page of a list: search, order, keyset or offset, and the count, written once for every noun that is listed.

import { type Kysely, type RawBuilder, type Selectable, type SelectQueryBuilder, sql } from 'kysely';
import { fold } from '../core/collation.ts';
import type { Page, PageRequest, SortKey } from '../core/page.ts';
import type { Db, Schema } from './schema.ts';
import { run } from './statement.ts';

export type ListedTable = 'organizations' | 'users' | 'api_users' | 'api_tokens' | 'applications';

/** What the listed tables have in common; the columns to sort by are named by each. */
interface ListedRow {
  id: string;
  organization_id: string;
  owner_id: string;
  folded_name: string;
  folded_text: string;
  deleted_at: number | null;
  created_at: number;
}

export interface List<T extends ListedTable, Item> {
  table: T;
  /** The column behind each sort key; never null, sorted by bytes. */
  sortColumns: Record<SortKey, keyof Schema[T] & string>;
  toItem(row: Selectable<Schema[T]>): Item;
}

/** Unset members do not narrow the list. */
export interface Scope {
  organizationId?: string;
  ownerId?: string | undefined;
  /** Conditions on the table's own columns. */
  narrow?: readonly RawBuilder<boolean>[];
}

/** One page of a list, in the order that was asked for, with the id settling ties. */
export async function readPage<T extends ListedTable, Item>(
  db: Db,
  list: List<T, Item>,
  scope: Scope,
  request: PageRequest,
): Promise<Page<Item>> {
  const column = list.sortColumns[request.sort] as keyof ListedRow;
  const matching = matches(
    (db as unknown as Kysely<{ listed: ListedRow }>).selectFrom(list.table as 'listed'),
    scope,
    request,
  );
  let query = matching.selectAll();
  if (request.after !== undefined) {
    const { key, id } = request.after;
    const beyond = request.descending ? '<' : '>';
    query = query.where((eb) => eb(eb.refTuple(column, 'id'), beyond, eb.tuple(key, id)));
  }
  const direction = request.descending ? 'desc' : 'asc';
  query = query
    .orderBy(column, direction)
    .orderBy('id', direction)
    .limit(request.limit + 1);
  if (request.offset !== undefined && request.offset > 0) query = query.offset(request.offset);

  const { rows } = await run(db, query.compile());
  const shown = rows.slice(0, request.limit);
  const last = shown.at(-1);
  const items = shown.map((row) => list.toItem(row as unknown as Selectable<Schema[T]>));
  const more = rows.length > shown.length && last !== undefined;
  const next = more ? { key: last[column] as string | number, id: last.id } : null;
  if (request.counted !== true) return { items, next };
  const count = matching.select((eb) => eb.fn.countAll<number>().as('total'));
  const { rows: counts } = await run(db, count.compile());
  return { items, next, total: counts[0]?.total ?? 0 };
}

function matches(
  all: SelectQueryBuilder<{ listed: ListedRow }, 'listed', object>,
  scope: Scope,
  request: PageRequest,
): SelectQueryBuilder<{ listed: ListedRow }, 'listed', object> {
  let query = all.where('deleted_at', request.deleted === 'only' ? 'is not' : 'is', null);
  if (scope.organizationId !== undefined) query = query.where('organization_id', '=', scope.organizationId);
  if (scope.ownerId !== undefined) query = query.where('owner_id', '=', scope.ownerId);
  for (const condition of [...(scope.narrow ?? []), ...searched(request.search)]) query = query.where(condition);
  return query;
}

/** That a text is found in the name or the description. */
export function searched(search: string | undefined): RawBuilder<boolean>[] {
  if (search === undefined || search === '') return [];
  const pattern = `%${fold(search).replace(/[\\%_]/g, '\\$&')}%`;
  return [sql<boolean>`(folded_name like ${pattern} escape '\\' or folded_text like ${pattern} escape '\\')`];
}
