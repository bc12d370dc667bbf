// The works of Keyward that are measured over HTTP: what is sent, and what must come back. How it compares with what is
// figures/'s question.

import type { Bench, Demo } from './keyward.ts';
import type { Load } from './load.ts';
import { guardToken, jwtsEs256, signIn } from './owner.ts';

export type Work = Omit<Load, 'url'>;

/** Connections of every load, unless a figure says otherwise. */
const connections = 64;

const json = { 'content-type': 'application/json' };
const form = { 'content-type': 'application/x-www-form-urlencoded' };

/** A credential for an access token, signed ES256: Keyward's own endpoint, with an API token. */
export function exchangeEs256({ parsers }: Demo): Work {
  const body = JSON.stringify({ apiToken: parsers.apiKey });
  return post('/v1/access-tokens', 200, 8000, () => body);
}

/** The same, signed RS256: Debricked's, with its long-lived token in a form. */
export function exchangeRs256({ debricked }: Demo): Work {
  const body = `refresh_token=${debricked.accessToken}`;
  return post('/api/login_refresh', 200, 3000, () => body, form);
}

/** The same, sealed: RebelCore's, with an API user's name and password. */
export function exchangeSealed({ rebelcore }: Demo): Work {
  const { username, password } = rebelcore;
  const body = JSON.stringify({ username, password });
  return post('/api/v1/authorize', 200, 12_000, () => body);
}

/** The same, signed ES256: OAuth's token endpoint, for an API user as a client in its own name (RFC 6749 section 4.4). */
export function clientCredentials({ rebelcore }: Demo): Work {
  const { username: id, password: secret } = rebelcore;
  const body = new URLSearchParams({
    grant_type: 'client_credentials',
    client_id: id,
    client_secret: secret,
  }).toString();
  return post('/oauth/token', 200, 6000, () => body, form);
}

/** An access token that was presented to someone else, who asks with `guard` what it says (RFC 7662). */
export function introspect(guard: string, tokens: readonly string[]): Work {
  const token = anyOf(tokens, 'token=');
  return post('/oauth/introspect', 200, 30_000, token, { ...form, authorization: `Bearer ${guard}` });
}

/** A new API token, answered once it is on disk with its journal entry. */
export function createToken({ bluebricks }: Demo): Work {
  const authorization = `Bearer ${bluebricks.bearer}`;
  const run = Math.random().toString(36).slice(2, 10);
  const body = (number: number) => JSON.stringify({ name: `bench-${run}-${number}`, permissions: ['read:demo_funds'] });
  return post('/v1/tokens', 201, 6000, body, { ...json, authorization });
}

/**
 * Credentials checked and spent, as on any guarded call: each request with any of them, or with the next one in order.
 * `query` with its question mark.
 */
export function check(credentials: readonly string[], query = '', order: 'any' | 'next' = 'any'): Work {
  const path = `/v1/check${query}`;
  const authorization = order === 'any' ? anyOf(credentials) : nextOf(credentials);
  return { request: { method: 'GET', path, authorization }, status: 200, requests: 40_000, connections };
}

/** The same, of what must be refused as unknown. */
export function refusedCheck(credentials: readonly string[]): Work {
  return { ...check(credentials, '', 'next'), status: 401 };
}

/** What a proxy asks about a call to one of the demo's routes. The server must trust `proxyAddress`. */
export function forwardAuth({ parsers }: Demo, tokens: readonly string[]): Work {
  const headers = {
    'x-original-method': 'GET',
    'x-original-uri': parsers.guardedPath,
    'x-forwarded-for': '192.0.2.1',
    'x-forwarded-proto': 'https',
  };
  const request = { method: 'GET', path: '/forward-auth', headers, authorization: anyOf(tokens) } as const;
  return { request, status: 200, requests: 40_000, connections };
}

/** From where the load comes. */
export const proxyAddress = '127.0.0.1';

/** A credential that was presented to someone else, who asks with `guard`. */
export function verify(guard: string, tokens: readonly string[]): Work {
  const token = anyOf(tokens, '');
  const body = () => JSON.stringify({ credential: token() });
  return post('/v1/verify', 200, 30_000, body, { ...json, authorization: `Bearer ${guard}` });
}

/** An API token looked at: who holds it. */
export function readSelf({ bluebricks }: Demo): Work {
  const headers = { authorization: `Bearer ${bluebricks.bearer}` };
  return { request: { method: 'GET', path: '/v1/self', headers }, status: 200, requests: 20_000, connections };
}

/** A page of everyone's tokens, as the portal shows it. */
export function listTokens(accessToken: string): Work {
  const headers = { authorization: `Bearer ${accessToken}` };
  const request = { method: 'GET', path: '/v1/tokens?whose=all&limit=50', headers } as const;
  return { request, status: 200, requests: 1000, connections };
}

/** As much of a work as this run is for. */
export function scaled<W extends Pick<Work, 'requests'>>({ share }: Bench, work: W): W {
  return { ...work, requests: Math.max(connections, Math.round(work.requests * share)) };
}

/** For bare node:http; the body is as long as those above. */
export const barePost: Work = post('/', 200, 40_000, () => JSON.stringify({ text: 'x'.repeat(60) }));
/** The same with a body as long as that of an introspection, which names a JWT. */
export const bareLongPost: Work = post('/', 200, 40_000, () => JSON.stringify({ text: 'x'.repeat(400) }));
export const bareGet: Work = { request: { method: 'GET', path: '/' }, status: 200, requests: 40_000, connections };

export const keywardWorks: Readonly<Record<string, (demo: Demo, url: string) => Work | Promise<Work>>> = {
  check: ({ parsers }) => check([parsers.apiKey]),
  forwardAuth: (demo) => forwardAuth(demo, [demo.parsers.apiKey]),
  verify: async (demo, url) => verify(await guardToken(await signIn(url, demo)), [demo.parsers.apiKey]),
  introspect: async (demo, url) =>
    introspect(await guardToken(await signIn(url, demo)), await jwtsEs256(url, demo, 1000)),
  exchangeEs256,
  exchangeRs256,
  exchangeSealed,
  clientCredentials,
  createToken,
  readSelf,
};

function post(
  path: string,
  status: number,
  requests: number,
  body: (number: number) => string,
  headers: Readonly<Record<string, string>> = json,
): Work {
  return { request: { method: 'POST', path, headers, body }, status, requests, connections };
}

function anyOf(credentials: readonly string[], before = 'Bearer '): () => string {
  return () => before + credentials[Math.floor(Math.random() * credentials.length)];
}

function nextOf(credentials: readonly string[]): () => string {
  let next = 0;
  return () => {
    next += 1;
    return `Bearer ${credentials[(next - 1) % credentials.length]}`;
  };
}
