// A list as the server pages it: what is searched for, how it is sorted, which filters are set and which page is shown
// all stand in the page's address. It only asks; table.tsx shows.

import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { useRouterState } from '@tanstack/react-router';
import { useState } from 'react';
import { useParameters } from '../address.ts';
import { api, type Query } from '../api.ts';

export interface Paged<T> {
  items: T[];
  next: string | null;
}

export interface ListOptions {
  /** Names of query parameters that filters of this page set, beside `search`, `sort` and `order`. */
  filters?: readonly string[];
  /** Parameters that are always sent. */
  fixed?: Query;
  /** How it is sorted unless the address says otherwise. */
  sort?: { by: string; order: 'asc' | 'desc' };
  /** Entries on a page, at most 200. */
  limit?: number;
  /** Put before every parameter's name in the address, where a page has two lists. */
  prefix?: string;
  /** The server's name for `cursor`, where it has another. */
  cursorName?: string;
  isEnabled?: boolean;
}

export interface List<T> {
  items: readonly T[] | undefined;
  error: Error | null;
  isFetching: boolean;
  refetch: () => void;
  search: string;
  setSearch: (text: string) => void;
  sort: { by: string; order: 'asc' | 'desc' } | undefined;
  setSort: (by: string) => void;
  filter: (name: string) => string | null;
  setFilter: (name: string, value: string | null) => void;
  /** Several at once. */
  setFilters: (values: Record<string, string | null>) => void;
  /** True while a search or a filter leaves entries out. */
  isNarrowed: boolean;
  clear: () => void;
  /** Absent where there is no such page. */
  first?: () => void;
  previous?: () => void;
  next?: () => void;
}

/** `path` such as `/v1/tokens`; its query key is `[path, parameters]`, so `invalidate(path)` renews it. */
export function useList<T>(path: string, options: ListOptions = {}): List<T> {
  const { filters = [], fixed = {}, limit = 25, prefix = '', cursorName = 'cursor', isEnabled = true } = options;
  const [parameters, change] = useParameters();
  const here = useRouterState({ select: (state) => state.location.pathname });
  // The way here: the cursors of the pages before, for going back. Empty after a reload; then there is the first page.
  const [trail, setTrail] = useState<{ here: string; cursors: string[] }>({ here, cursors: [] });
  const read = (name: string) => parameters[prefix + name] ?? '';
  const named = (changes: Record<string, string | null>) =>
    Object.fromEntries(Object.entries(changes).map(([name, value]) => [prefix + name, value]));
  const narrow = (changes: Record<string, string | null>) => {
    setTrail({ here, cursors: [] });
    change(named({ ...changes, cursor: null }));
  };

  const [search, cursor] = [read('search'), read('cursor')];
  const order: 'asc' | 'desc' = read('order') === 'desc' ? 'desc' : 'asc';
  const sort = read('sort') === '' ? options.sort : { by: read('sort'), order };
  const chosen = Object.fromEntries(filters.map((name) => [name, read(name)]).filter(([, value]) => value !== ''));
  const query = { ...fixed, ...chosen, search, sort: sort?.by, order: sort?.order, [cursorName]: cursor, limit };
  const { data, error, isFetching, refetch } = useQuery({
    queryKey: [path, query],
    queryFn: ({ signal }) => api.get<Paged<T>>(path, query, signal),
    placeholderData: keepPreviousData,
    enabled: isEnabled,
  });

  const goTo = (to: string | null, cursors: string[]) => {
    setTrail({ here, cursors });
    change(named({ cursor: to }), 'push');
  };
  const before = trail.here === here ? trail.cursors : [];
  const next = data?.next ?? null;
  return {
    items: data?.items,
    error,
    isFetching,
    refetch: () => void refetch(),
    search,
    setSearch: (text) => narrow({ search: text }),
    sort,
    setSort: (by) => narrow({ sort: by, order: sort?.by === by && sort.order === 'asc' ? 'desc' : 'asc' }),
    filter: (name) => read(name) || null,
    setFilter: (name, value) => narrow({ [name]: value }),
    setFilters: narrow,
    isNarrowed: search !== '' || Object.keys(chosen).length > 0,
    clear: () => narrow({ search: null, ...Object.fromEntries(filters.map((name) => [name, null])) }),
    ...(cursor !== '' && { first: () => goTo(null, []) }),
    ...(cursor !== '' && before.length > 0 && { previous: () => goTo(before.at(-1) || null, before.slice(0, -1)) }),
    ...(next !== null && { next: () => goTo(next, [...before, cursor]) }),
  };
}
