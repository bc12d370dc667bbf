// How commands ask Keyward's own API, through whichever client there is: one answer, or all pages of a list. It knows no noun; what
// an answer means is each command's to say.

import { CommandError } from '../terminal/command-error.ts';
import type { Client, Query, SendOptions } from './contract.ts';
import { problemError } from './problem.ts';

export type { Client, Query, SendOptions } from './contract.ts';

/**
 * Asks, and resolves with the JSON of the answer; null for an empty one. Throws CommandError, in the server's own words, for
 * what is no success.
 */
export async function ask<T>(client: Client, method: string, path: string, options?: SendOptions): Promise<T> {
  const response = await client.send(method, path, options);
  const text = await response.text();
  if (!response.ok) throw problemError(client, response, text);
  if (text === '') return null as T;
  try {
    return JSON.parse(text) as T;
  } catch (error) {
    throw new CommandError(`${client.where} answered no JSON.`, 'Is that the address of a Keyward server?', 1, error);
  }
}

export interface Page<T> {
  items: T[];
  next: string | null;
}

/** All pages of a list from where `query` begins. `cursor` names the parameter that `next` is handed back as. */
export async function* pages<T>(
  client: Client,
  path: string,
  query: Query,
  cursor: 'cursor' | 'before' = 'cursor',
): AsyncGenerator<Page<T>> {
  for (let next: string | null | undefined; next !== null; ) {
    const page: Page<T> = await ask(client, 'GET', path, {
      query: { ...query, ...(next !== undefined && { [cursor]: next }) },
    });
    next = page.next;
    yield page;
  }
}

/** All items of all pages. */
export async function* items<T>(client: Client, path: string, query: Query = {}): AsyncGenerator<T> {
  for await (const page of pages<T>(client, path, { limit: '200', ...query })) yield* page.items;
}

/** A path with its query; `path` may have one already. */
export function targetOf(path: string, query: Query = {}): string {
  const given = Object.entries(query).filter((one): one is [string, string] => one[1] !== undefined);
  if (given.length === 0) return path;
  return `${path}${path.includes('?') ? '&' : '?'}${new URLSearchParams(given)}`;
}
