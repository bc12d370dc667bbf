// The portal's one way to the server: the public native API, with the session's cookie. A request that needs the person
// (the session ended, the password is wanted again) waits for them in a dialog and is then sent again, so that nothing
// typed is lost. It keeps nothing: what is remembered is TanStack Query's affair. Whoever works for a customer says so here
// and nowhere else, in every request about an organization's own objects.

import { organizationFor } from './acting.ts';
import { ask } from './interruption.ts';
import { ApiProblem, problemIn } from './problem.ts';
import { reached, unreachable } from './reachability.ts';

export type Query = Readonly<Record<string, string | number | boolean | null | undefined>>;

export interface Ask {
  query?: Query;
  body?: unknown;
  signal?: AbortSignal;
  /** Opens no dialog: a refusal is thrown as it is. */
  quiet?: boolean;
}

type Method = 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';

/**
 * One request. Resolves with the JSON answered (undefined for an empty answer); throws ApiProblem. `path` is built by
 * the caller, who encodes what is foreign with `part`.
 */
export async function request<T>(method: Method, path: string, options: Ask = {}): Promise<T> {
  const response = await answered(method, path, options);
  if (response.status === 204) return undefined as T;
  return (await response.json()) as T;
}

export const api = {
  get: <T>(path: string, query?: Query, signal?: AbortSignal) => request<T>('GET', path, { query, signal }),
  post: <T>(path: string, body?: unknown) => request<T>('POST', path, { body }),
  put: <T>(path: string, body?: unknown) => request<T>('PUT', path, { body }),
  patch: <T>(path: string, body: unknown) => request<T>('PATCH', path, { body }),
  delete: <T = void>(path: string, body?: unknown) => request<T>('DELETE', path, { body }),
};

/** A value as one segment of a path. */
export const part = encodeURIComponent;

/** The address of a request, with the organization that this page works in; for downloads, which the browser asks for. */
export function addressOf(path: string, query: Query = {}): string {
  const [bare = '', own = ''] = path.split('?', 2);
  const given = Object.entries(query).filter(([, value]) => value !== undefined && value !== null && value !== '');
  const organization = organizationFor(bare);
  const asked = new URLSearchParams([
    ...(organization === null ? [] : [['organization', organization]]),
    ...new URLSearchParams(own),
    ...given.map(([name, value]) => [name, String(value)]),
  ]);
  return asked.size === 0 ? bare : `${bare}?${asked}`;
}

/** What brings the session another secret: what was sent under the one before may then be refused. */
const renewing = new Set(['POST /v1/session', 'POST /v1/session/confirmation', 'PUT /v1/self/password']);
/** How many succeeded, and the one that was sent last. */
let renewals = 0;
let renewal: Promise<void> | undefined;

async function countRenewal(sent: Promise<Response>): Promise<void> {
  const response = await sent.catch(() => undefined);
  if (response?.ok) renewals += 1;
}

/** The answer as it came, for downloads; throws ApiProblem unless it is 2xx. */
export async function answered(method: Method, path: string, options: Ask = {}): Promise<Response> {
  for (;;) {
    const before = renewals;
    const sent = send(method, path, options);
    if (renewing.has(`${method} ${path}`)) renewal = countRenewal(sent);
    const response = await sent;
    if (response.ok) return response;
    if (response.status === 401) {
      await renewal;
      if (renewals !== before) continue;
    }
    const problem = await problemIn(response);
    if (organizationFor(path) !== null && (response.status === 404 || response.status === 403)) refused();
    if (options.quiet) throw problem;
    // A wrong password is no 401 but at the sign-in itself, which is quiet: here it means that the session is gone.
    if (response.status === 401) await ask('sign-in');
    else if (problem.code === 'confirmation_required') await ask('confirmation');
    else throw problem;
  }
}

async function send(method: Method, path: string, { query, body, signal }: Ask): Promise<Response> {
  const headers: Record<string, string> = { accept: 'application/json' };
  // A page of another origin cannot send this header, and no request that changes anything is taken without it (S86).
  if (method !== 'GET') headers['x-keyward-portal'] = '1';
  if (body !== undefined) headers['content-type'] = 'application/json';
  try {
    const response = await fetch(addressOf(path, query), {
      method,
      headers,
      body: body === undefined ? null : JSON.stringify(body),
      signal: signal ?? null,
      credentials: 'same-origin',
      redirect: 'error',
    });
    reached();
    return response;
  } catch (error) {
    if (signal?.aborted) throw error;
    unreachable();
    throw new ApiProblem('unreachable', 0, 'The server could not be reached. Nothing is lost; try again.');
  }
}

let refused = () => {};

/** Has it called whenever the server refuses something in the organization that this page works in: it may be gone. */
export function onRefusal(listener: () => void): void {
  refused = listener;
}
