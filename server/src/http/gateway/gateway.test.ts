// Guarded calls against a real upstream: what goes through, what is held back, and who refuses.

import { createServer, type IncomingMessage, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { native, type Running, sendRaw, start, statusOf, stubDialect } from '../app.test-support.ts';
import type { GuardedRoute } from './guarded-route.ts';

const versio = stubDialect('versio', ['/versio'], { apiTokenScheme: true });
const parsers = stubDialect('parsers', ['/v2/auth']);

interface Received {
  method: string | undefined;
  url: string | undefined;
  headers: IncomingMessage['headers'];
  names: string[];
  body: string;
}

let upstream: Server;
let running: Running;
let received: Received[] = [];
let calls = 0;

beforeAll(async () => {
  upstream = createServer(async (request, response) => {
    calls += 1;
    let body = '';
    try {
      for await (const piece of request) body += piece;
    } catch {
      return;
    }
    const names = request.rawHeaders.filter((_, index) => index % 2 === 0).map((name) => name.toLowerCase());
    received.push({ method: request.method, url: request.url, headers: request.headers, names, body });
    const isBusy = request.url?.includes('busy');
    response.writeHead(isBusy ? 503 : 200, {
      'content-type': 'text/x-own',
      'cache-control': 'max-age=9',
      'x-own': '1',
      'x-hop': '1',
      'x-request-id': 'of the upstream',
      connection: 'keep-alive, X-Hop',
    });
    response.end(`got ${body.length}`);
  });
  await new Promise<void>((resolve) => upstream.listen(0, '127.0.0.1', resolve));
  const here = `http://127.0.0.1:${(upstream.address() as AddressInfo).port}`;
  const base = { methods: ['GET', 'POST'], permissions: ['read:items'], dialect: 'parsers', upstream: here } as const;
  const guarded: GuardedRoute[] = [
    { ...base, path: '/items/:id' },
    { ...base, path: '/files/*', dialect: null, match: 'any', permissions: ['a:b', 'c:d'] },
    { ...base, path: '/db/:environment', dialect: 'versio', organizationParam: 'environment' },
    { ...base, path: '/public', permissions: [], credential: 'none', methods: ['GET'] },
    { ...base, path: '/kept', upstream: `${here}/kept`, keepCredential: true },
    { ...base, path: '/told', upstream: null },
    { ...base, path: '/gone', upstream: 'http://127.0.0.1:1' },
  ];
  running = await start({ dialects: [native, versio, parsers], guarded });
});
beforeEach(() => {
  received = [];
});
afterAll(async () => {
  await running.close();
  upstream.close();
});

const good = { authorization: 'Bearer good' };
const call = (path: string, init?: RequestInit) => fetch(`${running.url}${path}`, init);

describe('a guarded call', () => {
  it('passes through with its query, its body and its answer untouched, checked for what the route needs', async () => {
    const headers = { ...good, 'content-type': 'application/json', 'x-mine': 'yes' };
    const answer = await call('/items/a%20b?x=1&x=2&bad=%zz&token=own', {
      method: 'POST',
      body: '{"a":1,"a":',
      headers,
    });
    expect([answer.status, await answer.text()]).toEqual([200, 'got 11']);
    expect(answer.headers.get('content-type')).toBe('text/x-own');
    expect(answer.headers.get('cache-control')).toBe('max-age=9');
    expect(received[0]).toMatchObject({
      method: 'POST',
      url: '/items/a%20b?x=1&x=2&bad=%zz&token=own',
      body: '{"a":1,"a":',
    });
    expect(received[0]?.headers).toMatchObject({ 'x-mine': 'yes', 'content-type': 'application/json' });
    expect(running.core.asked.at(-1)).toEqual({
      credential: 'good',
      requirement: {
        rule: '/items/:id',
        method: 'POST',
        userAgent: 'node',
        address: '127.0.0.1',
        permissions: ['read:items'],
      },
    });
    await call('/files/x/y', { headers: good });
    expect(running.core.asked.at(-1)?.requirement).toMatchObject({ permissions: ['a:b', 'c:d'], match: 'any' });
  });

  it('tells the upstream who is calling and nothing of the credential', async () => {
    await call('/items/1', { headers: { ...good, 'proxy-authorization': 'x' } });
    const { headers = {}, names = [] } = received[0] ?? {};
    expect(headers).toMatchObject({
      'x-auth-principal': 'tok_1',
      'x-auth-type': 'api_token',
      'x-auth-name': encodeURIComponent('Łódź ☃\r\nX-Evil: 1'),
      'x-auth-external-id': encodeURIComponent('till 7/Łódź'),
      'x-auth-organization': 'org_1',
      'x-auth-organization-external-id': 'cus_1',
      'x-auth-permissions': 'read:items,write:*',
      'x-forwarded-for': '127.0.0.1',
      'x-forwarded-proto': 'http',
      'x-forwarded-host': new URL(running.url).host,
    });
    expect(names.filter((name) => /authorization|evil/.test(name))).toEqual([]);
  });

  it.each([
    'X-Auth-Principal',
    'x_auth_principal',
    'X.Auth.Type',
    'x-auth_name',
    'X-AUTH-Role',
    'X-Forwarded-For',
    'X_Forwarded_For',
    'X-Original-URL',
    'x.original.uri',
    'X-Rewrite-URL',
    'X-HTTP-Method-Override',
    'Forwarded',
  ])('lets no %s of the client reach the upstream, with an identity or without one [S66]', async (name) => {
    for (const path of ['/items/1', '/public']) {
      const answer = await sendRaw(
        running.port,
        `GET ${path} HTTP/1.1\r\nHost: a\r\nAuthorization: Bearer good\r\n${name}: forged\r\nConnection: close\r\n\r\n`,
      );
      expect(statusOf(answer)).toBe(200);
    }
    expect(received).toHaveLength(2);
    expect(JSON.stringify(received)).not.toContain('forged');
    expect(received[1]?.headers).toMatchObject({ 'x-auth-principal': '', 'x-auth-permissions': '' });
  });

  it('keeps its identity headers however the client lists them in Connection [S68]', async () => {
    await sendRaw(
      running.port,
      'GET /items/1 HTTP/1.1\r\nHost: a\r\nAuthorization: Bearer good\r\nConnection: close, X-Auth-Principal, x-mine\r\nX-Mine: 1\r\n\r\n',
    );
    expect(received[0]?.headers['x-auth-principal']).toBe('tok_1');
    expect(received[0]?.headers['x-mine']).toBeUndefined();
  });

  it('passes the credential on only where the route keeps it [S5]', async () => {
    for (const [query, headers] of [
      ['', good],
      ['?apiToken=good&b=1', {}],
    ] as const) {
      const answer = await call(`/kept${query}`, { headers });
      expect(answer.status).toBe(200);
      expect(received.at(-1)?.url).toBe(`/kept/kept${query}`);
      if (query !== '') expect(answer.headers.get('cache-control')).toBe('no-store');
    }
    expect(received[0]?.headers).toMatchObject({ authorization: 'Bearer good', 'x-auth-principal': 'tok_1' });
  });

  it('keeps a session in the portal from the upstream, and other cookies on their way [S33]', async () => {
    const ask = (path: string, cookie: string) =>
      fetch(`${running.url}${path}`, { headers: { authorization: 'Bearer good', cookie } });
    for (const path of ['/items/1', '/kept', '/public']) {
      received = [];
      await ask(path, 'theme=dark; __Host-keyward=secret; lang=en');
      await ask(path, '__Host-keyward=secret');
      await ask(path, 'a=1; b=2');
      expect(received.map(({ headers }) => headers.cookie)).toEqual(['theme=dark; lang=en', undefined, 'a=1; b=2']);
    }
  });

  it('keeps what is for one hop on that hop, both ways', async () => {
    const answer = await sendRaw(
      running.port,
      'GET /items/1 HTTP/1.1\r\nHost: a\r\nAuthorization: Bearer good\r\nTE: trailers\r\nKeep-Alive: x\r\nProxy-Connection: x\r\nUpgrade: h2c\r\nHTTP2-Settings: x\r\nConnection: close, Upgrade, HTTP2-Settings\r\n\r\n',
    );
    expect(statusOf(answer)).toBe(200);
    expect(answer).not.toMatch(/x-hop/i);
    const names = received[0]?.names.filter((name) => /^(te|keep-alive|proxy-connection|upgrade|http2)/.test(name));
    expect(names).toEqual([]);
  });

  it.each([
    ['abc-1.2_~', true],
    ['a'.repeat(128), true],
    ['a'.repeat(129), false],
    ['a b', false],
    ['a"}', false],
    ['', false],
  ])('has one correlation id there and back; %j is kept: %s', async (id, isKept) => {
    const answer = await call('/items/1', { headers: { ...good, 'x-request-id': id } });
    const given = answer.headers.get('x-request-id') ?? '';
    expect(received[0]?.headers['x-request-id']).toBe(given);
    expect(given).toMatch(isKept ? /./ : /^[0-9a-f]{8}-[0-9a-f-]{27}$/);
    expect(given === id).toBe(isKept);
    const refused = await call('/items/1', { headers: { 'x-request-id': id } });
    expect(refused.headers.get('x-request-id') === id).toBe(isKept);
  });

  it('is nothing that the gateway knows where the route has no upstream', async () => {
    expect((await call('/told', { headers: good })).status).toBe(404);
  });

  it('takes the apiToken parameter out before it goes on, and forbids caching and referrers [S5]', async () => {
    const answer = await call('/items/1?a=%20&api%54oken=good&b=%zz');
    expect(answer.status).toBe(200);
    expect(received[0]?.url).toBe('/items/1?a=%20&b=%zz');
    expect(answer.headers.get('cache-control')).toBe('no-store');
    expect(answer.headers.get('referrer-policy')).toBe('no-referrer');
    expect(running.logged.join('')).not.toMatch(/good|apiToken=/);
    expect((await call('/items/1', { headers: { authorization: 'apiToken good' } })).status).toBe(200);
  });

  it('lets GET through with its body, and DELETE not at all where it is not declared [S65]', async () => {
    const answer = await sendRaw(
      running.port,
      'GET /items/1 HTTP/1.1\r\nHost: a\r\nAuthorization: Bearer good\r\nContent-Length: 3\r\nConnection: close\r\n\r\nabc',
    );
    expect([statusOf(answer), received[0]?.body]).toEqual([200, 'abc']);
    const refused = await call('/items/1', { method: 'DELETE', headers: good });
    expect([refused.status, refused.headers.get('allow')]).toEqual([405, 'GET, HEAD, POST']);
    expect(await refused.json()).toMatchObject({ by: 'parsers', code: 'method_not_allowed' });
    expect(received).toHaveLength(1);
  });

  it('passes large bodies piece by piece, and none beyond 10 MB [S75]', async () => {
    const send = (megabytes: number) => {
      const body = new Blob([new Uint8Array(megabytes * 1024 * 1024)]).stream();
      return call('/items/1', { method: 'POST', body, duplex: 'half', headers: good } as RequestInit);
    };
    expect(await (await send(9)).text()).toBe(`got ${9 * 1024 * 1024}`);
    expect((await send(11)).status).toBe(413);
    const headers = { ...good, 'content-type': 'application/octet-stream' };
    const announced = await call('/items/1', { method: 'POST', body: new Uint8Array(11 * 1024 * 1024), headers }).catch(
      () => null,
    );
    expect(announced?.status ?? 413).toBe(413);
    expect(received).toHaveLength(1);
  });

  it('is tried once, even when the upstream is busy', async () => {
    calls = 0;
    expect((await call('/items/busy', { headers: good })).status).toBe(503);
    expect(calls).toBe(1);
  });
});

describe('a refused call', () => {
  it.each([
    ['/items/1', {}, 401, 'parsers', 'missing'],
    ['/items/1', { authorization: 'Bearer canary' }, 401, 'parsers', 'unknown'],
    ['/items/1', { authorization: 'Basic canary' }, 401, 'parsers', 'missing'],
    ['/items/1', { authorization: 'Bearer weak' }, 403, 'parsers', 'missing_permission'],
    ['/files/x', { authorization: 'Bearer canary' }, 401, 'native', 'unknown'],
    ['/files/x', { authorization: 'apiToken canary' }, 401, 'versio', 'unknown'],
    ['/db/other', { authorization: 'Bearer good' }, 401, 'versio', 'wrong_organization'],
  ])('%s with %j is %i in the words of %s', async (path, headers, status, by, reason) => {
    const answer = await call(path, { headers });
    const text = await answer.text();
    expect(answer.status).toBe(status);
    expect(JSON.parse(text)).toEqual({ by, reason });
    expect(text).not.toContain('canary');
    expect(answer.headers.get('cache-control')).toBe('no-store');
    expect(received).toEqual([]);
  });

  it('leaves its connection to the next request, however large its body was', async () => {
    const body = 'x'.repeat(1024 * 1024);
    const post = `POST /items/1 HTTP/1.1\r\nHost: a\r\nContent-Length: ${body.length}\r\n\r\n${body}`;
    const answer = await sendRaw(running.port, `${post}GET /healthz HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n`);
    expect(answer.match(/HTTP\/1\.1 \d{3}/g)).toEqual(['HTTP/1.1 401', 'HTTP/1.1 200']);
  });

  it.each([
    ['/items/1?apiToken=good', { authorization: 'Bearer good' }],
    ['/items/1?apiToken=good&apiToken=good', {}],
    ['/items/1?apiToken=%zz', {}],
  ])('%s with %j is 400 and is not evaluated [S6]', async (path, headers) => {
    const before = running.core.asked.length;
    const answer = await call(path, { headers });
    expect([answer.status, ((await answer.json()) as { by: string }).by]).toEqual([400, 'parsers']);
    expect(running.core.asked).toHaveLength(before);
    expect(received).toEqual([]);
  });

  it.each([
    '/items//1',
    '/items/%2e%2e',
    '/items/..;/x',
    '/items/a%2fb',
    '/files/../items/1',
    '/files/%5cx',
    '/items/%c0%af',
  ])('%s never reaches the upstream under another name [S64]', async (path) => {
    const answer = await sendRaw(
      running.port,
      `GET ${path} HTTP/1.1\r\nHost: a\r\nAuthorization: Bearer good\r\nConnection: close\r\n\r\n`,
    );
    expect(statusOf(answer)).toBe(400);
    expect(received).toEqual([]);
  });
});

it('lets anyone in on an open path, as nobody, and passes no credential on', async () => {
  const before = running.core.asked.length;
  expect((await call('/public')).status).toBe(200);
  expect((await call('/public?apiToken=canary', { headers: { authorization: 'Bearer canary' } })).status).toBe(200);
  expect(JSON.stringify(received)).not.toContain('canary');
  expect(received[1]?.headers).toMatchObject({ 'x-auth-principal': '', 'x-auth-name': '' });
  expect(running.core.asked).toHaveLength(before);
});

it('says unavailable when the upstream cannot be reached, and not where it is', async () => {
  const answer = await call('/gone', { headers: good });
  const text = await answer.text();
  expect(answer.status).toBe(503);
  expect(JSON.parse(text)).toMatchObject({ by: 'parsers', code: 'unavailable' });
  expect(text).not.toMatch(/127\.0\.0\.1|ECONN/);
  expect(running.logged.join('')).toContain('ECONNREFUSED');
});

it.each(['/a/:id(^\\d+$)', '/a/:x-:y', 'a', '/a*', '/*/a', '/a/:'])(
  'refuses to guard the path %s at start',
  async (path) => {
    const route: GuardedRoute = {
      path,
      methods: ['GET'],
      permissions: [],
      dialect: null,
      upstream: 'http://127.0.0.1:1',
    };
    await expect(start({ guarded: [route] })).rejects.toThrow(path);
  },
);
