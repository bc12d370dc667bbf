// POST /api/login_check: a user name and password for a JWT, for those who may use the API.

import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { systemIn } from '../../../server/src/core/caller/caller.ts';
import { startServer, type TestServer } from '../../server.ts';
import { call, formats, jwtOf, loginCheck, post, postText, readJwt, signIn } from './calls.ts';

describe.each(['sqlite', 'postgres'] as const)('signing in on %s', (database) => {
  let server: TestServer;
  beforeAll(async () => {
    server = await startServer({ database });
  });
  afterAll(() => server.stop());

  it.each(['json', 'form'] as const)('exchanges a user name and password sent as %s', async (as) => {
    const { email, password } = server.owner;
    const response = await post(server, loginCheck, { _username: email, _password: password }, as);
    expect(response.status).toBe(200);
    expect(response.headers.get('content-type')).toMatch(/^application\/json/);
    expect(response.headers.get('cache-control')).toBe('no-store');
    const reply = (await response.json()) as Record<string, unknown>;
    expect(Object.keys(reply)).toEqual(['token']);
    expect(Object.values(reply).every((value) => typeof value === 'string')).toBe(true);
    expect((await call(server, formats, `Bearer ${reply.token}`)).status).toBe(200);
  });

  it('answers a wrong password, an unknown name, an empty password and a deactivated user with the same bytes [S21]', async () => {
    const { user, password } = await server.core.createUser(server.asOwner, {
      email: `gone@${database}.example`,
      name: 'Gone',
      role: 'admin',
    });
    await server.core.deactivateUser(server.asOwner, user.id);
    const { email } = server.owner;
    const answers = await Promise.all(
      [
        [email, 'wrong'],
        ['nobody@acme.example', 'wrong'],
        [email, ''],
        ['', ''],
        [user.email, password],
        [email, 'w'.repeat(5_000)],
      ].map(async ([_username, _password]) => {
        const response = await post(server, loginCheck, { _username, _password });
        const headers = [...response.headers].filter(([name]) => name !== 'date');
        return JSON.stringify([response.status, headers, await response.text()]);
      }),
    );
    expect(new Set(answers).size).toBe(1);
    expect(answers[0]).toContain('401');
    expect(answers[0]).toContain('["www-authenticate","Bearer"]');
    expect(answers[0]).toContain(JSON.stringify('{"code":401,"message":"Invalid credentials."}'));
  });
});

