// Signing in and exchanging: what is issued, and that every refusal is one.

import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { AccessTokenResponse, LoginResponse, Self } from '../../../sdk/src/wire.ts';
import { systemIn } from '../../../server/src/core/caller/caller.ts';
import { register } from '../../assembled-server.ts';
import { startServer, type TestServer } from '../../server.ts';
import { type Answered, bearerOf, call, challengeOf, expectFaults, expectProblem, signIn, time } from './calls.ts';

let server: TestServer;
beforeAll(async () => {
  server = await startServer();
});
afterAll(() => server?.stop());

const login = (body: unknown) => call<LoginResponse>(server, 'POST', '/v1/login', undefined, body);
const exchange = (body: unknown) => call<AccessTokenResponse>(server, 'POST', '/v1/access-tokens', undefined, body);
const self = (bearer: string) => call<Self>(server, 'GET', '/v1/self', bearer);

function partsOf(jwt: string): Record<string, unknown>[] {
  return jwt
    .split('.')
    .slice(0, 2)
    .map((part) => JSON.parse(Buffer.from(part, 'base64url').toString()));
}

/** All that a client can see of an answer, but for the date. */
function seen({ status, headers, text }: Answered): string {
  return JSON.stringify([status, [...headers].filter(([name]) => name !== 'date'), text]);
}

async function newPerson(name: string) {
  const email = `${name}@people.example`;
  const { user, password } = await server.core.createUser(server.asOwner, { email, name, role: 'member' });
  return { id: user.id, email, password };
}

describe('POST /v1/login', () => {
  test('answers an access token of twelve hours and who signed in, and nothing else', async () => {
    const { email, password, id } = server.owner;
    const { status, headers, body } = await login({ email, password });
    expect(status).toBe(200);
    expect(headers.get('cache-control')).toBe('no-store');
    expect(body).toEqual({
      accessToken: expect.stringMatching(/^[\w-]+\.[\w-]+\.[\w-]+$/),
      tokenType: 'Bearer',
      expiresAt: expect.stringMatching(time),
      user: { id, email, name: 'The owner' },
    });
    const left = Date.parse(body.expiresAt) - server.clock.now();
    expect(left).toBeGreaterThan(12 * 3_600_000 - 1000);
    expect(left).toBeLessThanOrEqual(12 * 3_600_000);
    expect((await self(body.accessToken)).body.id).toBe(id);
  });

  test('issues an RFC 9068 access token: its own type, and claims in one order [S33]', async () => {
    const { email, password, id } = server.owner;
    const { body } = await login({ email, password });
    const [header = {}, claims = {}] = partsOf(body.accessToken);
    expect(header).toEqual({ alg: 'ES256', typ: 'at+jwt', kid: expect.any(String) });
    expect(Object.keys(claims)).toEqual(['exp', 'iat', 'client_id', 'scope', 'iss', 'aud', 'jti', 'sub', 'src', 'sid']);
    expect(claims).toMatchObject({ client_id: id, sub: id, scope: '*:*', iss: server.url, aud: server.url });
    expect(Number(claims.exp) - Number(claims.iat)).toBe(12 * 3600);
  });

  test('takes the e-mail address in any case, and with spaces around it', async () => {
    const { email, password } = server.owner;
    expect((await login({ email: ` ${email.toUpperCase()} `, password })).status).toBe(200);
  });

  test('refuses every wrong way in the same bytes: absent, wrong, empty, too long, disabled, deleted, a machine [S21]', async () => {
    const active = await newPerson('active');
    const disabled = await newPerson('disabled');
    const deleted = await newPerson('deleted');
    await server.core.deactivateUser(server.asOwner, disabled.id);
    await server.core.deleteUser(server.asOwner, deleted.id);
    const machine = await server.core.createApiUser(server.asOwner, { name: 'Machine', role: 'member' });
    const closed = await server.addOrganization('closed');
    await server.core.deactivateOrganization(systemIn(), closed.id);
    const wrong = await login({ email: active.email, password: 'not the password at all' });
    expectProblem(wrong, 401, 'invalid_credential');
    expect(wrong.headers.get('www-authenticate')).toBe(challengeOf(server));
    const others = [
      { email: 'absent@people.example', password: active.password },
      { email: active.email, password: '' },
      { email: '', password: active.password },
      { email: 'not an address', password: active.password },
      { email: active.email, password: 'x'.repeat(60_000) },
      { email: active.email, password: `${active.password}x` },
      { email: disabled.email, password: disabled.password },
      { email: deleted.email, password: deleted.password },
      { email: machine.apiUser.username, password: machine.password },
      { email: closed.owner.email, password: closed.owner.password },
    ];
    for (const body of others) expect(seen(await login(body)), body.email).toBe(seen(wrong));
    expect((await login(active)).status).toBe(400);
    expect((await login({ email: active.email, password: active.password })).status).toBe(200);
  });

  test('says which field is missing, of another type, or unknown', async () => {
    const { email, password } = server.owner;
    expectFaults(await login({}), '/body/email', '/body/password');
    expectFaults(await login({ email: 1, password: null }), '/body/email', '/body/password');
    expectFaults(await login({ email, password, role: 'owner' }), '/body/role');
    expectFaults(await login([]), '/body');
    expectFaults(await login(undefined), '/body');
  });
});

