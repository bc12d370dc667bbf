// The works of Keyward that are measured over HTTP: what is sent, and what must come back. How it compares with what is
// figures/'s question.

import type { Demo } from './keyward.ts';
import type { Load } from './load.ts';

export type Work = Omit<Load, 'url'>;

/** Connections of every load, unless a figure says otherwise. */
const connections = 64;

const json = { 'content-type': 'application/json' };

/** A credential for an access token, signed ES256: Keyward's own endpoint, with an API token. */
export function exchangeEs256({ parsers }: Demo): Work {
  const body = JSON.stringify({ apiToken: parsers.apiKey });
  return post('/v1/access-tokens', 200, 8000, () => body);
}

/** The same, signed RS256: Debricked's, with its long-lived token in a form. */
export function exchangeRs256({ debricked }: Demo): Work {
  const body = `refresh_token=${debricked.accessToken}`;
  const form = { 'content-type': 'application/x-www-form-urlencoded' };
  return post('/api/login_refresh', 200, 3000, () => body, form);
}

/** The same, sealed: RebelCore's, with an API user's name and password. */
export function exchangeSealed({ rebelcore }: Demo): Work {
  const { username, password } = rebelcore;
  const body = JSON.stringify({ username, password });
  return post('/api/v1/authorize', 200, 12_000, () => body);
}

/** A new API token, answered once it is on disk with its journal entry. */
export function createToken({ bluebricks }: Demo): Work {
  const authorization = `Bearer ${bluebricks.bearer}`;
  const run = Math.random().toString(36).slice(2, 10);
  const body = (number: number) => JSON.stringify({ name: `bench-${run}-${number}`, permissions: ['read:demo_funds'] });
  return post('/v1/tokens', 201, 6000, body, { ...json, authorization });
}

/** An API token looked at: who holds it. */
export function readSelf({ bluebricks }: Demo): Work {
  const headers = { authorization: `Bearer ${bluebricks.bearer}` };
  return { request: { method: 'GET', path: '/v1/self', headers }, status: 200, requests: 20_000, connections };
}

/** For bare node:http; the body is as long as those above. */
export const barePost: Work = post('/', 200, 40_000, () => JSON.stringify({ text: 'x'.repeat(60) }));
export const bareGet: Work = { request: { method: 'GET', path: '/' }, status: 200, requests: 40_000, connections };

export const keywardWorks: Readonly<Record<string, (demo: Demo) => Work>> = {
  exchangeEs256,
  exchangeRs256,
  exchangeSealed,
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
