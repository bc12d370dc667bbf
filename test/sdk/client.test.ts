// The client against a whole server in every language, and against small servers that are slow, busy or strange.

import type { ServerResponse } from 'node:http';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { type ClientOptions, createClient, type Exchange, KeywardError } from '../../sdk/src/index.ts';
import { startServer, type TestServer } from '../server.ts';
import { answerJson, type Call, type RecordingServer, startRecordingServer } from './recording-server.ts';

describe('a client of a whole server', () => {
  let server: TestServer;
  const credentials = { apiToken: '', username: '', password: '' };
  beforeAll(async () => {
    server = await startServer();
    const { secret } = await server.core.createApiToken(server.asOwner, { permissions: ['*:*'] });
    const made = await server.core.createApiUser(server.asOwner, { name: 'machine', role: 'admin' });
    Object.assign(credentials, { apiToken: secret, username: made.apiUser.username, password: made.password });
  });
  afterAll(() => server?.stop());

  const apiToken = () => ({ apiToken: credentials.apiToken });
  const login = () => ({ username: credentials.username, password: credentials.password });

  test.each<[Exchange, 'apiToken' | 'login']>([
    ['native', 'apiToken'],
    ['native', 'login'],
    ['debricked', 'apiToken'],
    ['debricked', 'login'],
    ['parsers', 'apiToken'],
    ['parsers', 'login'],
    ['rebelcore', 'login'],
    ['none', 'apiToken'],
  ])('calls with what the exchange %s makes of a credential (%s)', async (exchange, kind) => {
    const credential = kind === 'login' ? login() : apiToken();
    const client = createClient({ url: server.url, credential, exchange });
    const answer = await client.fetch('/v1/self');
    expect(answer.status).toBe(200);
    expect(await answer.json()).toMatchObject({ type: kind === 'login' ? 'api_user' : 'api_token' });
    expect((await client.token()) === credentials.apiToken).toBe(exchange === 'none');
    client.close();
  });

  test('sends an API token in the scheme apiToken for versio', async () => {
    const { secret } = await server.core.createApiToken(server.asOwner, { permissions: ['read:environment'] });
    const client = createClient({ url: server.url, credential: { apiToken: secret }, exchange: 'versio' });
    const answer = await client.fetch('/api-versio.db/1.0/acme');
    expect(answer.status).toBe(200);
    client.close();
  });

  test('goes on by itself when its access token was ended, and says why it cannot when its credential was', async () => {
    const { apiUser, password } = await server.core.createApiUser(server.asOwner, { name: 'ended', role: 'admin' });
    const client = createClient({ url: server.url, credential: { username: apiUser.username, password } });
    expect((await client.fetch('/v1/self')).status).toBe(200);
    const before = await client.token();
    await server.core.deactivateApiUser(server.asOwner, apiUser.id);
    await server.core.activateApiUser(server.asOwner, apiUser.id);
    expect((await client.fetch('/v1/self')).status).toBe(200);
    expect(await client.token()).not.toBe(before);
    await server.core.deactivateApiUser(server.asOwner, apiUser.id);
    const failure = await client.fetch('/v1/self').catch((error: unknown) => error);
    expect(failure).toMatchObject({ name: 'KeywardError', code: 'credential_refused', status: 401 });
    expect((failure as KeywardError).problem?.type).toMatch(/\/problems\/invalid_credential$/);
    expect(String((failure as Error).stack)).not.toContain(password);
    client.close();
  });
});

