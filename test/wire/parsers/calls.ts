// What the Parsers tests share: the token endpoint, the guarded paths, and how a JWT is read. For tests only.

import type { NewApiToken } from '../../../server/src/core/credentials/api-token.ts';
import type { TestServer } from '../../server.ts';

export const endpoint = '/v2/auth/token';
export const funds = '/v2/funds';
export const demoFunds = '/v2/demo/funds';

export function basic(username: string, password = ''): string {
  return `Basic ${Buffer.from(`${username}:${password}`).toString('base64')}`;
}

/** POSTs to the token endpoint with a whole Authorization header, or none, and no body unless `init` brings one. */
export function authorize(server: TestServer, authorization?: string, init: RequestInit = {}): Promise<Response> {
  const headers = {
    ...(init.headers as Record<string, string>),
    ...(authorization !== undefined && { authorization }),
  };
  return fetch(server.url + endpoint, { method: 'POST', ...init, headers });
}

export function call(server: TestServer, path: string, authorization?: string, method = 'GET'): Promise<Response> {
  return fetch(server.url + path, { method, headers: authorization === undefined ? {} : { authorization } });
}

export async function jwtOf(response: Response | Promise<Response>): Promise<string> {
  const answered = await response;
  const text = await answered.text();
  if (answered.status !== 200) throw new Error(`No JWT but ${answered.status}: ${text}`);
  return (JSON.parse(text) as { token: string }).token;
}

export function jwtFor(server: TestServer, username: string, password = ''): Promise<string> {
  return jwtOf(authorize(server, basic(username, password)));
}

/** An API key of the owner's that may read funds. */
export function apiKey(server: TestServer, wanted: Partial<NewApiToken> = {}) {
  return server.core.createApiToken(server.asOwner, { permissions: ['read:funds'], ...wanted });
}

/** The header and the claims of a JWT as they were sent, members in their order. */
export function readJwt(jwt: string): { header: Record<string, unknown>; claims: Record<string, unknown> } {
  const [header, claims] = jwt.split('.').map((part) => Buffer.from(part, 'base64url').toString());
  return { header: JSON.parse(header ?? ''), claims: JSON.parse(claims ?? '') };
}
