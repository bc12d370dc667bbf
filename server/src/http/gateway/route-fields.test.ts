// What single fields of a route come to, against a real upstream that says what it was sent.

import { createServer, type IncomingMessage, type OutgoingHttpHeaders, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { native, type Running, sendRaw, start, statusOf, stubCore, stubDialect } from '../app.test-support.ts';
import type { GuardedRoute } from './guarded-route.ts';

let upstream: Server;
let running: Running;
let here = '';
let received: { url: string | undefined; headers: IncomingMessage['headers'] }[] = [];
let answers: OutgoingHttpHeaders = {};
let admitted = 0;

beforeAll(async () => {
  upstream = createServer((request, response) => {
    received.push({ url: request.url, headers: request.headers });
    response.writeHead(200, answers).end('body');
  });
  await new Promise<void>((resolve) => upstream.listen(0, '127.0.0.1', resolve));
  here = `127.0.0.1:${(upstream.address() as AddressInfo).port}`;
  const base = { methods: ['GET'], permissions: [], dialect: 'native', upstream: `http://${here}` } as const;
  const guarded: GuardedRoute[] = [
    { ...base, path: '/plain/*' },
    { ...base, path: '/either', credential: 'optional' },
    { ...base, path: '/narrow', accepts: ['jwt:debricked'] },
    { ...base, path: '/kept', keepHost: true },
    { ...base, path: '/bare', securityHeaders: false },
    { ...base, path: '/slashes/*', encodedSlashes: true },
    { ...base, path: '/slashes/admin/:name' },
    { ...base, path: '/matrix/*', semicolons: true },
    { ...base, path: '/matrix/admin/:name' },
    { ...base, path: '/both/*', encodedSlashes: true, semicolons: true },
    { ...base, path: '/told/*', upstream: null, encodedSlashes: true },
    { ...base, path: '/below/*', upstream: `http://${here}/api/v2` },
  ];
  const admit = async () => {
    admitted += 1;
    return { allowed: true, budget: null } as const;
  };
  const core = stubCore({ admit });
  running = await start({
    dialects: [native, stubDialect('versio', ['/versio'])],
    guarded,
    core,
    trustedProxies: ['127.0.0.1'],
  });
});
beforeEach(() => {
  received = [];
  answers = {};
  admitted = 0;
});
afterAll(async () => {
  await running.close();
  upstream.close();
});

const good = { authorization: 'Bearer good' };
const ask = (path: string, headers: Record<string, string> = good, method = 'GET') =>
  fetch(`${running.url}${path}`, { headers, method, redirect: 'manual' });
/** As the path stands, without a client that would tidy it up. */
const askRaw = (path: string) =>
  sendRaw(
    running.port,
    `GET ${path} HTTP/1.1\r\nHost: api.example.com\r\nAuthorization: Bearer good\r\nConnection: close\r\n\r\n`,
  );

describe('a credential that is optional', () => {
  it('lets a call without one in as nobody, by its address', async () => {
    expect([(await ask('/either', {})).status, admitted]).toEqual([200, 1]);
    expect(received[0]?.headers).toMatchObject({ 'x-auth-principal': '', 'x-auth-permissions-omitted': '' });
  });

  it('is who is calling where there is one, and spends its own plan', async () => {
    expect([(await ask('/either')).status, admitted]).toEqual([200, 0]);
    expect(received[0]?.headers).toMatchObject({ 'x-auth-principal': 'tok_1' });
    expect(running.core.asked.at(-1)).toMatchObject({ credential: 'good' });
  });

  it('is refused where it does not count', async () => {
    expect([(await ask('/either', { authorization: 'Bearer bad' })).status, received]).toEqual([401, []]);
  });
});

it('says to the verdict which forms of credential count', async () => {
  await ask('/narrow');
  expect(running.core.asked.at(-1)?.requirement).toMatchObject({ accepts: ['jwt:debricked'] });
});

describe('the Host', () => {
  it('is the upstream’s own, or the client’s where the route keeps it', async () => {
    await askRaw('/plain/x');
    await askRaw('/kept');
    expect(received.map(({ headers }) => [headers.host, headers['x-forwarded-host']])).toEqual([
      [here, 'api.example.com'],
      ['api.example.com', 'api.example.com'],
    ]);
  });
});

it.each(['a, b', 'a b', 'a,b:80'])('a Host of %s is 400, whatever the route makes of it [S64]', async (host) => {
  for (const path of ['/plain/x', '/kept']) {
    const answer = await sendRaw(
      running.port,
      `GET ${path} HTTP/1.1\r\nHost: ${host}\r\nAuthorization: Bearer good\r\nConnection: close\r\n\r\n`,
    );
    expect([statusOf(answer), received]).toEqual([400, []]);
  }
});

it('takes a target in absolute form: its host stands before Host, and the path goes on alone', async () => {
  const ask = (target: string) =>
    sendRaw(
      running.port,
      `GET ${target} HTTP/1.1\r\nHost: other.example\r\nAuthorization: Bearer good\r\nConnection: close\r\n\r\n`,
    );
  expect(statusOf(await ask('http://api.example.com/kept?a=1'))).toBe(200);
  expect(received[0]).toMatchObject({ url: '/kept?a=1', headers: { host: 'api.example.com' } });
  expect(received[0]?.headers['x-forwarded-host']).toBe('api.example.com');
  expect(statusOf(await ask('http://api.example.com/plain/../kept'))).toBe(400);
  expect(received).toHaveLength(1);
});

it('takes no two hosts from a target in absolute form, though no Host stands beside it [S64]', async () => {
  const ask = (host: string) =>
    sendRaw(running.port, `GET http://${host}/plain/x HTTP/1.0\r\nAuthorization: Bearer good\r\n\r\n`);
  expect([statusOf(await ask('a,b')), received]).toEqual([400, []]);
  expect(statusOf(await ask('a'))).toBe(200);
  expect(received[0]?.headers['x-forwarded-host']).toBe('a');
});

describe('an answer', () => {
  it.each([
    ['/plain/x', () => `http://${here}/next?a=1#b`, '/next?a=1#b'],
    ['/plain/x', () => `//${here}/next`, '/next'],
    ['/plain/x', () => `http://${here}`, '/'],
    ['/plain/x', () => '/next', '/next'],
    ['/plain/x', () => 'next', 'next'],
    ['/plain/x', () => 'https://other.example/next', 'https://other.example/next'],
    ['/below/x', () => `http://${here}/api/v2/next`, '/next'],
    ['/below/x', () => '/api/v2/next?x=1', '/next?x=1'],
    ['/below/x', () => '/api/v2', '/'],
    ['/below/x', () => '/api/v22', '/api/v22'],
    ['/below/x', () => `http://${here}/elsewhere`, '/elsewhere'],
    ['/below/x', () => '/api/v2//evil.example', '/evil.example'],
    ['/below/x', () => '/api/v2/\\evil.example', '/evil.example'],
    ['/below/x', () => '/api/v2/\t/evil.example', '/evil.example'],
    ['/below/x', () => `http://${here}//evil.example/x`, '/evil.example/x'],
    ['/below/x', () => `http://${here}/api/v2//\\evil.example/x`, '/evil.example/x'],
    ['/plain/x', () => `http://${here}//evil.example/x`, '/evil.example/x'],
    ['/plain/x', () => `http://${here}/\\evil.example/x`, '/evil.example/x'],
    ['/plain/x', () => `http://${here}/.//evil.example/x`, '/evil.example/x'],
    ['/plain/x', () => `//${here}//evil.example/x`, '/evil.example/x'],
    ['/plain/x', () => '//other.example/x', '//other.example/x'],
  ])(
    'to %s shows no address that only Keyward reaches, and leads to no other host than the upstream said (%#)',
    async (path, location, expected) => {
      answers = { location: location(), 'content-location': location(), refresh: `5; url=${location()}` };
      const { headers } = await ask(path);
      expect([headers.get('location'), headers.get('content-location')]).toEqual([expected, expected]);
      expect(headers.get('refresh')).toBe(`5; url=${expected}`);
    },
  );

  it('sets cookies for the host that the client knows', async () => {
    answers = {
      'set-cookie': [
        'a=1; Domain=127.0.0.1; Path=/api/v2/x; Secure',
        'b=2; domain=other.example; Path=/',
        'c=/api/v2; Path=/api/v2',
      ],
    };
    expect((await ask('/below/x')).headers.getSetCookie()).toEqual([
      'a=1; Path=/x; Secure',
      'b=2; domain=other.example; Path=/',
      'c=/api/v2; Path=/',
    ]);
  });

  it('gets the usual security headers where it lacks them, and none where the route says so', async () => {
    const names = ['cache-control', 'x-content-type-options', 'referrer-policy', 'strict-transport-security'];
    const secure = { ...good, 'x-forwarded-proto': 'https' };
    const of = async (path: string) => {
      const { headers } = await ask(path, secure);
      return names.map((name) => headers.get(name));
    };
    expect(await of('/plain/x')).toEqual(['no-store', 'nosniff', 'no-referrer', expect.stringMatching(/^max-age=/)]);
    expect(await of('/bare')).toEqual([null, null, null, null]);
    answers = { 'cache-control': 'max-age=9' };
    expect((await of('/plain/x'))[0]).toBe('max-age=9');
  });

  it('to HEAD is that to GET without its body', async () => {
    answers = { 'content-length': '4', etag: '"1"' };
    const answer = await ask('/plain/x', good, 'HEAD');
    expect([answer.status, await answer.text(), answer.headers.get('etag')]).toEqual([200, '', '"1"']);
    expect(answer.headers.get('content-length')).toBe('4');
    expect((await ask('/plain/x', {}, 'HEAD')).status).toBe(401);
  });
});

it.each(['X-Real-IP', 'True-Client-IP', 'CF-Connecting-IP', 'X-Client-IP', 'x_real_ip', 'Fastly-Client-IP'])(
  'lets no %s of the client reach the upstream',
  async (name) => {
    await ask('/plain/x', { ...good, [name]: '192.0.2.66' });
    expect(JSON.stringify(received)).not.toContain('192.0.2.66');
    expect(received).toHaveLength(1);
  },
);

it.each([
  ['wss', 'https'],
  ['WSS', 'https'],
  ['ws', 'http'],
])('takes a trusted proxy’s X-Forwarded-Proto: %s for %s', async (said, taken) => {
  await ask('/plain/x', { ...good, 'x-forwarded-proto': said });
  expect(received[0]?.headers['x-forwarded-proto']).toBe(taken);
});

describe('a path', () => {
  it.each([
    '/plain/..foo',
    '/plain/...',
    '/plain/foo..',
    '/plain/foo../bar',
    '/plain/..%20',
    '/plain/{a}|b^c`',
    '/plain/%7Ea/%E2%98%83',
    '/slashes/group%2Fproject',
    '/slashes/https%3A%2F%2Fexample.com%2fx',
    '/matrix/a;v=1/b;w=2,3',
    '/matrix/a%3Bv=1',
    '/both/a%2Fb;c=d',
  ])('%s is passed on byte for byte', async (path) => {
    expect([statusOf(await askRaw(path)), received.map(({ url }) => url)]).toEqual([200, [path]]);
  });

  it.each([
    '/plain/a%2Fb',
    '/plain/a;b',
    '/slashes/a;b',
    '/matrix/a%2Fb',
    '/slashes/..%2Fadmin',
    '/slashes/a%2F..',
    '/slashes/.%2Fa',
    '/slashes/a%2F%2e%2e%2Fb',
    '/slashes/admin%2Fx',
    '/slashes/%2Fadmin%2Fx',
    '/slashes/a%5c..%2Fb',
    '/matrix/..;/admin',
    '/matrix/.;x=1/a',
    '/matrix/;x/admin',
    '/matrix/admin;x/y',
    '/matrix/admin%3bx/y',
    '/both/..;%2Fa',
    '/both/a%2F..;x',
    '/both%2Fa',
  ])('%s could be read as another and is 400 [S64]', async (path) => {
    expect([statusOf(await askRaw(path)), received]).toEqual([400, []]);
  });

  it('is checked alike where a proxy asks about it [S64]', async () => {
    const about = async (uri: string) => {
      const headers = { ...good, 'x-forwarded-method': 'GET', 'x-forwarded-uri': uri };
      return (await fetch(`${running.url}/forward-auth`, { headers })).status;
    };
    expect(await about('/told/a%2Fb')).toBe(200);
    expect(await about('/slashes/a%2Fb')).toBe(200);
    for (const uri of ['/told/a%2F..', '/told/a;b', '/slashes/admin%2Fx', '/plain/a%2Fb']) {
      expect([uri, await about(uri)]).toEqual([uri, 400]);
    }
    expect(statusOf(await askRaw('/forward-auth/told/a%2Fb'))).toBe(200);
    expect(statusOf(await askRaw('/forward-auth/told/a%2F..'))).toBe(400);
  });
});
