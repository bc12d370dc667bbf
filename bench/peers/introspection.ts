// Tokens of OAuth servers (RFC 6749, section 4.4) and the question whether they are active (RFC 7662), as forms. What a
// server must be told before it grants any is its own file's business.

import type { Bench } from '../keyward.ts';
import type { Work } from '../works.ts';
import { credentials } from './peer.ts';

/** Where a server answers, and the client that asks it. */
export interface OAuthServer {
  tokenUrl: string;
  client: { id: string; secret: string };
  introspectionUrl: string;
  /** Beside the content type, where it wants to know who asks. */
  headers?: Readonly<Record<string, string>>;
  /** Parameters beside the token, where it wants to know it from these. */
  asker?: Readonly<Record<string, string>>;
}

/** Has tokens made and returns how it is asked about any of them. Rejects unless it says of each that it is active. */
export async function introspection({ share }: Bench, server: OAuthServer, requests: number): Promise<Work> {
  const { tokenUrl, client, introspectionUrl } = server;
  const granted = formOf(client);
  const bodies: string[] = [];
  // One after the other: a database that takes one writer at a time refuses none of them.
  while (bodies.length < Math.max(200, credentials * share)) {
    const { access_token: token } = await post<{ access_token: string }>(tokenUrl, granted);
    const body = new URLSearchParams({ token, ...server.asker });
    const { active } = await post<{ active: boolean }>(introspectionUrl, body, server.headers);
    if (!active) throw new Error(`${introspectionUrl} says that a token which was just granted is not active.`);
    bodies.push(body.toString());
  }
  const headers = { 'content-type': 'application/x-www-form-urlencoded', ...server.headers };
  const body = () => bodies[Math.floor(Math.random() * bodies.length)] ?? '';
  const request = { method: 'POST', path: new URL(introspectionUrl).pathname, headers, body } as const;
  return { request, status: 200, requests, connections: 64 };
}

/** A token for a client in its own name, each request anew. `more`: other parameters, such as what it is for. */
export function grant({ tokenUrl, client }: OAuthServer, requests: number, more: Record<string, string>): Work {
  const text = formOf(client, more).toString();
  const headers = { 'content-type': 'application/x-www-form-urlencoded' };
  const request = { method: 'POST', path: new URL(tokenUrl).pathname, headers, body: () => text } as const;
  return { request, status: 200, requests, connections: 64 };
}

function formOf({ id, secret }: OAuthServer['client'], more: Record<string, string> = {}): URLSearchParams {
  return new URLSearchParams({ grant_type: 'client_credentials', client_id: id, client_secret: secret, ...more });
}

/** Sends a form, or an object as JSON. Rejects with what was said, if the answer is no 2xx; an empty one is undefined. */
export async function post<T>(
  url: string,
  body: URLSearchParams | object,
  headers: Readonly<Record<string, string>> = {},
): Promise<T> {
  const isForm = body instanceof URLSearchParams;
  const answer = await fetch(url, {
    method: 'POST',
    headers: isForm ? headers : { 'content-type': 'application/json', ...headers },
    body: isForm ? body : JSON.stringify(body),
  });
  const text = await answer.text();
  if (!answer.ok) throw new Error(`POST ${url} was answered ${answer.status}: ${text}`);
  return (text === '' ? undefined : JSON.parse(text)) as T;
}
