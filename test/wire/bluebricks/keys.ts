// What the Bluebricks tests share: bearers with chosen permissions, and the four calls. For tests only.

import type { Caller } from '../../../server/src/core/caller/caller.ts';
import type { TestServer } from '../../server.ts';

export interface Entry {
  id: string;
  name: string;
  created_at: string;
  expiration_time: string | null;
  updated_at: string | null;
  created_by: { id: string; name: string; nickname: string; picture: string };
  is_disabled: boolean;
}

export const manager = [
  'create:organization_api_key',
  'read:organization_api_key',
  'update:organization_api_key',
  'run:inference',
];

/** A token of the caller's (the owner's unless said otherwise) with these permissions. */
export async function bearerWith(
  server: TestServer,
  permissions: readonly string[],
  caller: Caller = server.asOwner,
): Promise<string> {
  return (await server.core.createApiToken(caller, { permissions })).secret;
}

/** One call. A body that is not a string is sent as JSON. */
export function call(
  server: TestServer,
  method: string,
  path: string,
  bearer?: string,
  body?: unknown,
  headers: Record<string, string> = {},
): Promise<Response> {
  const all: Record<string, string> = {
    ...(body === undefined ? {} : { 'content-type': 'application/json' }),
    ...(bearer === undefined ? {} : { authorization: `Bearer ${bearer}` }),
    ...headers,
  };
  const text = typeof body === 'string' ? body : JSON.stringify(body);
  return fetch(`${server.url}/api/v1/auth${path}`, {
    method,
    headers: all,
    ...(body === undefined ? {} : { body: text }),
  });
}

/** Creates a key and answers its secret. */
export async function create(server: TestServer, bearer: string, name: string): Promise<string> {
  const response = await call(server, 'POST', '/key', bearer, { name });
  if (response.status !== 200) throw new Error(`Creating a key answered ${response.status}.`);
  return ((await response.json()) as { api_key: string }).api_key;
}

export async function list(server: TestServer, bearer: string, query = ''): Promise<{ total: number; list: Entry[] }> {
  const response = await call(server, 'GET', `/keys${query}`, bearer);
  if (response.status !== 200) throw new Error(`Listing keys answered ${response.status}.`);
  return (await response.json()) as { total: number; list: Entry[] };
}

/** The status of the call that RebelCore's route guards with `run:inference`. */
export async function infer(server: TestServer, secret: string): Promise<number> {
  const headers = { authorization: `Bearer ${secret}`, 'content-type': 'application/json' };
  return (await fetch(`${server.url}/api/v1/infer`, { method: 'POST', headers, body: '{}' })).status;
}

export const notAuthenticated = { statusCode: 401, message: 'Failed to authenticate user', error: 'Unauthorized' };
export const missingScopes = { statusCode: 403, message: 'Missing required scopes', error: 'Forbidden' };
export const noSuchKey = { statusCode: 404, message: 'Key not found in organization', error: 'Not Found' };
export const nameTaken = { statusCode: 409, message: 'Key already exists in organization', error: 'Conflict' };
