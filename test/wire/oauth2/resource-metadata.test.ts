// Protected-resource metadata (RFC 9728): a client that knows nothing but an address of an API finds out who issues tokens for
// it, from whichever way guards it.

import { request } from 'node:http';
import * as oauth from 'oauth4webapi';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startServer, type TestServer } from '../../server.ts';
import { apiTokenClient, call, tokenFor } from './clients.ts';

const insecure = { [oauth.allowInsecureRequests]: true } as const;
const wellKnown = '/.well-known/oauth-protected-resource';
const route = { methods: ['GET'], permissions: [], dialect: null } as const;

describe('protected-resource metadata', () => {
  let server: TestServer;
  beforeAll(async () => {
    server = await startServer({
      permissions: ['read:funds', 'write:funds'],
      routes: (upstream) => [
        { ...route, path: '/orders/*', permissions: ['read:orders'], api: 'orders', upstream },
        { ...route, path: '/shop', api: 'shop', upstream },
        { ...route, path: '/in-oauth', permissions: ['read:funds'], dialect: 'oauth2', upstream },
        { ...route, path: '/asked-about', api: 'orders' },
        { ...route, path: '/asked-for-scope', api: 'orders', permissions: ['read:orders'] },
      ],
    });
    await server.core.createApi(server.asOwner, {
      handle: 'orders',
      name: 'Orders',
      identifier: `${server.url}/orders`,
    });
    await server.restart({ trustedProxies: ['127.0.0.1'] });
    await server.core.createApi(server.asOwner, { handle: 'shop', name: 'Shop', identifier: 'https://shop.example' });
    await server.core.registerPermission(server.asOwner, { name: 'write:orders', api: 'orders' });
  });
  afterAll(() => server.stop());

  /** Asks at a host of any name. */
  const at = (path: string, host = new URL(server.url).host) =>
    new Promise<{ status: number | undefined; body: Record<string, unknown>; head: object }>((resolve, reject) => {
      const asked = request(server.url + path, { headers: { host } }, async (answer) => {
        const text = await answer.setEncoding('utf8').reduce((all: string, piece: string) => all + piece, '');
        resolve({ status: answer.statusCode, body: JSON.parse(text), head: answer.headers });
      });
      asked.on('error', reject).end();
    });
  const pathOf = (api = '') => `${server.url}${wellKnown}${api}`;

  it('oauth4webapi discovers Keyward and a guarded API by their addresses, and who issues their tokens', async () => {
    for (const [resource, scopes] of [
      [server.url, expect.arrayContaining(['read:funds', 'write:funds'])],
      [`${server.url}/orders`, ['read:orders', 'write:orders']],
    ] as const) {
      const identifier = new URL(resource);
      const found = await oauth.resourceDiscoveryRequest(identifier, insecure);
      const known = await oauth.processResourceDiscoveryResponse(identifier, found);
      expect(known).toEqual({
        resource,
        authorization_servers: [server.url],
        scopes_supported: scopes,
        bearer_methods_supported: ['header'],
        dpop_signing_alg_values_supported: expect.arrayContaining(['ES256']),
      });
      const issuer = new URL(known.authorization_servers?.[0] ?? '');
      const metadata = await oauth.discoveryRequest(issuer, { algorithm: 'oauth2', ...insecure });
      expect((await oauth.processDiscoveryResponse(issuer, metadata)).issuer).toBe(server.url);
    }
  });

  it('an API elsewhere is found at its host, and here by its handle', async () => {
    const shop = { resource: 'https://shop.example', authorization_servers: [server.url] };
    expect((await at(`${wellKnown}/v1/apis/shop`)).body).toMatchObject(shop);
    expect((await at(`${wellKnown}/v1/apis/orders`)).body).toMatchObject({ resource: `${server.url}/orders` });
    for (const path of ['/nothing', '/v1/apis/nothing', '/ORDERS']) {
      const { status, body } = await at(wellKnown + path);
      expect([status, body.error], path).toEqual([404, 'invalid_request']);
    }
  });

  it('what is said comes from the configuration, whatever host is asked [S40]', async () => {
    const own = await at(wellKnown);
    expect(own.body).toMatchObject({ resource: server.url, authorization_servers: [server.url] });
    expect(own.head).toMatchObject({ 'cache-control': 'public, max-age=300' });
    expect((await at(wellKnown, 'evil.example')).body).toEqual(own.body);
    expect((await at(wellKnown, 'shop.example')).body).toMatchObject({ resource: 'https://shop.example' });
    expect((await at(wellKnown, 'shop.example.evil.example')).body).toEqual(own.body);
  });

  it('every 401 names it, and what a guarded route needs: of Keyward, of the gateway for each API, and through a proxy', async () => {
    const challengeTo = async (path: string, headers: Record<string, string> = {}) => {
      const answer = await fetch(server.url + path, { headers });
      expect(answer.status, path).toBe(401);
      return answer.headers.get('www-authenticate');
    };
    const asked = { 'x-forwarded-method': 'GET', 'x-forwarded-uri': '/asked-about' };
    const scoped = { ...asked, 'x-forwarded-uri': '/asked-for-scope' };
    for (const [path, metadata, scope, headers] of [
      ['/v1/self', pathOf(), ''],
      ['/v1/check', pathOf(), ''],
      ['/in-oauth', pathOf(), ', scope="read:funds"'],
      ['/orders/1', pathOf('/orders'), ', scope="read:orders"'],
      ['/shop', pathOf('/v1/apis/shop'), ''],
      ['/forward-auth', pathOf('/orders'), '', asked],
      ['/forward-auth', pathOf('/orders'), ', scope="read:orders"', scoped],
    ] as const) {
      const bare = await challengeTo(path, headers);
      expect(bare, path).toBe(`Bearer realm="keyward"${scope}, resource_metadata="${metadata}"`);
      const wrong = await challengeTo(path, { ...headers, authorization: 'Bearer nonsense' });
      expect(wrong, path).toMatch(/^Bearer realm="keyward", error="invalid_token"/);
      expect(wrong, path).toContain(`${scope}, resource_metadata="${metadata}"`);
      const { status, body } = await at(metadata.slice(server.url.length));
      expect([status, body.authorization_servers], path).toEqual([200, [server.url]]);
    }
  });

  it('a 403 for a missing permission says which scope to ask for, and where (step-up)', async () => {
    const weak = await tokenFor(server, await apiTokenClient(server), { scope: 'write:funds' });
    const weaker = await tokenFor(server, await apiTokenClient(server), {
      scope: 'write:orders',
      resource: `${server.url}/orders`,
    });
    for (const [path, bearer, scope, metadata] of [
      ['/in-oauth', weak, 'read:funds', pathOf()],
      ['/v1/check?permissions=read:funds', weak, 'read:funds', pathOf()],
      ['/v1/users', weak, 'read:user', pathOf()],
      ['/orders/1', weaker, 'read:orders', pathOf('/orders')],
    ] as const) {
      const refused = await call(server, path, bearer);
      expect(refused.status, path).toBe(403);
      const challenge = refused.headers.get('www-authenticate');
      expect(challenge, path).toMatch(/^Bearer realm="keyward", error="insufficient_scope"/);
      expect(challenge, path).toContain(`, scope="${scope}", resource_metadata="${metadata}"`);
    }
  });

  it('follows a new identifier, and is not told of where OAuth is off or the language is an older one', async () => {
    const challengeOf = async (url: string) => (await fetch(url)).headers.get('www-authenticate');
    await server.core.updateApi(server.asOwner, 'shop', { identifier: `${server.url}/shop` });
    await expect.poll(() => challengeOf(`${server.url}/shop`)).toContain(pathOf('/shop'));
    const legacy = (upstream: string) =>
      (['debricked', 'parsers', 'versio', 'bluebricks', 'rebelcore'] as const).map((dialect) => ({
        ...route,
        path: `/in-${dialect}`,
        dialect,
        upstream,
      }));
    const other = await startServer({ routes: legacy, dialects: { oauth2: false } });
    const both = await startServer({ routes: legacy });
    try {
      expect(await challengeOf(`${other.url}/v1/self`)).toBe('Bearer realm="keyward"');
      expect((await fetch(other.url + wellKnown)).status).toBe(404);
      for (const { path } of legacy('')) {
        const challenge = await challengeOf(both.url + path);
        expect(challenge, path).toBe(await challengeOf(other.url + path));
        expect(challenge, path).not.toContain('resource_metadata');
      }
    } finally {
      await other.stop();
      await both.stop();
    }
  });
});
