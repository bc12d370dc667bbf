// What the Debricked tests share: its two login endpoints, its guarded path, and how a JWT is read. For tests only.

import type { Caller } from '../../../server/src/core/caller/caller.ts';
import type { NewApiToken } from '../../../server/src/core/credentials/api-token.ts';
import type { Person, TestServer } from '../../server.ts';

export const loginCheck = '/api/login_check';
export const loginRefresh = '/api/login_refresh';
export const accessTokens = '/api/1.0/open/access-tokens';
export const formats = '/api/1.0/open/files/supported-formats';

/** POSTs fields, as JSON or as the form that `curl -d` sends. */
export function post(server: TestServer, path: string, fields: object, as: 'json' | 'form' = 'json', bearer?: string) {
  const type = as === 'json' ? 'application/json' : 'application/x-www-form-urlencoded';
  const body =
    as === 'json' ? JSON.stringify(fields) : new URLSearchParams(fields as Record<string, string>).toString();
  return postText(server, path, body, type, bearer);
}

export function postText(server: TestServer, path: string, body: string, type: string, bearer?: string) {
  const authorization = bearer === undefined ? {} : { authorization: `Bearer ${bearer}` };
  return fetch(server.url + path, { method: 'POST', headers: { 'content-type': type, ...authorization }, body });
}

/** A call with a whole Authorization header, or none. */
export function call(server: TestServer, path: string, authorization?: string, method = 'GET') {
  return fetch(server.url + path, { method, headers: authorization === undefined ? {} : { authorization } });
}

export function signIn(server: TestServer, { email, password }: Pick<Person, 'email' | 'password'>, as?: 'form') {
  return post(server, loginCheck, { _username: email, _password: password }, as);
}

export async function jwtOf(response: Response | Promise<Response>): Promise<string> {
  const answered = await response;
  const text = await answered.text();
  if (answered.status !== 200) throw new Error(`No JWT but ${answered.status}: ${text}`);
  return (JSON.parse(text) as { token: string }).token;
}

export function jwtFor(server: TestServer, secret: string): Promise<string> {
  return jwtOf(post(server, loginRefresh, { refresh_token: secret }));
}

/** A long-lived token as Debricked's are: only for exchange. */
export function longLived(server: TestServer, wanted: Partial<NewApiToken> = {}, caller: Caller = server.asOwner) {
  return server.core.createApiToken(caller, { permissions: ['read:files'], use: 'exchange', ...wanted });
}

/** The header and the claims of a JWT as they were sent, members in their order. */
export function readJwt(jwt: string): { header: Record<string, unknown>; claims: Record<string, unknown> } {
  const [header, claims] = jwt.split('.').map((part) => Buffer.from(part, 'base64url').toString());
  return { header: JSON.parse(header ?? ''), claims: JSON.parse(claims ?? '') };
}

/** A long-lived token as the list shows it. */
export interface Item {
  description: string;
  created: string;
  accessScopes: string;
  tokenId: number;
  userId: number;
}

/** What the list shows; `query` begins with `?`. */
export async function items(server: TestServer, jwt: string, query = ''): Promise<Item[]> {
  const response = await call(server, `${accessTokens}/${query}`, `Bearer ${jwt}`);
  if (response.status !== 200) throw new Error(`No list but ${response.status}.`);
  return (await response.json()) as Item[];
}
