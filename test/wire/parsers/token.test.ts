// POST /v2/auth/token answered with a token.

import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { register } from '../../assembled-server.ts';
import { startServer, type TestServer } from '../../server.ts';
import { apiKey, authorize, basic, call, demoFunds, endpoint, funds, jwtFor, jwtOf, readJwt } from './calls.ts';

describe.each(['sqlite', 'postgres'] as const)('a token on %s', (database) => {
  let server: TestServer;
  beforeAll(async () => {
    server = await startServer({ database });
  });
  afterAll(() => server.stop());

  it('is given for a login and password, with no body, and alone in its answer', async () => {
    const response = await authorize(server, basic(server.owner.email, server.owner.password));
    expect(response.status).toBe(200);
    expect(response.headers.get('content-type')).toMatch(/^application\/json/);
    expect(response.headers.get('cache-control')).toBe('no-store');
    const reply = (await response.json()) as { token: string };
    expect(Object.keys(reply)).toEqual(['token']);
    expect((await call(server, funds, `Bearer ${reply.token}`)).status).toBe(200);
  });

  it('is given for an API key without a password, with a colon or without', async () => {
    const { secret } = await apiKey(server);
    const bare = `Basic ${Buffer.from(secret).toString('base64')}`;
    for (const authorization of [basic(secret), bare]) {
      const response = await authorize(server, authorization);
      expect(await response.clone().text()).not.toContain(secret);
      expect((await call(server, funds, `Bearer ${await jwtOf(response)}`)).status).toBe(200);
    }
  });

  it('for the demo key reaches the demo group and nothing else', async () => {
    const { secret } = await apiKey(server, { name: 'demo', permissions: ['read:demo_funds'] });
    const jwt = await jwtFor(server, secret);
    expect(readJwt(jwt).claims).toMatchObject({ login: 'demo', resources: ['read:demo_funds'] });
    expect((await call(server, demoFunds, `Bearer ${jwt}`)).status).toBe(200);
    expect((await call(server, funds, `Bearer ${jwt}`)).status).toBe(403);
  });

  it('is refused once its record is gone, and for ever', async () => {
    const jwt = await jwtFor(server, server.owner.email, server.owner.password);
    const { jti } = readJwt(jwt).claims as { jti: string };
    expect(await server.store.write((changes) => changes.issuedTokens.delete([jti]))).toBe(1);
    expect((await call(server, funds, `Bearer ${jwt}`)).status).toBe(401);
    await server.restart();
    expect((await call(server, funds, `Bearer ${jwt}`)).status).toBe(401);
  });

  it('works on after a restart, and ends at once when its key is deleted [S60]', async () => {
    const { token, secret } = await apiKey(server);
    const jwt = await jwtFor(server, secret);
    await server.restart();
    expect((await call(server, funds, `Bearer ${jwt}`)).status).toBe(200);
    await server.core.deleteApiToken(server.asOwner, { id: token.id });
    expect((await call(server, funds, `Bearer ${jwt}`)).status).toBe(401);
    expect((await authorize(server, basic(secret))).status).toBe(401);
  });
});