describe('POST /v1/access-tokens', () => {
  test("exchanges an API token for a JWT of an hour that may do what the token's owner still may", async () => {
    const { token, secret } = await server.core.createApiToken(server.asOwner, {
      permissions: ['read:funds', 'read:*'],
    });
    const { status, body } = await exchange({ apiToken: secret });
    expect(status).toBe(200);
    expect(Object.keys(body)).toEqual(['accessToken', 'tokenType', 'expiresAt']);
    const [header = {}, claims = {}] = partsOf(body.accessToken);
    expect(header).toMatchObject({ alg: 'ES256', typ: 'at+jwt' });
    expect(claims).toMatchObject({ client_id: token.id, sub: token.id, scope: 'read:funds read:*' });
    expect(Number(claims.exp) - Number(claims.iat)).toBe(3600);
    expect(JSON.stringify([body, claims])).not.toContain(secret);
    expect((await self(body.accessToken)).body).toMatchObject({ id: token.id, type: 'api_token' });
  });

  test('exchanges names and passwords, of users and of API users', async () => {
    const { email, password, id } = server.owner;
    const asUser = await exchange({ username: email, password });
    expect((await self(asUser.body.accessToken)).body).toMatchObject({ id, type: 'user' });
    const machine = await server.core.createApiUser(server.asOwner, { name: 'Machine', role: 'member' });
    const asMachine = await exchange({ username: machine.apiUser.username, password: machine.password });
    expect((await self(asMachine.body.accessToken)).body).toMatchObject({ id: machine.apiUser.id, type: 'api_user' });
  });

  test('makes a sealed token on demand, which says nothing to anyone', async () => {
    const secret = await bearerOf(server, server.owner, ['read:funds']);
    const { body } = await exchange({ apiToken: secret, form: 'sealed' });
    expect(body.accessToken).toMatch(/^AT1[\w-]+$/);
    expect((await self(body.accessToken)).body.permissions).toEqual(['read:funds']);
  });

  test('lets a token live as long as was asked, and never longer than the API token', async () => {
    const { secret } = await server.core.createApiToken(server.asOwner, {
      permissions: [],
      expiresAt: server.clock.now() + 600_000,
    });
    const lifetimeOf = async (more: object) => {
      const [, claims = {}] = partsOf((await exchange({ apiToken: secret, ...more })).body.accessToken);
      return Number(claims.exp) - Number(claims.iat);
    };
    expect(await lifetimeOf({ lifetimeSeconds: 60 })).toBe(60);
    expect(await lifetimeOf({ lifetimeSeconds: 43_200 })).toBe(600);
    expect(await lifetimeOf({})).toBe(600);
  });

  test('refuses every API token that may not be exchanged in the same bytes as one that nobody made [S21]', async () => {
    const { core, asOwner } = server;
    const make = async (more: object = {}) => core.createApiToken(asOwner, { permissions: [], ...more });
    const direct = await make({ use: 'direct' });
    const off = await make();
    await core.deactivateApiToken(asOwner, { id: off.token.id });
    const gone = await make();
    await core.deleteApiToken(asOwner, { id: gone.token.id });
    const ended = await make({ expiresAt: server.clock.now() + 1000 });
    server.clock.advance(2000);
    const unknown = await exchange({ apiToken: 'kw_nobody' });
    expectProblem(unknown, 401, 'invalid_credential');
    for (const { secret } of [direct, off, gone, ended, { secret: '' }]) {
      expect(seen(await exchange({ apiToken: secret }))).toBe(seen(unknown));
    }
    expect(seen(await exchange({ username: server.owner.email, password: '' }))).toBe(seen(unknown));
  });

  test('wants one proof, whole', async () => {
    const { email: username, password } = server.owner;
    for (const body of [
      {},
      { username },
      { password },
      { apiToken: 'a', username },
      { apiToken: 'a', username, password },
    ]) {
      expectFaults(await exchange(body), '/body');
    }
    expectFaults(await exchange({ username, password, form: 'jwe' }), '/body/form');
    expectFaults(await exchange({ username, password, lifetimeSeconds: 59 }), '/body/lifetimeSeconds');
    expectFaults(await exchange({ username, password, lifetimeSeconds: 43_201 }), '/body/lifetimeSeconds');
    expectFaults(await exchange({ username, password, scope: '*:*' }), '/body/scope');
  });

  test('ends with the API token that it was made from, at once', async () => {
    const { token, secret } = await server.core.createApiToken(server.asOwner, { permissions: ['read:funds'] });
    const forms = ['jwt', 'sealed'];
    const made = await Promise.all(
      forms.map(async (form) => (await exchange({ apiToken: secret, form })).body.accessToken),
    );
    for (const one of made) expect((await self(one)).status).toBe(200);
    await server.core.deactivateApiToken(server.asOwner, { id: token.id });
    for (const one of made) expectProblem(await self(one), 401, 'invalid_credential');
    await server.core.activateApiToken(server.asOwner, { id: token.id });
    for (const one of made) expectProblem(await self(one), 401, 'invalid_credential');
  });
});

