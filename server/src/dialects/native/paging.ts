// Lists: a query of texts becomes core's page request, and core's page becomes an answer.

import type { RestorableListQuery } from '@keyward/sdk/wire';
import type { Caller } from '../../core/caller/caller.ts';
import type { Core } from '../../core/core.ts';
import { invalid } from '../../core/errors.ts';
import { checkedExternalId } from '../../core/external-record.ts';
import { firstPage, type Page, type PageRequest } from '../../core/page.ts';

/**
 * Answers one page. `list` names what is listed: a cursor works for the same list, sort and order only, since the
 * position in it means nothing elsewhere (S82).
 */
export async function answerPage<T, W, S extends string = 'createdAt' | 'name'>(
  core: Core,
  caller: Caller,
  list: string,
  query: Omit<RestorableListQuery, 'sort' | 'externalId'> & { sort?: S },
  read: (page: Omit<PageRequest, 'sort'> & { sort: NoInfer<S> | 'createdAt' }) => Promise<Page<T>>,
  toWire: (item: T) => W,
): Promise<{ items: W[]; next: string | null }> {
  const { sort = 'createdAt' as const, order = sort === 'createdAt' ? 'desc' : 'asc', cursor, search, deleted } = query;
  const name = [list, sort, order, deleted ?? 'no'].join(' ');
  const page = await read({
    limit: limitOf(query.limit),
    sort,
    descending: order === 'desc',
    ...(cursor !== undefined && { after: core.openCursor(caller, name, cursor) }),
    ...(search !== undefined && { search }),
    ...(deleted !== undefined && { deleted }),
  });
  return {
    items: page.items.map(toWire),
    next: page.next === null ? null : core.sealCursor(caller, name, page.next),
  };
}

/** A short list is answered whole. */
export function wholeList<T, W>(items: readonly T[], toWire: (item: T) => W): { items: W[]; next: null } {
  return { items: items.map(toWire), next: null };
}

export function limitOf(text: string | undefined): number {
  return text === undefined ? firstPage.limit : wholeNumber('limit', text, 200);
}

/** What narrows a list to one external id. */
export function filterOf(externalId: string | undefined): { externalId?: string } {
  return externalId === undefined ? {} : { externalId: checkedExternalId(externalId, ['query', 'externalId']) };
}

/** A query parameter that counts from 1. Throws `invalid_request` for anything but plain digits. */
export function wholeNumber(name: string, text: string, most: number): number {
  const value = /^[1-9]\d{0,15}$/.test(text) ? Number(text) : 0;
  if (value >= 1 && value <= most) return value;
  throw invalid(['query', name], `Use a whole number from 1 to ${most}.`);
}
