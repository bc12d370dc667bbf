// What the tests of applications share: registering one, and the way of a browser and a client through the grants as a
// program without a library makes it. For tests only.

import { createHash, randomBytes } from 'node:crypto';
import type { Consent, ConsentOutcome } from '../../../sdk/src/wire.ts';
import type { NewApplication } from '../../../server/src/core/tokens/applications/wanted-application.ts';
import type { TestServer } from '../../server.ts';
import { type Page, signedIn } from '../native/session-client.ts';
import { type OAuthAnswer, post } from './clients.ts';

export interface TestApplication {
  id: string;
  secret: string | null;
  redirectUri: string;
}

export const redirectUri = 'https://reports.example/callback';

export async function register(
  server: TestServer,
  wanted: Partial<NewApplication> = {},
  asOwner = server.asOwner,
): Promise<TestApplication> {
  const { application, secret } = await server.core.createApplication(asOwner, {
    name: 'Reports',
    type: 'confidential',
    redirectUris: [redirectUri],
    permissions: ['read:funds', 'write:funds'],
    ...wanted,
  });
  return { id: application.id, secret, redirectUri: application.redirectUris[0] ?? '' };
}

/** What a client keeps for itself, and the challenge that it shows (RFC 7636). */
export function pkce(): { verifier: string; challenge: string } {
  const verifier = randomBytes(32).toString('base64url');
  return { verifier, challenge: createHash('sha256').update(verifier).digest('base64url') };
}

/** Parameters of a good authorization request, with others in their place; undefined leaves one out. */
export function requestOf(
  { id, redirectUri: uri }: TestApplication,
  challenge: string,
  others: Record<string, string | undefined> = {},
): URLSearchParams {
  const usual = {
    client_id: id,
    redirect_uri: uri,
    response_type: 'code',
    code_challenge: challenge,
    code_challenge_method: 'S256',
    state: 'a state',
    scope: 'read:funds',
  };
  const given = Object.entries({ ...usual, ...others }).filter(([, value]) => value !== undefined);
  return new URLSearchParams(given as [string, string][]);
}

/** Opens the authorization endpoint as a browser does, and follows nothing. */
export async function authorize(
  server: Pick<TestServer, 'url'>,
  parameters: URLSearchParams | string,
): Promise<{ status: number; location: URL | null; text: string; headers: Headers }> {
  const response = await fetch(`${server.url}/oauth/authorize?${parameters}`, { redirect: 'manual' });
  const location = response.headers.get('location');
  return {
    status: response.status,
    location: location === null ? null : new URL(location),
    text: await response.text(),
    headers: response.headers,
  };
}

/** The request as the portal's page is handed it. Throws where nobody is asked. */
export async function askedOf(server: Pick<TestServer, 'url'>, parameters: URLSearchParams): Promise<string> {
  const { location } = await authorize(server, parameters);
  const request = location?.pathname === '/consent' ? location.searchParams.get('request') : null;
  if (request == null) throw new Error(`Nobody is asked: ${location?.href}`);
  return request;
}

/** The names that the page shows. */
export async function shownOn(page: Page, request: string): Promise<string[]> {
  const { status, body, text } = await page.ask<Consent>('POST', '/v1/consents/look', { request });
  if (status !== 200) throw new Error(`The question was answered ${status}: ${text}`);
  return body.permissions.map(({ name }) => name);
}

/** Answers as the page does, with the password where that is asked for again; and where the browser goes then. */
export async function answer(page: Page, request: string, allow = true): Promise<URL> {
  const body = { request, allow, ...(allow && { permissions: await shownOn(page, request) }) };
  const send = () => page.ask<ConsentOutcome>('POST', '/v1/consents', body);
  let answered = await send();
  if (answered.status === 403 && answered.text.includes('confirmation_required') && page.confirm !== undefined) {
    await page.confirm();
    answered = await send();
  }
  if (answered.status !== 200) throw new Error(`The consent was answered ${answered.status}: ${answered.text}`);
  return new URL(answered.body.redirectTo);
}

/** A code, by somebody who allows it; with what its use must show. */
export async function codeFor(
  server: TestServer,
  application: TestApplication,
  others: Record<string, string | undefined> = {},
  page?: Page,
): Promise<{ code: string; verifier: string; page: Page }> {
  const { verifier, challenge } = pkce();
  const browser = page ?? (await signedIn(server, server.owner));
  const back = await answer(browser, await askedOf(server, requestOf(application, challenge, others)));
  return { code: back.searchParams.get('code') ?? '', verifier, page: browser };
}

/** Asks the token endpoint, with the secret in the header or the id alone. */
export function tokens(
  server: Pick<TestServer, 'url'>,
  { id, secret }: Pick<TestApplication, 'id' | 'secret'>,
  parameters: Record<string, string>,
): Promise<OAuthAnswer> {
  return secret === null
    ? post(server, '/oauth/token', { client_id: id, ...parameters })
    : post(server, '/oauth/token', parameters, { id, secret });
}

export function redeem(
  server: Pick<TestServer, 'url'>,
  application: TestApplication,
  { code, verifier }: { code: string; verifier: string },
  others: Record<string, string> = {},
): Promise<OAuthAnswer> {
  return tokens(server, application, {
    grant_type: 'authorization_code',
    code,
    redirect_uri: application.redirectUri,
    code_verifier: verifier,
    ...others,
  });
}

export function refresh(
  server: Pick<TestServer, 'url'>,
  application: Pick<TestApplication, 'id' | 'secret'>,
  token: string,
  others: Record<string, string> = {},
): Promise<OAuthAnswer> {
  return tokens(server, application, { grant_type: 'refresh_token', refresh_token: token, ...others });
}

/** The tokens of a person who allows it. Throws unless there are some. */
export async function grantedTo(
  server: TestServer,
  application: TestApplication,
  others: Record<string, string | undefined> = {},
  page?: Page,
): Promise<{ access: string; refresh: string; page: Page }> {
  const given = await codeFor(server, application, others, page);
  const { status, body } = await redeem(server, application, given);
  if (status !== 200) throw new Error(`The code was answered ${status}: ${JSON.stringify(body)}`);
  return { access: body.access_token, refresh: body.refresh_token, page: given.page };
}
