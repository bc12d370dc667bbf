// What browsers are told about calls of pages to guarded routes, against a real upstream.

import { createServer, type OutgoingHttpHeaders, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { KeywardError } from '../../core/errors.ts';
import { native, type Running, type StubCore, start, stubCore } from '../app.test-support.ts';
import type { GuardedRoute } from './guarded-route.ts';

const page = 'https://app.example.com';
let upstream: Server;
let running: Running;
let answers: OutgoingHttpHeaders = {};
let reached: (string | undefined)[] = [];
let spent = 0;

beforeAll(async () => {
  upstream = createServer((request, response) => {
    reached.push(request.method);
    response.writeHead(200, answers).end('body');
  });
  await new Promise<void>((resolve) => upstream.listen(0, '127.0.0.1', resolve));
  const here = `http://127.0.0.1:${(upstream.address() as AddressInfo).port}`;
  const cors = { origins: [page], exposeHeaders: ['X-Total'] };
  const base = { methods: ['GET'], permissions: [], dialect: null, upstream: here, cors } as const;
  const guarded: GuardedRoute[] = [
    { ...base, path: '/items/:id', methods: ['GET', 'DELETE'] },
    { ...base, path: '/items/:id', methods: ['PUT'], cors: { origins: ['*'], headers: ['X-One'], maxAgeSeconds: 5 } },
    { ...base, path: '/items/:id', methods: ['PATCH'], cors: null },
    { ...base, path: '/open', credential: 'none' },
    { ...base, path: '/narrow', methods: ['GET', 'POST'], cors: { origins: ['*'], methods: ['GET'] } },
    { ...base, path: '/kept', cors: { origins: [page], credentials: true } },
    { ...base, path: '/asked', methods: ['GET', 'OPTIONS'] },
    { ...base, path: '/files/*', encodedSlashes: true },
    { ...base, path: '/gone', upstream: 'http://127.0.0.1:1' },
    { ...base, path: '/v1/extra', cors: null },
  ];
  const stub = stubCore();
  const verify: StubCore['verify'] = async (credential, call) => {
    const verdict = await stub.verify(credential, call);
    if (verdict.allowed) spent += 1;
    if (credential === 'busy') throw new KeywardError('too_many_requests', 'Later.', { retryAfterMs: 1000 });
    return verdict;
  };
  const admit: StubCore['admit'] = async () => {
    spent += 1;
    return { allowed: true, budget: null };
  };
  const core = stubCore({ verify, admit });
  core.asked = stub.asked;
  running = await start({ dialects: [native], core, guarded, cors: ['https://console.example.com'] });
});
beforeEach(() => {
  answers = {};
  reached = [];
  spent = 0;
  running.core.asked.length = 0;
});
afterAll(async () => {
  await running.close();
  upstream.close();
});

const call = (path: string, { headers, ...init }: RequestInit = {}) =>
  fetch(running.url + path, { ...init, headers: { origin: page, ...headers } });
const preflight = (path: string, method: string, headers: Record<string, string> = {}) =>
  call(path, { method: 'OPTIONS', headers: { 'access-control-request-method': method, ...headers } });
const good = { headers: { authorization: 'Bearer good' } };
const allowed = ({ headers }: Response) => headers.get('access-control-allow-origin');

describe('a preflight of a guarded route', () => {
  it('is answered for nothing: no credential is looked at, no budget spent, no upstream asked', async () => {
    const headers = { 'access-control-request-headers': 'authorization, x-mine' };
    for (const [path, method] of [
      ['/items/1?a=1', 'DELETE'],
      ['/open', 'GET'],
      ['/asked', 'GET'],
      ['/files/a%2Fb', 'GET'],
      ['/gone', 'HEAD'],
    ] as const) {
      const answer = await preflight(path, method, headers);
      expect([path, answer.status, allowed(answer), await answer.text()]).toEqual([path, 204, page, '']);
      expect(answer.headers.get('access-control-allow-methods')).toBe(method);
      expect(answer.headers.get('access-control-allow-headers')).toBe('authorization, x-mine');
      expect(answer.headers.get('vary')).toBe('Origin');
    }
    expect([running.core.asked, spent, reached]).toEqual([[], 0, []]);
  });

  it('is answered by the route of the call to come, where several have the path', async () => {
    const put = await preflight('/items/1', 'PUT', { origin: 'https://elsewhere.example' });
    expect([put.status, allowed(put), put.headers.get('access-control-max-age')]).toEqual([204, '*', '5']);
    expect(put.headers.get('access-control-allow-headers')).toBe('X-One');
    const patch = await preflight('/items/1', 'PATCH');
    expect([patch.status, allowed(patch)]).toEqual([405, null]);
    const unknown = await preflight('/items/1', 'POST');
    expect([unknown.status, allowed(unknown)]).toEqual([405, null]);
  });

  it('from an origin that is not listed, or about a method that pages may not use, allows nothing', async () => {
    const foreign = await preflight('/items/1', 'GET', { origin: 'https://elsewhere.example' });
    const narrow = await preflight('/narrow', 'POST');
    expect([allowed(foreign), allowed(narrow)]).toEqual([null, null]);
    expect(allowed(await preflight('/narrow', 'GET'))).toBe('*');
  });
});

describe('an answer of a guarded route', () => {
  it.each([
    ['/items/1', 'good', 200],
    ['/items/1', 'bad', 401],
    ['/items/1', 'weak', 403],
    ['/items/1', 'busy', 400],
    ['/gone', 'good', 503],
  ])('can be read by its pages: %s with %s', async (path, credential, status) => {
    const answer = await call(path, { headers: { authorization: `Bearer ${credential}` } });
    expect([answer.status, allowed(answer)]).toEqual([status, page]);
    expect(answer.headers.get('access-control-expose-headers')).toMatch(/Retry-After.*X-Total/);
    expect(answer.headers.get('vary')).toBe('Origin');
    expect(answer.headers.get('access-control-allow-credentials')).toBeNull();
  });

  it('tells pages of other origins nothing, and those of Keyward’s own API nothing either', async () => {
    for (const origin of ['https://elsewhere.example', 'https://console.example.com']) {
      const answer = await call('/items/1', { headers: { ...good.headers, origin } });
      expect([answer.status, allowed(answer), answer.headers.get('vary')]).toEqual([200, null, 'Origin']);
      expect(allowed(await call('/v1/extra', { headers: { ...good.headers, origin } }))).toBeNull();
    }
  });

  it('names its origin and lets cookies through only where the route says so', async () => {
    const answer = await call('/kept', good);
    expect([allowed(answer), answer.headers.get('access-control-allow-credentials')]).toEqual([page, 'true']);
  });

  it('keeps the API’s own CORS headers, once each', async () => {
    answers = { 'access-control-allow-origin': 'https://own.example', vary: 'Accept' };
    const { headers } = await call('/kept', good);
    expect(headers.get('access-control-allow-origin')).toBe('https://own.example');
    expect(headers.get('access-control-expose-headers')).toBeNull();
    expect(headers.get('access-control-allow-credentials')).toBeNull();
  });

  it('keeps the API’s Vary beside Origin, once', async () => {
    answers = { vary: 'Accept-Encoding' };
    expect((await call('/items/1', good)).headers.get('vary')).toBe('Accept-Encoding, Origin');
    answers = { vary: 'origin, Accept' };
    expect((await call('/items/1', good)).headers.get('vary')).toBe('origin, Accept');
    answers = { vary: '*' };
    expect((await call('/items/1', good)).headers.get('vary')).toBe('*');
  });
});

it('asks a plain OPTIONS for its credential as any call', async () => {
  const answer = await call('/asked', { method: 'OPTIONS' });
  expect([answer.status, allowed(answer), reached]).toEqual([401, page, []]);
  expect((await call('/asked', { method: 'OPTIONS', ...good })).status).toBe(200);
});

it('refuses a preflight in clear, so that the browser never sends the credential', async () => {
  const strict = await start({
    dialects: [native],
    allowPlainLoopback: false,
    guarded: [
      {
        path: '/items',
        methods: ['GET'],
        permissions: [],
        dialect: null,
        upstream: 'http://127.0.0.1:1',
        cors: { origins: ['*'] },
      },
    ],
  });
  try {
    const headers = { origin: page, 'access-control-request-method': 'GET' };
    const { status } = await fetch(`${strict.url}/items`, { method: 'OPTIONS', headers });
    expect(status).toBe(400);
  } finally {
    await strict.close();
  }
});