describe('signing in', () => {
  let server: TestServer;
  beforeAll(async () => {
    server = await startServer();
  });
  afterAll(() => server.stop());

  it('issues an RS256 JWT of 3,600 seconds with its claims in order', async () => {
    const { header, claims } = readJwt(await jwtOf(signIn(server, server.owner)));
    expect(Object.keys(header)).toEqual(['alg', 'typ', 'kid']);
    expect(header).toMatchObject({ alg: 'RS256', typ: 'JWT' });
    expect(Object.keys(claims)).toEqual(['iat', 'exp', 'roles', 'username', 'iss', 'aud', 'jti', 'sub', 'src']);
    const iat = Math.floor(server.clock.now() / 1000);
    const roles = ['ROLE_USER', 'ROLE_ADMIN'];
    expect(claims).toMatchObject({ iat, exp: iat + 3600, roles, username: server.owner.email });
  });

  it('lets users of a role with API access in, and API users, without ROLE_ADMIN', async () => {
    const { core, asOwner } = server;
    await core.createRole(asOwner, { name: 'integration', permissions: ['access:api', 'read:files'] });
    const person = await core.createUser(asOwner, { email: 'api@acme.example', name: 'A', role: 'integration' });
    const machine = await core.createApiUser(asOwner, { name: 'CI', role: 'integration' });
    for (const [email, password] of [
      [person.user.email, person.password],
      [machine.apiUser.username, machine.password],
    ] as const) {
      const jwt = await jwtOf(signIn(server, { email, password }));
      expect(readJwt(jwt).claims).toMatchObject({ roles: ['ROLE_USER'], username: email });
      expect((await call(server, formats, `Bearer ${jwt}`)).status).toBe(200);
    }
  });

  it('takes a user name in any case and width', async () => {
    const email = server.owner.email.toUpperCase();
    expect((await signIn(server, { email, password: server.owner.password })).status).toBe(200);
  });

  it.each(['json', 'form'] as const)(
    'ignores unknown fields and a stray Authorization with a body of %s',
    async (as) => {
      const { email, password } = server.owner;
      const fields = { _username: email, _password: password, roles: 'ROLE_ADMIN', permissions: '*:*' };
      for (const bearer of ['', 'not.a.token']) {
        expect((await post(server, loginCheck, fields, as, bearer)).status).toBe(200);
      }
    },
  );

  it('answers 403 to right credentials without API access, and issues nothing', async () => {
    const response = await signIn(server, server.member);
    expect(response.status).toBe(403);
    expect(await response.json()).toEqual({ code: 403, message: 'you do not have access to current operation' });
  });

  it.each([
    ['no body', ''],
    ['an absent password', '{"_username":"a@b.example"}'],
    ['an absent user name', '{"_password":"secret-canary"}'],
    ['a number for a password', '{"_username":"a@b.example","_password":5}'],
    ['null for a user name', '{"_username":null,"_password":"secret-canary"}'],
    ['an array', '["secret-canary"]'],
    ['a string', '"secret-canary"'],
    ['malformed JSON', '{"_username":"a@b.example","_password":"secret-canary"'],
    ['a repeated field', '{"_username":"a","_username":"b","_password":"secret-canary"}'],
    ['__proto__', '{"__proto__":{},"_username":"a","_password":"secret-canary"}'],
    ['NUL', '{"_username":"a\\u0000b","_password":"secret-canary"}'],
    ['a lone surrogate', '{"_username":"\\ud800","_password":"secret-canary"}'],
  ])('answers 400 with a message to %s [S76]', async (_what, body) => {
    const response = await postText(server, loginCheck, body, 'application/json');
    const text = await response.text();
    expect(response.status).toBe(400);
    expect(JSON.parse(text)).toEqual({ code: 400, message: expect.stringMatching(/./) });
    expect(text).not.toContain('secret-canary');
  });

  it.each([
    '_username=a',
    '_username=a&_username=b&_password=c',
    '_username[]=a&_password=c',
    '_username=%zz&_password=c',
  ])('answers 400 with a message to the form %s [S78]', async (body) => {
    const response = await postText(server, loginCheck, body, 'application/x-www-form-urlencoded');
    expect(response.status).toBe(400);
    expect(await response.json()).toEqual({ code: 400, message: expect.stringMatching(/./) });
  });

  it('answers 400 to a credential in the query, and logs none of it [S5]', async () => {
    const response = await postText(server, `${loginCheck}?access_token=query-canary`, '{}', 'application/json');
    expect(response.status).toBe(400);
    expect(await response.text()).not.toContain('query-canary');
    expect(server.logs()).not.toContain('query-canary');
  });

  it('answers 415 to any other media type, 413 to a body over 64 kB [S9, S75]', async () => {
    const text = await postText(server, loginCheck, '_username=a&_password=b', 'text/plain');
    expect([text.status, await text.json()]).toEqual([415, { code: 415, message: expect.any(String) }]);
    const huge = await post(server, loginCheck, { _username: 'a', _password: 'b'.repeat(70_000) });
    expect([huge.status, await huge.json()]).toEqual([413, { code: 413, message: expect.any(String) }]);
  });

  it.each(['GET', 'PUT', 'DELETE'])('answers 405 to %s and says that it takes POST [S65]', async (method) => {
    const response = await call(server, loginCheck, undefined, method);
    expect(response.headers.get('allow')).toBe('POST');
    expect([response.status, await response.json()]).toEqual([405, { code: 405, message: expect.any(String) }]);
  });

  it('answers 404 below it, in its own words', async () => {
    const response = await call(server, `${loginCheck}/more`);
    expect([response.status, await response.json()]).toEqual([404, { code: 404, message: expect.any(String) }]);
  });

  it('refuses a JWT made before the user was deactivated, and again after the user is back [S60]', async () => {
    const { core, asOwner, organization } = server;
    const person = { email: 'leaver@acme.example', name: 'Leaver', role: 'admin' };
    const { user, password } = await core.createUser(systemIn(organization), person);
    const jwt = await jwtOf(signIn(server, { email: user.email, password }));
    expect((await call(server, formats, `Bearer ${jwt}`)).status).toBe(200);
    await core.deactivateUser(asOwner, user.id);
    expect((await call(server, formats, `Bearer ${jwt}`)).status).toBe(401);
    await core.activateUser(asOwner, user.id);
    expect((await call(server, formats, `Bearer ${jwt}`)).status).toBe(401);
  });

  it('logs neither password nor token [S124]', async () => {
    const jwt = await jwtOf(signIn(server, server.owner, 'form'));
    expect(server.logs()).not.toContain(server.owner.password);
    expect(server.logs()).not.toContain(jwt);
  });
});