describe('a client', () => {
  const servers: RecordingServer[] = [];
  afterEach(async () => {
    for (const server of servers.splice(0)) await server.close();
  });

  /** A server that exchanges for `token-1`, `token-2`, …, and answers calls as told. */
  async function serverOf(
    answer: (call: Call, response: ServerResponse, count: number) => void,
    { lifetimeMs = 3_600_000, now = Date.now, delayMs = 0 } = {},
  ) {
    let exchanges = 0;
    let count = 0;
    const server = await startRecordingServer((call, response) => {
      if (call.url !== '/v1/access-tokens') {
        count += 1;
        return answer(call, response, count);
      }
      exchanges += 1;
      const body = {
        accessToken: `token-${exchanges}`,
        tokenType: 'Bearer',
        expiresAt: new Date(now() + lifetimeMs).toISOString(),
      };
      setTimeout(() => answerJson(response, 200, body), delayMs);
    });
    servers.push(server);
    const create = (options: Partial<ClientOptions> = {}) =>
      createClient({ url: server.url, credential: { apiToken: 'kw_secret' }, ...options });
    const calls = () => server.calls.filter(({ url }) => url !== '/v1/access-tokens');
    return { server, create, calls, exchanges: () => exchanges };
  }
  const ok = (_call: Call, response: ServerResponse) => answerJson(response, 200, {});

  test('makes one exchange however many calls wait for it, and uses its token for all', async () => {
    const { create, calls, exchanges } = await serverOf(ok, { delayMs: 50 });
    const client = create();
    await Promise.all(Array.from({ length: 50 }, () => client.fetch('/x')));
    expect(exchanges()).toBe(1);
    expect(new Set(calls().map(({ headers }) => headers.authorization))).toEqual(new Set(['Bearer token-1']));
  });

  test('renews a token before it ends, while calls go on with the old one', async () => {
    let now = 1_000_000_000_000;
    const clock = () => now;
    const { create, calls, exchanges } = await serverOf(ok, { lifetimeMs: 600_000, now: clock, delayMs: 30 });
    const client = create({ clock });
    await client.fetch('/a');
    now += 539_000;
    await client.fetch('/b');
    expect(exchanges()).toBe(1);
    now += 2_000;
    await Promise.all([client.fetch('/c'), client.fetch('/d')]);
    await expect.poll(exchanges).toBe(2);
    await expect.poll(() => client.token()).toBe('token-2');
    expect(calls().map(({ headers }) => headers.authorization)).toEqual(Array(4).fill('Bearer token-1'));
    now += 700_000;
    await client.fetch('/e');
    expect(calls().at(-1)?.headers.authorization).toBe('Bearer token-3');
  });

  test('takes the life of a JWT from its claims, so that a wrong clock costs no exchange for each call', async () => {
    const claims = { iat: 1_000_000, exp: 1_003_600 };
    const jwt = ['{}', JSON.stringify(claims), 'signature']
      .map((part) => Buffer.from(part).toString('base64url'))
      .join('.');
    let exchanges = 0;
    const server = await startRecordingServer((call, response) => {
      if (call.url === '/api/login_refresh') exchanges += 1;
      answerJson(response, 200, { token: jwt });
    });
    servers.push(server);
    const client = createClient({ url: server.url, credential: { apiToken: 'kw_x' }, exchange: 'debricked' });
    for (let n = 0; n < 3; n += 1) await client.fetch('/x');
    expect(exchanges).toBe(1);
  });

  test('repeats a call once after 401, with a fresh token and the same body, and only once', async () => {
    const { create, calls, exchanges } = await serverOf((call, response) =>
      answerJson(response, call.headers.authorization === 'Bearer token-2' ? 200 : 401, {}),
    );
    const client = create();
    const [first, second] = await Promise.all(
      ['/a', '/b'].map((path) => client.fetch(path, { method: 'POST', body: 'text' })),
    );
    expect([first?.status, second?.status]).toEqual([200, 200]);
    expect(exchanges()).toBe(2);
    expect(calls().map(({ body }) => body)).toEqual(Array(4).fill('text'));

    const never = await serverOf((_call, response) => answerJson(response, 401, {}));
    const patient = never.create();
    expect((await patient.fetch('/x')).status).toBe(401);
    expect(never.exchanges()).toBe(2);
    expect(never.calls()).toHaveLength(2);
    // The fault is not the token's: further calls cost no exchange each.
    for (let n = 0; n < 20; n += 1) expect((await patient.fetch('/x')).status).toBe(401);
    expect(never.exchanges()).toBe(2);
  });

  test('does not repeat what can be read only once', async () => {
    const { server, create, calls } = await serverOf((_call, response) => answerJson(response, 401, {}));
    const client = create();
    const init = { method: 'POST', body: new Blob(['text']).stream(), duplex: 'half' } as RequestInit;
    expect((await client.fetch('/x', init)).status).toBe(401);
    expect(calls()).toHaveLength(1);
    const request = new Request(`${server.url}/x`, { method: 'POST', body: 'text' });
    expect((await client.fetch(request)).status).toBe(401);
    expect(calls()).toHaveLength(2);
  });

  test('takes a Request as the global fetch does', async () => {
    const { server, create, calls } = await serverOf(ok);
    const request = new Request(`${server.url}/x`, { method: 'PUT', body: 'text', headers: { 'x-mine': '1' } });
    expect((await create().fetch(request)).status).toBe(200);
    expect(calls()[0]).toMatchObject({
      method: 'PUT',
      body: 'text',
      headers: { 'x-mine': '1', authorization: 'Bearer token-1' },
    });
  });

  test.each([429, 503])('waits as long as a %i says, and tries three times in all', async (status) => {
    const { create, calls } = await serverOf((_call, response) =>
      answerJson(response, status, {}, { 'retry-after': '1' }),
    );
    expect((await create().fetch('/x')).status).toBe(status);
    const times = calls().map(({ at }) => at);
    expect(times).toHaveLength(3);
    expect((times[1] ?? 0) - (times[0] ?? 0)).toBeGreaterThanOrEqual(990);
  });

  test('reads a Retry-After that is a date', async () => {
    const { create, calls } = await serverOf((_call, response, count) => {
      const retryAt = new Date(Date.now() + 1000).toUTCString();
      answerJson(response, count === 1 ? 503 : 200, {}, { 'retry-after': retryAt });
    });
    expect((await create().fetch('/x')).status).toBe(200);
    expect(calls()).toHaveLength(2);
  });

  test.each([
    ['asks for more than the longest wait', { 'retry-after': '31' }],
    ['does not say how long', {}],
  ])('gives back a 429 at once that %s', async (_what, headers) => {
    const { create, calls } = await serverOf((_call, response) => answerJson(response, 429, {}, headers));
    expect((await create().fetch('/x')).status).toBe(429);
    expect(calls()).toHaveLength(1);
  });

  test('is patient with a busy exchange too', async () => {
    let exchanges = 0;
    const server = await startRecordingServer((call, response) => {
      if (call.url !== '/v1/access-tokens') return answerJson(response, 200, {});
      exchanges += 1;
      if (exchanges === 1) return answerJson(response, 429, {}, { 'retry-after': '0' });
      answerJson(response, 200, { accessToken: 'a', expiresAt: '2099-01-01T00:00:00Z' });
    });
    servers.push(server);
    const client = createClient({ url: server.url, credential: { apiToken: 'kw_x' } });
    expect((await client.fetch('/x')).status).toBe(200);
    expect(exchanges).toBe(2);
  });

  test('does not knock again at once when its credential was refused', async () => {
    let exchanges = 0;
    const server = await startRecordingServer((_call, response) => {
      exchanges += 1;
      answerJson(response, 401, {});
    });
    servers.push(server);
    const client = createClient({ url: server.url, credential: { username: 'a', password: 'b' } });
    for (let n = 0; n < 20; n += 1) {
      await expect(client.fetch('/x')).rejects.toMatchObject({ code: 'credential_refused' });
    }
    expect(exchanges).toBe(1);
  });

  test('sends nothing to an origin that was not named, not even after a redirect', async () => {
    const other = await serverOf(ok);
    const { create, calls } = await serverOf((_call, response) => {
      response.writeHead(307, { location: `${other.server.url}/stolen` }).end();
    });
    const client = create();
    for (const target of [`${other.server.url}/x`, '//127.0.0.1:1/x', 'https://example.com/', 'data:text/plain,x']) {
      await expect(client.fetch(target)).rejects.toMatchObject({ code: 'foreign_origin' });
    }
    expect(other.calls()).toHaveLength(0);
    await client.fetch('/away');
    expect(calls()).toHaveLength(1);
    expect(other.calls().map(({ headers }) => headers.authorization)).toEqual([undefined]);
    const named = create({ origins: [other.server.url] });
    expect((await named.fetch(`${other.server.url}/x`)).status).toBe(200);
    expect(other.calls().at(-1)?.headers.authorization).toMatch(/^Bearer token-/);
  });

  test('follows no redirect with the credential itself', async () => {
    const other = await serverOf(ok);
    const server = await startRecordingServer((_call, response) =>
      response.writeHead(307, { location: `${other.server.url}/v1/access-tokens` }).end(),
    );
    servers.push(server);
    const client = createClient({ url: server.url, credential: { apiToken: 'kw_secret' } });
    await expect(client.fetch('/x')).rejects.toMatchObject({ code: 'unavailable' });
    expect(other.server.calls).toHaveLength(0);
  });

  test('takes no address that would carry the credential in clear', () => {
    const credential = { apiToken: 'kw_x' };
    for (const url of ['http://auth.example.com', 'http://127.0.0.1.example.com', 'ftp://x', 'auth.example.com', '']) {
      expect(() => createClient({ url, credential })).toThrow(TypeError);
    }
    for (const url of ['https://auth.example.com', 'http://localhost:8080', 'http://[::1]:1', 'http://127.0.0.1']) {
      expect(() => createClient({ url, credential })).not.toThrow();
    }
    expect(() => createClient({ url: 'https://a.b', credential, origins: ['http://c.d'] })).toThrow(TypeError);
  });

  test('says at once when the credential does not fit the exchange', () => {
    const url = 'https://auth.example.com';
    const login = { username: 'a', password: 'b' };
    expect(() => createClient({ url, credential: login, exchange: 'none' })).toThrow(TypeError);
    expect(() => createClient({ url, credential: login, exchange: 'versio' })).toThrow(TypeError);
    expect(() => createClient({ url, credential: { apiToken: 'kw_x' }, exchange: 'rebelcore' })).toThrow(TypeError);
    expect(() => createClient({ url, credential: { ...login, username: 'a:b' }, exchange: 'parsers' })).toThrow(
      TypeError,
    );
  });

  test('stops waiting when the caller gives up: for the exchange, for the answer, for the next try', async () => {
    const given = () => AbortSignal.timeout(50);
    const slowExchange = await serverOf(ok, { delayMs: 300 });
    const client = slowExchange.create();
    await expect(client.fetch('/x', { signal: given() })).rejects.toMatchObject({ name: 'TimeoutError' });
    // The exchange itself goes on, for others.
    expect((await client.fetch('/x')).status).toBe(200);
    expect(slowExchange.exchanges()).toBe(1);

    const silent = await serverOf(() => {});
    await expect(silent.create().fetch('/x', { signal: given() })).rejects.toMatchObject({ name: 'TimeoutError' });

    const busy = await serverOf((_call, response) => answerJson(response, 429, {}, { 'retry-after': '20' }));
    await expect(busy.create().fetch('/x', { signal: given() })).rejects.toMatchObject({ name: 'TimeoutError' });
  });

  test('when closed, ends what waits and refuses what comes', async () => {
    const { create, calls } = await serverOf(() => {});
    const client = create();
    const waiting = client.fetch('/x');
    await expect.poll(() => calls().length).toBe(1);
    client.close();
    await expect(waiting).rejects.toMatchObject({ code: 'closed' });
    await expect(client.fetch('/x')).rejects.toMatchObject({ code: 'closed' });
    await expect(client.token()).rejects.toBeInstanceOf(KeywardError);
    expect(calls()).toHaveLength(1);
  });

  test('says that Keyward cannot be reached, with the cause, when nobody listens', async () => {
    const { server, create } = await serverOf(ok);
    await server.close();
    const failure = await create()
      .fetch('/x')
      .catch((error: unknown) => error);
    expect(failure).toMatchObject({ name: 'KeywardError', code: 'unavailable', cause: expect.any(Error) });
  });

  test('does not wait for ever for a server that takes the exchange and never answers it', async () => {
    const silent = await startRecordingServer(() => {});
    const client = createClient({ url: silent.url, credential: { apiToken: 'kw_x' }, exchangeTimeoutMs: 50 });
    await expect(client.fetch('/x')).rejects.toMatchObject({ code: 'unavailable', cause: { name: 'TimeoutError' } });
    client.close();
    await silent.close();
  });
});
