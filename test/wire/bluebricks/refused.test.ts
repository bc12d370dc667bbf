// Every refusal of the four endpoints: 400, 401, 403, 404 for strangers, 405, 413, 415, 429 and 503.

import type { FastifyRequest } from 'fastify';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { KeywardError } from '../../../server/src/core/errors.ts';
import { bluebricks } from '../../../server/src/dialects/bluebricks.ts';
import { startServer, type TestServer } from '../../server.ts';
import { bearerWith, call, create, infer, list, manager, missingScopes, noSuchKey, notAuthenticated } from './keys.ts';

let server: TestServer;
let bearer: string;
beforeAll(async () => {
  server = await startServer();
  bearer = await bearerWith(server, manager);
});
afterAll(() => server.stop());

const endpoints = [
  ['POST', '/key', 'create:organization_api_key'],
  ['GET', '/keys', 'read:organization_api_key'],
  ['POST', '/key/deactivate', 'update:organization_api_key'],
  ['POST', '/key/activate', 'update:organization_api_key'],
] as const;

const bodyOf = (method: string, name: string) => (method === 'GET' ? undefined : { name });

describe.each(endpoints)('%s %s', (method, path, permission) => {
  it('answers 401 without a credential, and a challenge without an error code [S7]', async () => {
    const response = await call(server, method, path, undefined, bodyOf(method, 'x'));
    expect(response.status).toBe(401);
    expect(await response.json()).toEqual(notAuthenticated);
    expect(response.headers.get('www-authenticate')).toBe('Bearer realm="keyward"');
    expect(response.headers.get('cache-control')).toBe('no-store');
  });

  it.each(['', 'nonsense', 'kw_nonsense', 'AT1nonsense', 'eyJhbGciOiJub25lIn0.e30.'])(
    'answers 401 to the bearer %j',
    async (text) => {
      const response = await call(server, method, path, text, bodyOf(method, 'x'));
      expect(response.status).toBe(401);
      expect(await response.json()).toEqual(notAuthenticated);
      expect(response.headers.get('www-authenticate')).toMatch(/^Bearer realm="keyward"/);
    },
  );

  it('answers 401 to a deactivated, a deleted, an expired and an exchange-only key alike', async () => {
    const { core, asOwner, clock } = server;
    const wanted = { permissions: ['*:*'] };
    const inactive = await core.createApiToken(asOwner, wanted);
    await core.deactivateApiToken(asOwner, { id: inactive.token.id });
    const deleted = await core.createApiToken(asOwner, wanted);
    await core.deleteApiToken(asOwner, { id: deleted.token.id });
    const expired = await core.createApiToken(asOwner, { ...wanted, expiresAt: clock.now() + 1000 });
    clock.advance(1000);
    const exchangeOnly = await core.createApiToken(asOwner, { ...wanted, use: 'exchange' });
    for (const { secret } of [inactive, deleted, expired, exchangeOnly]) {
      const response = await call(server, method, path, secret, bodyOf(method, 'x'));
      const text = await response.text();
      expect(response.status).toBe(401);
      expect(JSON.parse(text)).toEqual(notAuthenticated);
      expect(text).not.toContain(secret);
      expect(response.headers.get('www-authenticate')).toBe('Bearer realm="keyward", error="invalid_token"');
    }
  });

  it(`answers 403 to a bearer without ${permission}, before it looks at the request`, async () => {
    const others = manager.filter((one) => one !== permission);
    const weak = await bearerWith(server, [...others, 'manage:own_api_key', 'delete:organization_api_key']);
    for (const body of [bodyOf(method, 'x'), method === 'GET' ? undefined : {}]) {
      const response = await call(server, method, path, weak, body);
      expect(response.status).toBe(403);
      expect(await response.json()).toEqual(missingScopes);
    }
  });

  it('needs no more than that permission', async () => {
    await server.core.createApiToken(server.asOwner, { name: `for ${method} ${path}`, permissions: [] });
    const enough = await bearerWith(server, [permission]);
    const name = path === '/key' ? 'enough' : `for ${method} ${path}`;
    expect((await call(server, method, path, enough, bodyOf(method, name))).status).toBe(200);
  });

  it('answers 403 to a member, who manages keys of their own elsewhere', async () => {
    const own = await bearerWith(server, ['manage:own_api_key'], server.member.caller);
    expect((await call(server, method, path, own, bodyOf(method, 'x'))).status).toBe(403);
  });

  it('answers 400 to two credentials and to a credential in the query [S5] [S6]', async () => {
    for (const query of [`?apiToken=${bearer}`, `?access_token=${bearer}`, `?token=${bearer}`, `?api_key=${bearer}`]) {
      const response = await call(server, method, path + query, bearer, bodyOf(method, 'x'));
      const text = await response.text();
      expect(response.status).toBe(400);
      expect(text).not.toContain(bearer);
    }
    expect(server.logs()).not.toContain(bearer);
  });
});

