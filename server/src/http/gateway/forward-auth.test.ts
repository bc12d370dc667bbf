// What other proxies are told about a call, and whom Keyward believes about what the call is.

import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Call } from '../../core/checking/verify.ts';
import { KeywardError } from '../../core/errors.ts';
import { identityHeaders } from '../../dialects/identity-headers.ts';
import {
  budget,
  native,
  principal,
  type Running,
  sendRaw,
  start,
  statusOf,
  stubCore,
  stubDialect,
} from '../app.test-support.ts';
import type { GuardedRoute } from './guarded-route.ts';

const versio = stubDialect('versio', ['/versio'], { apiTokenScheme: true });
const parsers = stubDialect('parsers', ['/v2/auth']);
const identity = Object.keys(identityHeaders(undefined));

const base = { methods: ['GET', 'POST'], permissions: ['read:items'], dialect: null } as const;
const guarded: GuardedRoute[] = [
  { ...base, path: '/items/:id', dialect: 'parsers' },
  { ...base, path: '/files/*', match: 'any', permissions: ['a:b', 'c:d'], plan: 'pln_1', cost: 3 },
  { ...base, path: '/db/:environment', dialect: 'versio', organizationParam: 'environment' },
  { ...base, path: '/public', permissions: [], credential: 'none', methods: ['GET'] },
  { ...base, path: '/both', upstream: 'http://127.0.0.1:1' },
];

let running: Running;
let stranger: Running;
const stub = stubCore();
const core = stubCore({
  verify: async (credential, call) => {
    if (credential === 'spent') {
      return {
        allowed: false,
        reason: 'rate_limited',
        principal,
        budget: { ...budget, admitted: false, remaining: 0, retryAfterMs: 9_000 },
      };
    }
    if (credential === 'down') throw new KeywardError('unavailable', 'The database does not answer.');
    if (credential === 'bug') throw new Error('a bug');
    const verdict = await stub.verify(credential, call);
    return verdict.allowed ? { ...verdict, budget } : verdict;
  },
});
beforeAll(async () => {
  const options = { dialects: [native, versio, parsers], guarded, core, allowPlainLoopback: false };
  running = await start({ ...options, trustedProxies: ['127.0.0.1'] });
  stranger = await start({ ...options, trustedProxies: ['192.0.2.1'], allowPlainLoopback: true });
});
afterAll(async () => {
  await running.close();
  await stranger.close();
});

const good = { authorization: 'Bearer good' };

/** Asks as Caddy and Traefik do. */
function ask(method: string, uri: string, headers: Record<string, string> = {}, init: RequestInit = {}) {
  const told = { 'x-forwarded-proto': 'https', 'x-forwarded-method': method, 'x-forwarded-uri': uri };
  return fetch(`${running.url}/forward-auth`, { ...init, headers: { ...told, ...headers }, redirect: 'manual' });
}

/** Asks with lines as they are; the scheme is said to be https. */
async function askRaw(target: string, lines: readonly string[], method = 'GET', port = running.port): Promise<string> {
  const head = [`${method} ${target} HTTP/1.1`, 'Host: a', 'X-Forwarded-Proto: https', 'Connection: close', ...lines];
  return sendRaw(port, `${head.join('\r\n')}\r\n\r\n`);
}

const asCaddy = ['X-Forwarded-Method: GET', 'X-Forwarded-Uri: /items/1', 'Authorization: Bearer good'];