describe('a token', () => {
  let server: TestServer;
  beforeAll(async () => {
    server = await startServer();
  });
  afterAll(() => server.stop());

  it('is an RS256 JWT of 3,600 seconds with its claims in order', async () => {
    const { header, claims } = readJwt(await jwtFor(server, server.owner.email, server.owner.password));
    expect(Object.keys(header)).toEqual(['alg', 'typ', 'kid']);
    expect(header).toMatchObject({ alg: 'RS256', typ: 'JWT' });
    expect(Object.keys(claims).join()).toBe('id,login,role,resources,nbf,exp,iat,iss,aud,jti,sub,src');
    const iat = Math.floor(server.clock.now() / 1000);
    const { jti } = claims;
    const login = server.owner.email;
    expect(claims).toMatchObject({ id: jti, login, role: 'owner', resources: ['*:*'], nbf: iat, exp: iat + 3600, iat });
    expect(jti).toMatch(/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/);
  });

  it('stays readable for a key with more permissions than a token has room for', async () => {
    const permissions = ['read:funds', ...Array.from({ length: 199 }, (_, at) => `read:${'x'.repeat(50)}.${at}`)];
    await register(server, ...permissions);
    const jwt = await jwtFor(server, (await apiKey(server, { permissions })).secret);
    const { resources } = readJwt(jwt).claims as { resources: string[] };
    expect(resources).toEqual(permissions.slice(0, resources.length));
    expect(resources.length).toBeGreaterThan(50);
    expect((await call(server, funds, `Bearer ${jwt}`)).status).toBe(200);
  });

  it('is given to a user whose name is no e-mail address', async () => {
    const person = { email: 'Demo', name: 'The demo login', role: 'member' };
    const { user, password } = await server.core.createUser(server.asOwner, person);
    expect(user.email).toBe('demo');
    const response = await authorize(server, basic('demo', password));
    const { token } = (await response.json()) as { token: string };
    expect([response.status, JSON.parse(Buffer.from(token.split('.')[1] ?? '', 'base64url').toString()).login]).toEqual(
      [200, 'demo'],
    );
  });

  it('is given to an API user', async () => {
    const { apiUser, password } = await server.core.createApiUser(server.asOwner, { name: 'CI', role: 'member' });
    const { claims } = readJwt(await jwtFor(server, apiUser.username, password));
    expect(claims).toMatchObject({ login: apiUser.username, role: 'member' });
  });

  it.each(['a:b:c ü €', ' space around ', '%41+_?@-#!%=+&*^', '﻿bom'])(
    'is given for a password taken as it is: %j',
    async (tail) => {
      const password = `long enough to take${tail}`;
      const email = `p${Buffer.from(tail).toString('hex').slice(0, 20)}@acme.example`;
      const system = { ...server.asOwner, type: 'system' as const };
      await server.core.createUser(system, { email, name: 'P', role: 'member', password });
      expect((await authorize(server, basic(email, password))).status).toBe(200);
      expect((await authorize(server, basic(email, password.trim()))).status).toBe(
        password === password.trim() ? 200 : 401,
      );
      expect((await authorize(server, basic(email, encodeURIComponent(password)))).status).toBe(401);
    },
  );

  it.each([
    ['no padding', (text: string) => text.replace(/=+$/, '')],
    ['the scheme in lower case', (text: string) => text.replace('Basic', 'basic')],
    ['the scheme in upper case', (text: string) => text.replace('Basic', 'BASIC')],
    ['two spaces', (text: string) => text.replace(' ', '  ')],
  ])('is given with %s', async (_what, change) => {
    const { email, password } = server.owner;
    for (const name of [email, email.toUpperCase()]) {
      expect((await authorize(server, change(basic(name, password)))).status).toBe(200);
    }
  });

  it.each([
    ['an empty JSON body', { headers: { 'content-type': 'application/json' } }],
    ['a JSON body', { headers: { 'content-type': 'application/json' }, body: '{}' }],
    ['malformed JSON', { headers: { 'content-type': 'application/json' }, body: '{' }],
    ['a form', { headers: { 'content-type': 'application/x-www-form-urlencoded' }, body: 'grant_type=x' }],
    ['an empty form', { headers: { 'content-type': 'application/x-www-form-urlencoded' }, body: '' }],
    ['a media type that is none', { headers: { 'content-type': 'undefined' } }],
    ['a media type that is none, and a body', { headers: { 'content-type': ';;' }, body: 'x' }],
    ['a body of no type', { body: new Uint8Array([0, 255]) }],
  ])('is given whatever body comes along: %s', async (_what, init) => {
    const { email, password } = server.owner;
    expect((await authorize(server, basic(email, password), init)).status).toBe(200);
  });

  it('leaves neither the credentials nor itself in the log, nor with the guarded API [S124]', async () => {
    const { secret } = await apiKey(server);
    const jwt = await jwtFor(server, secret);
    await authorize(server, basic(`${secret}x`));
    const passed = await (await call(server, funds, `Bearer ${jwt}`)).text();
    for (const hidden of [secret, jwt, basic(secret).slice(6, 60), server.owner.password]) {
      expect(server.logs()).not.toContain(hidden);
      expect(passed).not.toContain(hidden);
    }
  });

  it('never outlives the key that it was made from', async () => {
    const { secret } = await apiKey(server, { expiresAt: server.clock.now() + 600_000 });
    const { claims } = readJwt(await jwtFor(server, secret));
    expect(Number(claims.exp) - Number(claims.iat)).toBeLessThanOrEqual(600);
  });

  it('is not given while the dialect is off', async () => {
    const other = await startServer({ dialects: { parsers: false } });
    try {
      const response = await fetch(other.url + endpoint, {
        method: 'POST',
        headers: { authorization: basic(other.owner.email, other.owner.password) },
      });
      expect(response.status).toBe(404);
    } finally {
      await other.stop();
    }
  });
});
