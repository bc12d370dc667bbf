// A page of a list: what is asked for and what comes back. Keyset positions for lists that grow, offsets for the
// dialects whose wire counts pages.

import { invalid } from './errors.ts';
import type { Caller } from './identity/caller.ts';
import type { Ports } from './ports.ts';

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

/** The form in which names are searched: NFKC and lower case, so that both databases agree. */
export function fold(text: string): string {
  return text.normalize('NFKC').toLowerCase();
}

/** A position as the text that clients hand back: authenticated and bound to the organization and the list (S82). */
export function sealCursor(ports: Ports, caller: Caller, list: string, position: Position): string {
  const text = Buffer.from(JSON.stringify([position.key, position.id])).toString('base64url');
  return `${text}.${ports.sealer.mac('cursor', boundText(caller, list, text))}`;
}

/** The position of a cursor that this server made for this list. Throws `invalid_request` for any other text. */
export function openCursor(ports: Ports, caller: Caller, list: string, cursor: string): Position {
  const [text = '', mac = '', ...rest] = cursor.split('.');
  if (rest.length > 0 || !ports.sealer.checkMac('cursor', boundText(caller, list, text), mac)) {
    throw invalid(['query', 'cursor'], 'This cursor is not one that this list gave out. Start again without it.');
  }
  const [key, id] = JSON.parse(Buffer.from(text, 'base64url').toString()) as [string | number, string];
  return { key, id };
}

function boundText(caller: Caller, list: string, text: string): string {
  return JSON.stringify([caller.organization.id, list, text]);
}