describe('a call that may proceed', () => {
  it('is answered 200 with no body, every identity header and the budget', async () => {
    const answer = await ask('GET', '/items/1?x=1', good);
    expect([answer.status, await answer.text(), answer.headers.get('content-length')]).toEqual([200, '', '0']);
    expect(answer.headers.get('x-auth-principal')).toBe('tok_1');
    expect(answer.headers.get('x-auth-permissions')).toBe('read:items,write:*');
    expect(answer.headers.get('x-auth-name')).toBe(encodeURIComponent(principal.name));
    expect(answer.headers.get('ratelimit')).toBe('"free";r=499;t=2');
    expect(answer.headers.get('ratelimit-policy')).toBe('"free";q=500;w=3600');
    expect(answer.headers.get('cache-control')).toBe('no-store');
  });

  it('on an open path has every identity header, empty, whatever credential it brings [S67]', async () => {
    for (const headers of [{}, good, { authorization: 'Bearer bad' }]) {
      const answer = await ask('GET', '/public', headers);
      expect(answer.status).toBe(200);
      expect(identity.map((name) => answer.headers.get(name))).toEqual(identity.map(() => ''));
    }
  });

  it('was checked by all that its route says', async () => {
    const calls: (Call | undefined)[] = [];
    const seen = await start({
      dialects: [native],
      guarded,
      trustedProxies: ['127.0.0.1'],
      core: stubCore({
        verify: (credential, call) => {
          calls.push(call);
          return stub.verify(credential, call);
        },
      }),
    });
    const told = { ...good, 'x-forwarded-method': 'POST', 'x-forwarded-for': '198.51.100.7' };
    for (const uri of ['/files/a/b', '/db/acme']) {
      const headers = { ...told, 'x-forwarded-uri': uri };
      expect((await fetch(`${seen.url}/forward-auth`, { headers })).status).toBe(200);
    }
    const address = '198.51.100.7';
    const from = { method: 'POST', userAgent: 'node', address };
    expect(calls).toEqual([
      { ...from, rule: '/files/*', permissions: ['a:b', 'c:d'], match: 'any', plan: 'pln_1', cost: 3 },
      { ...from, rule: '/db/:environment', permissions: ['read:items'], organization: 'acme' },
    ]);
    await seen.close();
  });

  it.each([
    ['X-Original-*, as nginx is told to', '/forward-auth', ['X-Original-Method: GET', 'X-Original-URI: /items/1?a=1']],
    [
      'the whole URL, as ingress-nginx',
      '/forward-auth',
      ['X-Original-Method: GET', 'X-Original-URL: https://api.example.com/items/1?a=1'],
    ],
    ['the path behind the endpoint, as Envoy', '/forward-auth/items/1?a=1&a=1', []],
    [
      'several ways that agree',
      '/forward-auth',
      [...asCaddy.slice(0, 2), 'X-Original-Method: GET', 'X-Original-URI: /items/1'],
    ],
  ])('is told by %s', async (_name, target, lines) => {
    expect(statusOf(await askRaw(target, [...lines, 'Authorization: Bearer good']))).toBe(200);
    expect(statusOf(await askRaw(target, lines))).toBe(401);
  });

  it('may bring its credential in the query of its own URL, not of the endpoint', async () => {
    expect((await ask('GET', '/items/1?apiToken=good')).status).toBe(200);
    expect((await ask('GET', '/items/1?apiToken=good', good)).status).toBe(400);
    expect(statusOf(await askRaw('/forward-auth?apiToken=good', asCaddy.slice(0, 2)))).toBe(401);
  });

  it.each(['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS'])(
    'may be asked about with %s',
    async (method) => {
      const answer = await ask('POST', '/items/1', good, { method });
      expect([answer.status, answer.headers.get('content-length')]).toEqual([200, '0']);
      expect((await ask('POST', '/items/1', {}, { method })).status).toBe(401);
    },
  );

  it('is a HEAD where its route answers GET', async () => {
    expect((await ask('HEAD', '/items/1', good)).status).toBe(200);
    expect((await ask('HEAD', '/items/1')).status).toBe(401);
  });

  it('of a route with an upstream is checked alike', async () => {
    expect((await ask('GET', '/both', good)).status).toBe(200);
    expect((await ask('GET', '/both')).status).toBe(401);
  });
});