test('writes no password, API token or access token to the log [S124]', async () => {
  const { email, password } = server.owner;
  const secret = await bearerOf(server, server.owner);
  const { accessToken } = (await login({ email, password })).body;
  await exchange({ apiToken: secret });
  await exchange({ username: email, password, nonsense: secret });
  await self(accessToken);
  for (const one of [password, secret, accessToken]) expect(server.logs()).not.toContain(one);
  expect(server.logs()).toContain('/v1/login');
});

test('whatever is issued is accepted: who holds many permissions signs in and exchanges', async () => {
  const permissions = Array.from({ length: 200 }, (_, at) => `read:${'resource-of-some-length'.padEnd(55, '-')}${at}`);
  await register(server, ...permissions);
  await server.core.createRole(server.asOwner, { name: 'many', permissions });
  const wanted = { email: 'many@people.example', name: 'Many', role: 'many' };
  const { user, password } = await server.core.createUser(server.asOwner, wanted);
  const bearers = [await signIn(server, { email: user.email, password })];
  const { secret } = await server.core.createApiToken(server.asOwner, { permissions });
  for (const form of ['jwt', 'sealed']) {
    const { body } = await call<{ accessToken: string }>(server, 'POST', '/v1/access-tokens', undefined, {
      apiToken: secret,
      form,
    });
    bearers.push(body.accessToken);
  }
  for (const bearer of bearers) {
    const self = await call<{ permissions: string[] }>(server, 'GET', '/v1/self', bearer);
    expect([self.status, self.body.permissions.length]).toEqual([200, 200]);
  }
  const tooMany = Array.from({ length: 201 }, (_, at) => `read:thing-${at}`);
  await expect(server.core.createApiToken(server.asOwner, { permissions: tooMany })).rejects.toThrow('at most 200');
});
