// A page of a list: what is asked for and what comes back. Keyset positions for lists that grow, offsets for the
// dialects whose wire counts pages.

export type SortKey = 'createdAt' | 'name' | 'description' | 'permissions';

/** Where a page begins: the sort value and the id of the last item before it. */
export interface Position {
  key: string | number;
  id: string;
}

export interface PageRequest {
  /** 1 to 200. */
  limit: number;
  sort: SortKey;
  descending: boolean;
  after?: Position;
  /** Items to skip; not together with `after`. */
  offset?: number;
  /** Matches anywhere in name or description, folded as `fold` does. */
  search?: string;
  /** Also count all matches: costs a scan of the organization's rows. */
  counted?: boolean;
  /** `only` lists what was deleted and could be restored. */
  deleted?: 'no' | 'only';
}

export interface Page<T> {
  items: T[];
  /** Where the next page begins, or null on the last. */
  next: Position | null;
  /** Set when `counted` was asked for. */
  total?: number;
}

export const firstPage: PageRequest = { limit: 50, sort: 'createdAt', descending: true };
