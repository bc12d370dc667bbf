// The guarded call with a RebelCore token: allowed, expired, anything else, or lacking the permission.

import type { FastifyRequest } from 'fastify';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { KeywardError } from '../../../server/src/core/errors.ts';
import { rebelcore } from '../../../server/src/dialects/rebelcore.ts';
import { startServer, type TestServer } from '../../server.ts';
import { addApiUser, infer, tokenFor } from './api-user.ts';

let server: TestServer;
beforeAll(async () => {
  server = await startServer();
});
afterAll(() => server.stop());

it('says "token expired" from the very second at which the token ends, and not before', async () => {
  const token = await tokenFor(server, await addApiUser(server));
  const issuedAt = Math.floor(server.clock.now() / 1000) * 1000;
  server.clock.advance(issuedAt + 86_400_000 - 1 - server.clock.now());
  expect((await infer(server, `Bearer ${token}`)).status).toBe(200);
  server.clock.advance(1);
  const response = await infer(server, `Bearer ${token}`);
  expect(response.status).toBe(401);
  expect(await response.json()).toEqual({ detail: 'token expired' });
  expect(response.headers.get('www-authenticate')).toBe('Bearer error="invalid_token"');
});

it('answers 401 without a token, and a challenge without an error code [S7]', async () => {
  const response = await infer(server);
  expect(response.status).toBe(401);
  expect(await response.json()).toEqual({ detail: 'missing or invalid token' });
  expect(response.headers.get('www-authenticate')).toBe('Bearer');
  expect(response.headers.get('cache-control')).toBe('no-store');
});

it.each(['Bearer', 'Bearer AT1', 'Bearer AT1AAAA', 'Bearer nonsense', 'Basic YTpi', 'Token x'])(
  'answers 401 to %j with one other text',
  async (authorization) => {
    const response = await infer(server, authorization);
    expect(response.status).toBe(401);
    expect(await response.json()).toEqual({ detail: 'missing or invalid token' });
  },
);

it('accepts a token in no spelling but its own', async () => {
  const token = await tokenFor(server, await addApiUser(server));
  const last = token.slice(-1);
  const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_';
  const others = [...alphabet].filter((one) => one !== last).map((one) => token.slice(0, -1) + one);
  const spellings = [...others, `${token}=`, `${token}A`, token.slice(0, -1), token.toLowerCase()];
  const accepted = [];
  for (const text of spellings) if ((await infer(server, `Bearer ${text}`)).status !== 401) accepted.push(text);
  expect(accepted).toEqual([]);
  expect((await infer(server, `Bearer ${token}`)).status).toBe(200);
});

it('answers 403 to an API user whose role lacks the permission', async () => {
  const token = await tokenFor(server, await addApiUser(server, 'viewer'));
  const response = await infer(server, `Bearer ${token}`);
  expect(response.status).toBe(403);
  expect(await response.json()).toEqual({ detail: 'missing permission' });
});

it('loses what the API user loses, while the token lives [S36]', async () => {
  const robot = await addApiUser(server);
  const token = await tokenFor(server, robot);
  expect((await infer(server, `Bearer ${token}`)).status).toBe(200);
  await server.core.updateApiUser(server.asOwner, robot.id, { role: 'viewer' });
  expect((await infer(server, `Bearer ${token}`)).status).toBe(403);
});

it('stores nothing to check a token: it holds over a restart', async () => {
  const token = await tokenFor(server, await addApiUser(server));
  await server.restart();
  expect((await infer(server, `Bearer ${token}`)).status).toBe(200);
});

it('takes no token while the dialect is off', async () => {
  const other = await startServer({ dialects: { rebelcore: false } });
  try {
    expect((await fetch(`${other.url}/api/v1/authorize`, { method: 'POST' })).status).toBe(404);
    const token = await tokenFor(server, await addApiUser(server));
    expect((await infer(other, `Bearer ${token}`)).status).toBe(401);
  } finally {
    await other.stop();
  }
});

it('shows the token to neither the upstream nor the log', async () => {
  const token = await tokenFor(server, await addApiUser(server));
  expect(await (await infer(server, `Bearer ${token}`)).text()).not.toContain(token);
  expect(server.logs()).not.toContain(token);
});

it('words too many requests as 429, an outage as 503, and says how long to wait', () => {
  const request = {} as FastifyRequest;
  const limited = new KeywardError('too_many_requests', 'Slow down.', { retryAfterMs: 1500 });
  expect(rebelcore.fail(limited, request)).toEqual({
    status: 429,
    headers: { 'retry-after': '2' },
    body: { detail: 'Slow down.' },
  });
  const down = new KeywardError('unavailable', 'The database does not answer.');
  expect(rebelcore.fail(down, request)).toMatchObject({ status: 503, headers: { 'retry-after': '1' } });
});