describe('a refused call', () => {
  it.each([
    ['/items/1', {}, 401, 'parsers', 'missing'],
    ['/items/1', { authorization: 'Bearer canary' }, 401, 'parsers', 'unknown'],
    ['/items/1', { authorization: 'Basic canary' }, 401, 'parsers', 'missing'],
    ['/items/1', { authorization: 'Bearer weak' }, 403, 'parsers', 'missing_permission'],
    ['/files/x', {}, 401, 'native', 'missing'],
    ['/files/x', { authorization: 'apiToken canary' }, 401, 'versio', 'unknown'],
    ['/files/x?apiToken=canary', {}, 401, 'versio', 'unknown'],
    ['/db/other', good, 401, 'versio', 'wrong_organization'],
  ])('%s with %j is %i in the words of %s, with a challenge [S71]', async (uri, headers, status, by, reason) => {
    const answer = await ask('GET', uri, headers);
    const text = await answer.text();
    expect(answer.status).toBe(status);
    expect(JSON.parse(text)).toEqual({ by, reason });
    expect(text).not.toContain('canary');
    if (status === 401) expect(answer.headers.get('www-authenticate')).toBe(`Bearer realm="${by}"`);
    expect(answer.headers.get('x-auth-principal')).toBeNull();
  });

  it('that has spent its budget is told how it stands', async () => {
    const answer = await ask('GET', '/items/1', { authorization: 'Bearer spent' });
    expect(await answer.json()).toMatchObject({ by: 'parsers', code: 'too_many_requests' });
    expect(answer.headers.get('ratelimit')).toBe('"free";r=0;t=2');
  });

  it('is one where Keyward cannot say, or is broken: never let in [S71]', async () => {
    const down = await ask('GET', '/items/1', { authorization: 'Bearer down' });
    expect([down.status, await down.json()]).toEqual([503, expect.objectContaining({ by: 'parsers' })]);
    expect((await ask('GET', '/items/1', { authorization: 'Bearer bug' })).status).toBe(500);
  });

  it.each([
    ['GET', '/nowhere'],
    ['DELETE', '/items/1'],
    ['get', '/items/1'],
    ['', '/items/1'],
    ['GET', '/Items/1'],
    ['GET', '/items/1/'],
    ['GET', '/v1/self'],
  ])('%j %s, which no route is for, is 403 whatever it brings', async (method, uri) => {
    const answer = await ask(method, uri, good);
    expect([answer.status, await answer.json()]).toEqual([403, expect.objectContaining({ by: 'native' })]);
  });

  it.each([
    '//items/1',
    '/items//1',
    '/files/../items/1',
    '/files/./x',
    '/files/%2e%2e/items/1',
    '/files/%2E./x',
    '/files/a%2fb',
    '/files/a%5cb',
    '/files/a\\b',
    '/files/..;/items/1',
    '/files/x;y=1',
    '/files/%3bx',
    '/files/%c0%af',
    '/files/%zz',
    '/files/x#y',
    '/files/%00',
    'files/x',
    '*',
    'https://a/files/x',
    'http://a/files/x',
    '',
  ])('%s is not in its plain form and is 400 [S64]', async (uri) => {
    const before = stub.asked.length;
    expect(
      statusOf(
        await askRaw('/forward-auth', [
          'X-Forwarded-Method: GET',
          `X-Forwarded-Uri: ${uri}`,
          'Authorization: Bearer good',
        ]),
      ),
    ).toBe(400);
    expect(stub.asked).toHaveLength(before);
  });
});

