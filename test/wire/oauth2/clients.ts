// What the OAuth tests share: clients, and requests to the endpoints as a program without a library makes them. For tests
// only.

import { publicIdOf } from '../../../server/src/core/secret.ts';
import type { RevocationSource } from '../../../server/src/core/tokens/records.ts';
import { mostRevoked } from '../../../server/src/core/tokens/revocation.ts';
import type { TestServer } from '../../server.ts';

export interface Client {
  id: string;
  secret: string;
}

export const exchangeGrant = 'urn:ietf:params:oauth:grant-type:token-exchange';
export const accessTokenType = 'urn:ietf:params:oauth:token-type:access_token';
export const sealedType = 'urn:keyward:params:oauth:token-type:sealed';

/** An API user in the acme organization, or in that of `asOwner`. */
export async function apiUserClient(
  server: TestServer,
  role = 'admin',
  asOwner = server.asOwner,
): Promise<Client & { username: string }> {
  const { apiUser, password } = await server.core.createApiUser(asOwner, { name: 'Robot', role });
  return { id: apiUser.id, username: apiUser.username, secret: password };
}

let made = 0;

export async function apiTokenClient(
  server: TestServer,
  wanted: Partial<Parameters<TestServer['core']['createApiToken']>[1]> = {},
  asOwner = server.asOwner,
): Promise<Client & { tokenId: string }> {
  made += 1;
  const { token, secret } = await server.core.createApiToken(asOwner, {
    name: `oauth-client-${made}`,
    permissions: ['*:*'],
    use: 'both',
    ...wanted,
  });
  return { id: publicIdOf(token.id), secret, tokenId: token.id };
}

export interface OAuthAnswer {
  status: number;
  headers: Headers;
  // biome-ignore lint/suspicious/noExplicitAny: each test knows what it asked for
  body: any;
}

/** Posts a form. A client is sent in the Authorization header. */
export async function post(
  server: Pick<TestServer, 'url'>,
  path: string,
  parameters: Record<string, string> | string,
  client: Client | null = null,
  headers: Record<string, string> = {},
): Promise<OAuthAnswer> {
  const response = await fetch(`${server.url}${path}`, {
    method: 'POST',
    headers: {
      'content-type': 'application/x-www-form-urlencoded',
      ...(client !== null && { authorization: basic(client) }),
      ...headers,
    },
    body: typeof parameters === 'string' ? parameters : new URLSearchParams(parameters).toString(),
  });
  const text = await response.text();
  return { status: response.status, headers: response.headers, body: text === '' ? null : JSON.parse(text) };
}

export function basic({ id, secret }: Client): string {
  return `Basic ${Buffer.from(`${formEncoded(id)}:${formEncoded(secret)}`).toString('base64')}`;
}

/** The token that a client gets in its own name; throws unless it does. */
export async function tokenFor(
  server: Pick<TestServer, 'url'>,
  client: Client,
  parameters: Record<string, string> = {},
): Promise<string> {
  const { status, body } = await post(
    server,
    '/oauth/token',
    { grant_type: 'client_credentials', ...parameters },
    client,
  );
  if (status !== 200) throw new Error(`The token endpoint answered ${status}: ${JSON.stringify(body)}`);
  return body.access_token;
}

/** Exchanges a token for a narrower one. */
export function exchange(
  server: Pick<TestServer, 'url'>,
  subject: string,
  parameters: Record<string, string> = {},
  client: Client | null = null,
  headers: Record<string, string> = {},
): Promise<OAuthAnswer> {
  const wanted = { grant_type: exchangeGrant, subject_token: subject, subject_token_type: accessTokenType };
  return post(server, '/oauth/token', { ...wanted, ...parameters }, client, headers);
}

export function claimsOf(jwt: string): Record<string, unknown> {
  return JSON.parse(Buffer.from(jwt.split('.')[1] ?? '', 'base64url').toString());
}

export function headerOf(jwt: string): Record<string, unknown> {
  return JSON.parse(Buffer.from(jwt.split('.')[0] ?? '', 'base64url').toString());
}

/** A call with a bearer. */
export function call(server: Pick<TestServer, 'url'>, path: string, bearer: string): Promise<Response> {
  return fetch(`${server.url}${path}`, { headers: { authorization: `Bearer ${bearer}` } });
}

/** As many revoked tokens as are kept one by one, which end in `ms`. */
export async function revokeMostOf(
  { store, organization, clock }: TestServer,
  source: RevocationSource,
  ms = 3_600_000,
): Promise<void> {
  const rest = { organizationId: organization.id, source, expiresAt: clock.now() + ms };
  const some = 500;
  for (let from = 0; from < mostRevoked; from += some) {
    await store.write(async ({ revokedTokens }) => {
      for (let n = from; n < from + some; n += 1) await revokedTokens.insert({ jti: `${source.id}-${n}`, ...rest });
    });
  }
}

function formEncoded(text: string): string {
  return new URLSearchParams({ a: text }).toString().slice(2);
}