describe.each(endpoints.filter(([method]) => method === 'POST'))('the body of %s %s', (_method, path) => {
  // A key may do without a name.
  const unnamed: [what: string, body: string][] = [
    ['no field', '{}'],
    ['null for a body', 'null'],
    ['nothing', ''],
  ];
  it.each<[what: string, body: string]>([
    ...(path === '/key' ? [] : unnamed),
    ['a number', '{"name":1}'],
    ['null', '{"name":null}'],
    ['an array', '{"name":["x"]}'],
    ['an object', '{"name":{}}'],
    ['an empty name', '{"name":""}'],
    ['only spaces', '{"name":"  "}'],
    ['a name that is too long', JSON.stringify({ name: 'x'.repeat(129) })],
    ['an invisible character', '{"name":"a\u200bb"}'],
    ['a line break', '{"name":"a\\nb"}'],
    ['an array for a body', '["name"]'],
    ['a string for a body', '"name"'],
    ['half of a body', '{"name":'],
    ['a duplicate key', '{"name":"a","name":"b"}'],
    ['a NUL', '{"name":"a\\u0000b"}'],
    ['a lone surrogate', '{"name":"\\ud800"}'],
    ['a __proto__', '{"name":"a","__proto__":{}}'],
    ['deep nesting', `{"name":${'['.repeat(100)}${']'.repeat(100)}}`],
  ])('answers 400 to %s', async (_what, body) => {
    const before = (await list(server, bearer)).total;
    const response = await call(server, 'POST', path, bearer, body);
    expect(response.status).toBe(400);
    expect(await response.json()).toEqual({ statusCode: 400, message: expect.any(String), error: 'Bad Request' });
    expect((await list(server, bearer)).total).toBe(before);
  });

  it('answers 413 beyond 64 kB', async () => {
    const response = await call(server, 'POST', path, bearer, { name: 'x'.repeat(70_000) });
    expect(response.status).toBe(413);
    expect(await response.json()).toMatchObject({ statusCode: 413 });
  });

  it.each(['text/plain', 'application/x-www-form-urlencoded', 'application/xml'])('answers 415 to %s', async (type) => {
    const response = await call(server, 'POST', path, bearer, '{"name":"x"}', { 'content-type': type });
    expect(response.status).toBe(415);
    expect(await response.json()).toMatchObject({ statusCode: 415, error: 'Unsupported Media Type' });
  });
});

it('shows, deactivates and collides with nothing of another organization [S53] [S57]', async () => {
  const ours = await create(server, bearer, 'same-name');
  const { owner } = await server.addOrganization('elsewhere');
  const stranger = await bearerWith(server, manager, owner.caller);
  for (const to of ['/key/deactivate', '/key/activate']) {
    const response = await call(server, 'POST', to, stranger, { name: 'same-name' });
    expect(response.status).toBe(404);
    expect(await response.json()).toEqual(noSuchKey);
  }
  await create(server, stranger, 'same-name');
  expect((await call(server, 'POST', '/key/deactivate', stranger, { name: 'same-name' })).status).toBe(200);
  expect(await infer(server, ours)).toBe(200);
  expect((await list(server, stranger)).list.map((entry) => entry.created_by.id)).toEqual([owner.id, owner.id]);
});

it('answers 404 to a path that does not exist, and does not call it a key', async () => {
  const response = await call(server, 'GET', '/nothing', bearer);
  expect(response.status).toBe(404);
  expect(await response.json()).toEqual({
    statusCode: 404,
    message: expect.not.stringMatching(/key/i),
    error: 'Not Found',
  });
});

it('leaves the path of RebelCore, which begins with the same letters, alone', async () => {
  const response = await fetch(`${server.url}/api/v1/authorize`);
  expect(response.status).toBe(405);
  expect(await response.json()).toEqual({ detail: expect.any(String) });
});

it('words too many requests as 429, an outage as 503, and says how long to wait', () => {
  const request = {} as FastifyRequest;
  const limited = new KeywardError('too_many_requests', 'Slow down.', { retryAfterMs: 1500 });
  expect(bluebricks.fail(limited, request)).toEqual({
    status: 429,
    headers: { 'retry-after': '2' },
    body: { statusCode: 429, message: 'Too many requests', error: 'Too Many Requests' },
  });
  const down = new KeywardError('unavailable', 'The database does not answer.');
  expect(bluebricks.fail(down, request)).toMatchObject({ status: 503, headers: { 'retry-after': '1' } });
});