describe('what the call is', () => {
  it.each([
    ['nothing', '/forward-auth', []],
    ['the path alone', '/forward-auth', ['X-Forwarded-Uri: /items/1']],
    ['the method alone', '/forward-auth', ['X-Forwarded-Method: GET']],
    ['half in one way and half in the other', '/forward-auth', ['X-Forwarded-Method: GET', 'X-Original-URI: /items/1']],
    ['one way and half of the other', '/forward-auth', [...asCaddy, 'X-Original-URI: /items/1']],
    ['two paths', '/forward-auth', [...asCaddy, 'X-Original-Method: GET', 'X-Original-URI: /public']],
    ['two methods', '/forward-auth', [...asCaddy, 'X-Original-Method: POST', 'X-Original-URI: /items/1']],
    [
      'another URL than path',
      '/forward-auth',
      ['X-Original-Method: GET', 'X-Original-URI: /public', 'X-Original-URL: https://a/items/1'],
    ],
    ['a path twice', '/forward-auth', [...asCaddy, 'X-Forwarded-Uri: /public']],
    ['the same path twice', '/forward-auth', [...asCaddy, 'x-forwarded-uri: /items/1']],
    ['a method twice', '/forward-auth', [...asCaddy, 'X-Forwarded-Method: GET']],
    [
      'an original path twice',
      '/forward-auth',
      ['X-Original-Method: GET', 'X-Original-URI: /public', 'X-Original-URI: /public'],
    ],
    ['a path behind the endpoint, and another', '/forward-auth/public', asCaddy],
    ['a path in two spellings', '/forward-auth/public', ['X-Forwarded-Method: GET', 'X-Forwarded-Uri: /publi%63']],
  ])('is not guessed from %s: 400 [S69]', async (_name, target, lines) => {
    const before = stub.asked.length;
    const answer = await askRaw(target, [
      ...lines,
      ...(lines.includes(asCaddy[2] ?? '') ? [] : ['Authorization: Bearer good']),
    ]);
    expect(statusOf(answer)).toBe(400);
    expect(stub.asked).toHaveLength(before);
  });

  it('is not taken from anyone but a trusted proxy, not even on an open path [S69]', async () => {
    const before = stub.asked.length;
    for (const target of ['/forward-auth', '/forward-auth/public']) {
      for (const uri of ['/items/1', '/public']) {
        const lines = ['X-Forwarded-Method: GET', `X-Forwarded-Uri: ${uri}`, 'Authorization: Bearer good'];
        const answer = await askRaw(target, [...lines, 'X-Forwarded-For: 192.0.2.1'], 'GET', stranger.port);
        expect(statusOf(answer)).toBe(403);
        expect(answer).not.toContain('x-auth-');
      }
    }
    expect(stub.asked).toHaveLength(before);
  });

  it.each([
    ['//public', 400],
    ['/../public', 400],
    ['/%2e%2e/public', 400],
    ['/x%2fy', 400],
    ['', 400],
    ['s', 404],
  ])('is not guessed from the endpoint with %s behind it', async (tail, status) => {
    const answer = await askRaw(`/forward-auth${tail}`, ['Authorization: Bearer good']);
    expect(statusOf(answer)).toBe(status);
  });

  it('is not taken in over plain HTTP on either hop [S1]', async () => {
    const headers = { ...good, 'x-forwarded-method': 'GET', 'x-forwarded-uri': '/items/1' };
    expect((await fetch(`${running.url}/forward-auth`, { headers })).status).toBe(400);
    expect((await ask('GET', '/items/1', { ...good, 'x-forwarded-proto': 'http' })).status).toBe(400);
  });

  it('with two credentials is 400 and not evaluated [S6][S62]', async () => {
    const before = stub.asked.length;
    expect(statusOf(await askRaw('/forward-auth', [...asCaddy, 'Authorization: Bearer other']))).toBe(400);
    expect((await ask('GET', '/items/1?apiToken=a&apiToken=b')).status).toBe(400);
    expect(stub.asked).toHaveLength(before);
  });
});

it('leaves its connection to the next question, after a yes and after a no', async () => {
  const one = (credential: string, last = false) =>
    `POST /forward-auth HTTP/1.1\r\nHost: a\r\nX-Forwarded-Proto: https\r\nX-Forwarded-Method: GET\r\nX-Forwarded-Uri: /items/1\r\nContent-Length: 3\r\nAuthorization: Bearer ${credential}\r\n${last ? 'Connection: close\r\n' : ''}\r\nabc`;
  const answer = await sendRaw(running.port, one('good') + one('bad') + one('good', true));
  expect(answer.match(/HTTP\/1\.1 \d{3}/g)).toEqual(['HTTP/1.1 200', 'HTTP/1.1 401', 'HTTP/1.1 200']);
});
