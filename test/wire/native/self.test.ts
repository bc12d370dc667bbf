// The holder of a credential about itself, and the ways in which a credential may travel.

import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { AccessTokenResponse, Self } from '../../../sdk/src/wire.ts';
import { startServer, type TestServer } from '../../server.ts';
import { bearerOf, call, challengeOf, expectFaults, expectProblem, signIn, time } from './calls.ts';

let server: TestServer;
beforeAll(async () => {
  server = await startServer();
});
afterAll(() => server?.stop());

const self = (bearer?: string, query = '') => call<Self>(server, 'GET', `/v1/self${query}`, bearer);

describe('GET /v1/self', () => {
  test('tells a user seven things and no more', async () => {
    const { status, body, headers } = await self(await signIn(server, server.owner));
    expect(status).toBe(200);
    expect(headers.get('cache-control')).toBe('no-store');
    expect(body).toEqual({
      id: server.owner.id,
      type: 'user',
      name: server.owner.email,
      externalId: null,
      organization: { id: server.organization.id, name: 'acme', externalId: null },
      permissions: ['*:*'],
      expiresAt: expect.stringMatching(time),
    });
  });

  test('tells an API token its own permissions, as far as its owner still holds them', async () => {
    const { user } = await server.core.createUser(server.asOwner, {
      email: 'narrowed@people.example',
      name: 'Narrowed',
      role: 'admin',
    });
    const caller = await server.callerFor({ type: 'user', id: user.id });
    const { token, secret } = await server.core.createApiToken(caller, { permissions: ['read:plan', 'read:funds'] });
    expect((await self(secret)).body).toEqual({
      id: token.id,
      type: 'api_token',
      name: token.name,
      externalId: null,
      organization: { id: server.organization.id, name: 'acme', externalId: null },
      permissions: ['read:plan', 'read:funds'],
      expiresAt: null,
    });
    await server.core.updateUser(server.asOwner, user.id, { role: 'member' });
    expect((await self(secret)).body.permissions).toEqual(['read:plan']);
  });

  test('tells an API user, through its access token', async () => {
    const { apiUser, password } = await server.core.createApiUser(server.asOwner, { name: 'Machine', role: 'viewer' });
    const proof = { username: apiUser.username, password };
    const { body } = await call<AccessTokenResponse>(server, 'POST', '/v1/access-tokens', undefined, proof);
    expect((await self(body.accessToken)).body).toMatchObject({
      id: apiUser.id,
      type: 'api_user',
      name: apiUser.username,
      expiresAt: body.expiresAt,
    });
  });

  test('says when a token ends, and refuses it from then on with words of its own', async () => {
    const expiresAt = server.clock.now() + 60_000;
    const { secret } = await server.core.createApiToken(server.asOwner, { permissions: [], expiresAt });
    expect((await self(secret)).body.expiresAt).toBe(new Date(expiresAt).toISOString());
    server.clock.advance(60_000);
    const ended = await self(secret);
    expectProblem(ended, 401, 'expired_credential');
    expect(ended.headers.get('www-authenticate')).toBe(challengeOf(server, ', error="invalid_token"'));
  });

  test('refuses a token that is only for exchange, and says so', async () => {
    const { secret } = await server.core.createApiToken(server.asOwner, { permissions: [], use: 'exchange' });
    expectProblem(await self(secret), 401, 'exchange_only_credential');
  });

  test('says the same of a credential that nobody made, that was turned off and that was deleted', async () => {
    const { core, asOwner } = server;
    const off = await core.createApiToken(asOwner, { permissions: [] });
    await core.deactivateApiToken(asOwner, { id: off.token.id });
    const gone = await core.createApiToken(asOwner, { permissions: [] });
    await core.deleteApiToken(asOwner, { id: gone.token.id });
    const unknown = await self('kw_nobody');
    expectProblem(unknown, 401, 'invalid_credential');
    expect((await self(off.secret)).text).toBe(unknown.text);
    expect((await self(gone.secret)).text).toBe(unknown.text);
  });

  test('takes the credential as the apiToken scheme and parameter too, and not in two places [S6]', async () => {
    const secret = await bearerOf(server, server.owner, ['read:funds']);
    const scheme = await call<Self>(server, 'GET', '/v1/self', undefined, undefined, {
      authorization: `apiToken ${secret}`,
    });
    expect(scheme.body.permissions).toEqual(['read:funds']);
    expect((await self(undefined, `?apiToken=${secret}`)).body.permissions).toEqual(['read:funds']);
    expectProblem(await self(secret, `?apiToken=${secret}`), 400, 'invalid_request');
    for (const name of ['access_token', 'api_key', 'token']) {
      expectProblem(await self(undefined, `?${name}=${secret}`), 400, 'invalid_request');
    }
    expect(server.logs()).not.toContain(secret);
  });

  test('takes no password as a credential for a call', async () => {
    const basic = Buffer.from(`${server.owner.email}:${server.owner.password}`).toString('base64');
    const answer = await call(server, 'GET', '/v1/self', undefined, undefined, { authorization: `Basic ${basic}` });
    expect(answer.status).toBe(401);
  });

  test('refuses a query that it does not know', async () => {
    expectFaults(await self(await bearerOf(server, server.owner), '?organization=other'), '/query/organization');
  });
});

describe('without the versio dialect', () => {
  test('the apiToken parameter is nothing but an unknown one [S5]', async () => {
    const without = await startServer({ dialects: { versio: false } });
    const secret = await bearerOf(without, without.owner);
    expectProblem(await call(without, 'GET', `/v1/self?apiToken=${secret}`), 401, 'unauthenticated');
    expectFaults(await call(without, 'GET', '/v1/self?apiToken=x', secret), '/query/apiToken');
    await without.stop();
  });
});

describe('PUT /v1/self/password', () => {
  const put = (bearer: string, body: unknown) => call(server, 'PUT', '/v1/self/password', bearer, body);
  const next = 'a few words in a row';

  test('changes the password and ends what the old one opened', async () => {
    const email = 'changing@people.example';
    const { password } = await server.core.createUser(server.asOwner, { email, name: 'Changing', role: 'member' });
    const bearer = await signIn(server, { email, password });
    const answer = await put(bearer, { current: password, next });
    expect([answer.status, answer.text]).toEqual([204, '']);
    expectProblem(await self(bearer), 401, 'invalid_credential');
    expectProblem(await call(server, 'POST', '/v1/login', undefined, { email, password }), 401, 'invalid_credential');
    expect((await self(await signIn(server, { email, password: next }))).status).toBe(200);
    for (const one of [password, next]) expect(server.logs()).not.toContain(one);
  });

  test('wants the present password, and a next one that is long enough', async () => {
    const { password } = server.member;
    const bearer = await signIn(server, server.member);
    expectFaults(await put(bearer, { current: 'not the password', next }), '/body/current');
    expectFaults(await put(bearer, { current: password, next: 'short' }), '/body/next');
    expectFaults(await put(bearer, { current: password }), '/body/next');
    expect((await self(bearer)).status).toBe(200);
  });

  test('is not for tokens', async () => {
    const answer = await put(await bearerOf(server, server.member, ['read:plan']), {
      current: server.member.password,
      next,
    });
    expectProblem(answer, 403, 'forbidden');
  });
});
