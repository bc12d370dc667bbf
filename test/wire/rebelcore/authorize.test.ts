// POST /api/v1/authorize: 200 for an API user, one 401 for everyone else, 400 for what is no request.

import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startServer, type TestServer } from '../../server.ts';
import { type Authorized, addApiUser, authorize, infer, oneConnection, rawAuthorize, tokenFor } from './api-user.ts';

describe.each(['sqlite', 'postgres'] as const)('authorizing on %s', (database) => {
  let server: TestServer;
  beforeAll(async () => {
    server = await startServer({ database });
  });
  afterAll(() => server.stop());

  it('answers an opaque token that ends in exactly 24 hours, in whole seconds', async () => {
    const { username, password } = await addApiUser(server);
    expect(username).toMatch(/^[0-9a-f-]{36}@api\.keyward\.local$/);
    expect(password).toHaveLength(48);
    const response = await authorize(server, { username, password });
    const text = await response.text();
    expect(response.status).toBe(200);
    expect(response.headers.get('content-type')).toBe('application/json; charset=utf-8');
    expect(response.headers.get('cache-control')).toBe('no-store');
    const body = JSON.parse(text) as Authorized;
    expect(body).toEqual({
      token: expect.stringMatching(/^AT1[A-Za-z0-9_-]+$/),
      expires_at: Math.floor(server.clock.now() / 1000) + 86_400,
      token_type: 'Bearer',
    });
    expect(text).not.toContain(password);
    expect(text).not.toContain(username);
    expect((await infer(server, `Bearer ${body.token}`)).status).toBe(200);
  });

  it('gives every class of wrong credentials one answer, byte for byte, headers too [S21]', async () => {
    const { core, asOwner, member } = server;
    const right = await addApiUser(server);
    const inactive = await addApiUser(server);
    await core.deactivateApiUser(asOwner, inactive.id);
    const deleted = await addApiUser(server);
    await core.deleteApiUser(asOwner, deleted.id);
    const elsewhere = await server.addOrganization('elsewhere');
    const foreign = await core.createApiUser(elsewhere.owner.caller, { name: 'Robot', role: 'admin' });
    await core.deactivateOrganization(asOwner, elsewhere.id);
    const { password } = right;
    const classes = {
      'an unknown username': { username: right.username.replace(/^.{8}/, '00000000'), password },
      'a wrong password': { username: right.username, password: `${password.slice(0, -1)}!` },
      'a user who is no API user': { username: member.email, password: member.password },
      'an inactive API user': inactive,
      'a deleted API user': deleted,
      'an API user of an inactive organization': { username: foreign.apiUser.username, password: foreign.password },
      'an empty password': { username: right.username, password: '' },
      'an over-long password': { username: right.username, password: password + 'x'.repeat(50_000) },
      'an over-long username': { username: 'x'.repeat(50_000) + right.username, password },
      'nothing at all': { username: '', password: '' },
    };
    const agent = oneConnection();
    for (const [name, { username, password }] of Object.entries(classes)) {
      const { tookMs: _, ...answer } = await rawAuthorize(server, { username, password }, agent);
      expect(answer, name).toEqual({
        status: 401,
        headers: expect.arrayContaining(['www-authenticate', 'Bearer']),
        body: '{"detail":"invalid credentials"}',
      });
      const { tookMs: __, ...reference } = await rawAuthorize(
        server,
        { username: right.username, password: 'wrong' },
        agent,
      );
      expect(answer, name).toEqual(reference);
    }
    agent.destroy();
    expect((await authorize(server, right)).status).toBe(200);
    for (const secret of [password, inactive.password, member.password]) expect(server.logs()).not.toContain(secret);
  });

  it('takes a username as it was given, whatever its case and the width of its letters', async () => {
    const { username, password } = await addApiUser(server);
    expect((await authorize(server, { username: username.toUpperCase(), password })).status).toBe(200);
    expect((await authorize(server, { username, password: password.toLowerCase() })).status).toBe(401);
  });

  it.each(["' or 1=1 --", '%', '🜁', '\u202e', 'a:b', '\\', '*', '{{x}}'])(
    'answers 401 to the naughty username and password %j [S83]',
    async (text) => {
      expect((await authorize(server, { username: text, password: text })).status).toBe(401);
    },
  );
});

