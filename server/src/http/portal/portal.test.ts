// How the portal is served: which addresses are its page and which are not, and the headers that come with each answer.

import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, describe, expect, it, test } from 'vitest';
import { type Running, start } from '../app.test-support.ts';
import type { GuardedRoute } from '../gateway/guarded-route.ts';
import { policyFor, portalPages } from './portal.ts';
import type { PortalFiles } from './portal-files.ts';

const script = { type: 'text/javascript; charset=utf-8', isHashed: true, plain: Buffer.from('let a;') };
const files: PortalFiles = {
  reference: '<main id="reference"></main><script nonce="{{nonce}}"></script>',
  page: '<script nonce="{{nonce}}"></script><style nonce="{{nonce}}"></style>',
  files: new Map([
    ['/assets/main-12345678.js', { ...script, br: Buffer.from('brotli'), gzip: Buffer.from('gzip') }],
    [
      '/assets/icon.svg',
      { type: 'image/svg+xml', isHashed: false, plain: Buffer.from('<svg/>'), br: undefined, gzip: undefined },
    ],
  ]),
};

const guarded = (path: string): GuardedRoute => ({
  path,
  methods: ['GET'],
  permissions: [],
  credential: 'none',
  dialect: null,
  upstream: 'http://127.0.0.1:9',
});

let running: Running;
afterEach(() => running.close());

const serve = async (options: Parameters<typeof start>[0] = {}, url = 'http://127.0.0.1') => {
  running = await start({ portal: { files, url: () => url }, ...options });
};
const browse = (path: string, init: RequestInit = {}) =>
  fetch(`${running.url}${path}`, {
    redirect: 'manual',
    ...init,
    headers: { accept: 'text/html,*/*;q=0.8', ...init.headers },
  });

describe('the page', () => {
  it.each(portalPages.map((page) => `/${page}`))('is there at %s, whatever follows', async (path) => {
    await serve();
    for (const address of [path, path === '/' ? '/?a=b' : `${path}/x`]) {
      const answer = await browse(address);
      expect([answer.status, answer.headers.get('content-type')]).toEqual([200, 'text/html; charset=utf-8']);
    }
  });

  it('is there at every address that the portal itself knows, and at no other', () => {
    const portal = join(import.meta.dirname, '..', '..', '..', '..', 'portal', 'src');
    const routes = readFileSync(join(portal, 'router.tsx'), 'utf8');
    const known = [...routes.matchAll(/^ +'\/([^'/]*)[^']*',$/gm)].map(([, first]) => first);
    expect(known.length).toBeGreaterThan(20);
    expect([...portalPages].sort()).toEqual([...new Set(known)].sort());
  });

  it('is never kept, and its address never told to others [S8]', async () => {
    await serve();
    const { headers } = await browse('/tokens');
    expect([headers.get('cache-control'), headers.get('referrer-policy')]).toEqual(['no-store', 'no-referrer']);
  });

  it('carries a content policy by nonce alone, and stands in no frame [S87]', async () => {
    await serve();
    const answer = await browse('/');
    const [, nonce = ''] = /nonce="([^"]+)"/.exec(await answer.text()) ?? [];
    expect(answer.headers.get('content-security-policy')).toBe(policyFor(nonce));
    expect(policyFor('n').split('; ')).toEqual([
      "default-src 'none'",
      "script-src 'nonce-n' 'strict-dynamic'",
      "style-src 'nonce-n'",
      "connect-src 'self'",
      "img-src 'self' data:",
      "font-src 'self'",
      "object-src 'none'",
      "base-uri 'none'",
      "form-action 'self'",
      "frame-ancestors 'none'",
    ]);
    expect(Object.fromEntries(answer.headers)).toMatchObject({
      'x-frame-options': 'DENY',
      'x-content-type-options': 'nosniff',
      'cross-origin-opener-policy': 'same-origin',
      'cross-origin-resource-policy': 'same-origin',
      'permissions-policy': expect.stringContaining('camera=()'),
    });
    expect(answer.headers.get('access-control-allow-origin')).toBeNull();
  });

  it('has another nonce each time, and no place without one [S87]', async () => {
    await serve();
    const pages = await Promise.all([1, 2, 3].map(async () => (await browse('/')).text()));
    expect(new Set(pages).size).toBe(3);
    for (const page of pages) {
      const nonces = [...page.matchAll(/nonce="([^"]*)"/g)].map(([, nonce]) => nonce);
      expect([nonces.length, new Set(nonces).size]).toEqual([2, 1]);
      expect(Buffer.from(nonces[0] ?? '', 'base64')).toHaveLength(16);
    }
  });

  it('is answered to HEAD without a body, and to no method that changes something', async () => {
    await serve();
    const head = await browse('/tokens', { method: 'HEAD' });
    expect([head.status, await head.text()]).toEqual([200, '']);
    expect((await browse('/', { method: 'POST' })).status).toBe(405);
    expect((await browse('/tokens', { method: 'POST' })).status).toBe(404);
  });

  it('comes with 404 where the portal has none', async () => {
    await serve();
    const answer = await browse('/nowhere');
    expect([answer.status, answer.headers.get('content-type')]).toEqual([404, 'text/html; charset=utf-8']);
  });

  it.each(['/v1/nothing', '/v1'])('leaves %s to its dialect, whatever is accepted', async (path) => {
    await serve();
    const answer = await browse(path);
    expect(await answer.json()).toMatchObject({ by: 'native', code: 'not_found' });
  });

  it('is for browsers: a program that takes anything is told that there is nothing', async () => {
    await serve();
    const answer = await fetch(`${running.url}/tokens`);
    expect([answer.status, await answer.json()]).toMatchObject([404, { code: 'not_found' }]);
  });

  it('gives a query that could hold a credential the refusal that it gets everywhere [S5]', async () => {
    await serve();
    expect((await browse('/welcome?token=abc')).status).toBe(400);
  });
});

