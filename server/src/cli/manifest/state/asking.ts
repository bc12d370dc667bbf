// Asking the API for what there is: a JSON answer or a refusal in the server's words, all pages of a list, and several
// calls in flight. Who the client is, and where it asks, is not told here.

import { replayedHeader } from '@keyward/sdk/wire';
import { CommandError } from '../../terminal/command-error.ts';
import { plain } from '../../terminal/terminal.ts';

/** What is needed of a client of the API. */
export interface Asking {
  send(
    method: string,
    path: string,
    options?: {
      query?: Readonly<Record<string, string | undefined>>;
      body?: unknown;
      headers?: Readonly<Record<string, string>>;
    },
  ): Promise<Response>;
}

export interface Answer {
  status: number;
  /** The JSON, or null. */
  json: Record<string, unknown> | null;
  /** It is the answer to the same request from before. */
  isReplayed: boolean;
  /** Seconds, where the server asks for patience. */
  retryAfter: number | null;
}

export interface Call {
  method: string;
  path: string;
  query?: Readonly<Record<string, string | undefined>>;
  body?: unknown;
  headers?: Readonly<Record<string, string>>;
}

/** One call, whatever its status. After 429 and 503 it is tried again while the server says when, for a minute at most. */
export async function answerTo(asking: Asking, { method, path, ...options }: Call): Promise<Answer> {
  const given = Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined));
  for (let waited = 0; ; ) {
    const response = await asking.send(method, path, given);
    const text = await response.text();
    const retryAfter = Number(response.headers.get('retry-after') ?? Number.NaN);
    const answer = {
      status: response.status,
      json: parsed(text),
      isReplayed: response.headers.get(replayedHeader) === 'true',
      retryAfter: Number.isFinite(retryAfter) ? retryAfter : null,
    };
    const isBusy = answer.status === 429 || answer.status === 503;
    if (!isBusy || answer.retryAfter === null || waited + answer.retryAfter > longestWaitSeconds) return answer;
    const seconds = Math.max(1, answer.retryAfter);
    waited += seconds;
    await new Promise((resolve) => setTimeout(resolve, seconds * 1000));
  }
}

/** The JSON of a success. Throws CommandError in the server's words. */
export async function read<T>(asking: Asking, call: Call): Promise<T> {
  const answer = await answerTo(asking, call);
  if (answer.status >= 200 && answer.status < 300) return answer.json as T;
  throw refusal(answer, `${call.method} ${call.path}`);
}

/** All items of all pages. */
export async function readAll<T>(asking: Asking, path: string, query: Record<string, string> = {}): Promise<T[]> {
  const items: T[] = [];
  for (let cursor: string | null = ''; cursor !== null; ) {
    const paged: Record<string, string> = { ...query, limit: '200', ...(cursor !== '' && { cursor }) };
    const page: { items: T[]; next: string | null } = await read(asking, { method: 'GET', path, query: paged });
    items.push(...page.items);
    cursor = page.next;
  }
  return items;
}

/** A refusal as an error: what the server says, and what was asked. */
export function refusal({ status, json }: Pick<Answer, 'status' | 'json'>, asked: string): CommandError {
  return new CommandError(`${detailOf({ status, json })} (${asked}: ${status})`, hintFor(status));
}

/** The server's own sentence. */
export function detailOf({ status, json }: Pick<Answer, 'status' | 'json'>): string {
  const said = json?.detail ?? json?.title;
  return typeof said === 'string' ? plain(said) : `The server answered ${status}.`;
}

function hintFor(status: number): string | null {
  if (status === 401) return 'Sign in again: keyward login';
  if (status === 403)
    return 'Use a sign-in that may do this, as an owner of the organization that operates the server.';
  return null;
}

/** Does this for all items, so many at once; keeps their order. The first failure stops the rest. */
export async function inFlight<T, R>(items: readonly T[], visit: (item: T) => Promise<R>, most = 8): Promise<R[]> {
  const results: R[] = [];
  let next = 0;
  const work = async () => {
    while (next < items.length) {
      const at = next;
      next += 1;
      try {
        results[at] = await visit(items[at] as T);
      } catch (error) {
        next = items.length;
        throw error;
      }
    }
  };
  await Promise.all(Array.from({ length: Math.min(most, items.length) }, work));
  return results;
}

function parsed(text: string): Record<string, unknown> | null {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : null;
  } catch {
    return null;
  }
}

const longestWaitSeconds = 60;