describe('what is no request', () => {
  let server: TestServer;
  let credentials: { username: string; password: string };
  beforeAll(async () => {
    server = await startServer();
    const { username, password } = await addApiUser(server);
    credentials = { username, password };
  });
  afterAll(() => server.stop());

  const missing = { msg: 'Field required', type: 'missing' };
  const notString = { msg: 'Input should be a valid string', type: 'string_type' };
  const notObject = {
    loc: ['body'],
    msg: 'Input should be a valid dictionary or object to extract fields from',
    type: 'model_attributes_type',
  };

  it.each([
    ['no password', '{"username":"a"}', [{ loc: ['body', 'password'], ...missing }]],
    ['no username', '{"password":"a"}', [{ loc: ['body', 'username'], ...missing }]],
    ['an empty object', '{}', ['username', 'password'].map((field) => ({ loc: ['body', field], ...missing }))],
    ['a number', '{"username":"a","password":1}', [{ loc: ['body', 'password'], ...notString }]],
    ['null', '{"username":null,"password":"a"}', [{ loc: ['body', 'username'], ...notString }]],
    ['an array', '{"username":["a"],"password":"a"}', [{ loc: ['body', 'username'], ...notString }]],
    ['an array for a body', '[]', [notObject]],
    ['a string for a body', '"a"', [notObject]],
    ['no body', '', [{ loc: ['body'], ...missing }]],
  ])('answers 400 to %s, with the place and the kind of the fault', async (_what, body, detail) => {
    const response = await authorize(server, body);
    expect(response.status).toBe(400);
    expect(await response.json()).toEqual({ detail });
  });

  it.each([
    ['half of a body', '{"username":'],
    ['a duplicate key', '{"username":"a","username":"b","password":"c"}'],
    ['a NUL', '{"username":"a\\u0000","password":"b"}'],
    ['a lone surrogate', '{"username":"\\ud800","password":"b"}'],
    ['a __proto__', '{"__proto__":{"username":"a"},"username":"a","password":"b"}'],
    ['NaN', '{"username":NaN,"password":"b"}'],
    ['deep nesting', '['.repeat(20_000)],
  ])('answers 400 json_invalid to %s', async (_what, body) => {
    const response = await authorize(server, body);
    expect(response.status).toBe(400);
    expect(await response.json()).toEqual({
      detail: [{ loc: ['body'], msg: expect.any(String), type: 'json_invalid' }],
    });
  });

  it('repeats nothing of what was sent in its complaint', async () => {
    const { password } = credentials;
    const response = await authorize(server, { username: [password], password: { password } });
    expect(response.status).toBe(400);
    expect(await response.text()).not.toContain(password);
    expect(server.logs()).not.toContain(password);
  });

  it('ignores fields that it does not know, and never binds them [S55]', async () => {
    const more = { ...credentials, expires_at: 9_999_999_999, role: 'owner', grant_type: 'password' };
    const response = await authorize(server, more);
    expect(response.status).toBe(200);
    expect(((await response.json()) as Authorized).expires_at).toBe(Math.floor(server.clock.now() / 1000) + 86_400);
  });

  it('ignores a stray Authorization header', async () => {
    const headers = { 'content-type': 'application/json', authorization: 'Bearer stale' };
    expect((await authorize(server, credentials, headers)).status).toBe(200);
  });

  it('answers 400 to credentials in the query and leaves them unread [S5]', async () => {
    const { token } = (await (await authorize(server, credentials)).json()) as Authorized;
    const response = await fetch(`${server.url}/api/v1/authorize?access_token=${token}`, { method: 'POST' });
    expect(response.status).toBe(400);
    expect(server.logs()).not.toContain(token);
  });

  it('answers 413 beyond 64 kB', async () => {
    const response = await authorize(server, { username: 'a', password: 'x'.repeat(70_000) });
    expect(response.status).toBe(413);
    expect(await response.json()).toEqual({ detail: expect.any(String) });
  });

  it.each(['text/plain', 'application/x-www-form-urlencoded', 'multipart/form-data; boundary=x'])(
    'answers 415 to %s [S9]',
    async (type) => {
      const response = await authorize(server, credentials, { 'content-type': type });
      expect(response.status).toBe(415);
      expect(await response.json()).toEqual({ detail: expect.any(String) });
    },
  );

  it.each(['GET', 'PUT', 'DELETE'])('answers 405 to %s', async (method) => {
    const response = await fetch(`${server.url}/api/v1/authorize`, { method });
    expect(response.status).toBe(405);
    expect(response.headers.get('allow')).toBe('POST');
  });

  it('answers 404 below its path', async () => {
    const response = await fetch(`${server.url}/api/v1/authorize/more`);
    expect(response.status).toBe(404);
    expect(await response.json()).toEqual({ detail: expect.any(String) });
  });

  it('gives every call a token of its own', async () => {
    const tokens = await Promise.all(Array.from({ length: 10 }, () => tokenFor(server, credentials)));
    expect(new Set(tokens).size).toBe(10);
  });
});