describe('the files', () => {
  it.each([
    ['br, gzip', 'br', 'brotli'],
    ['gzip', 'gzip', 'gzip'],
    ['br;q=0, gzip;q=0.5', 'gzip', 'gzip'],
    ['identity', null, 'let a;'],
    ['', null, 'let a;'],
  ])('with accept-encoding %j come as %s', async (accepted, coding, body) => {
    await serve();
    const answer = await running.app.inject({
      url: '/assets/main-12345678.js',
      headers: { 'accept-encoding': accepted },
    });
    expect([answer.statusCode, answer.headers['content-encoding'] ?? null, answer.body]).toEqual([200, coding, body]);
    expect(answer.headers).toMatchObject({
      'content-type': 'text/javascript; charset=utf-8',
      'cache-control': 'public, max-age=31536000, immutable',
      'cross-origin-resource-policy': 'same-origin',
      'x-content-type-options': 'nosniff',
      vary: 'accept-encoding',
    });
  });

  it('are kept for good only under a name that changes with them', async () => {
    await serve();
    expect((await browse('/assets/icon.svg')).headers.get('cache-control')).toBe('public, max-age=3600');
  });

  it.each(['/assets/gone-12345678.js', '/assets/..%2fpackage.json', '/assets/', '/assets'])(
    'are no others: %s',
    async (path) => {
      await serve();
      expect((await fetch(`${running.url}${path}`)).ok).toBe(false);
    },
  );
});

describe('over plain HTTP', () => {
  it('the page is found where HTTPS is, and no host that the client names [S3, S73]', async () => {
    await serve({ allowPlainLoopback: false }, 'https://auth.example.com');
    const answer = await browse('/tokens?a=b', { headers: { 'x-forwarded-host': 'evil.example' } });
    expect([answer.status, answer.headers.get('location')]).toEqual([308, 'https://auth.example.com/tokens']);
  });

  it.each([
    ['/v1/self', 'https://auth.example.com'],
    ['/nowhere', 'https://auth.example.com'],
    ['/tokens', 'http://auth.example.com'],
  ])('%s is refused, not redirected, by %s [S3]', async (path, url) => {
    await serve({ allowPlainLoopback: false }, url);
    expect((await browse(path)).status).toBe(400);
  });

  it('is told nothing of HTTPS; over HTTPS it is to stay there [S3]', async () => {
    await serve({ trustedProxies: ['127.0.0.1'] });
    expect((await browse('/')).headers.get('strict-transport-security')).toBeNull();
    const secure = await browse('/', { headers: { 'x-forwarded-proto': 'https' } });
    expect(secure.headers.get('strict-transport-security')).toBe('max-age=31536000; includeSubDomains');
  });
});

describe('guarded routes', () => {
  it('that claim every path leave no portal, and the log says so', async () => {
    await serve({ guarded: [guarded('/*')] });
    expect((await browse('/')).status).toBe(503);
    expect(running.logged.join('')).toContain('routes cover pages of the portal');
  });

  it('keep their own path and leave the portal the rest', async () => {
    await serve({ guarded: [guarded('/usage')] });
    expect((await browse('/usage')).status).toBe(503);
    expect((await browse('/tokens')).status).toBe(200);
  });
});

test('without a build the server starts, and / says in plain words how to make one', async () => {
  await serve({ portal: { files: null, url: () => '' } });
  const answer = await browse('/');
  expect([answer.status, await answer.text()]).toEqual([200, expect.stringContaining('npm run build')]);
});

test('switched off there is nothing at /', async () => {
  running = await start();
  expect((await browse('/')).status).toBe(404);
});
