// POST /v2/auth/token answered with 400 (something is not specified), 401 (what was sent is invalid), or not at all.

import fc from 'fast-check';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { startServer, type TestServer } from '../../server.ts';
import { apiKey, authorize, basic, call, endpoint, jwtFor } from './calls.ts';

let server: TestServer;
beforeAll(async () => {
  server = await startServer();
});
afterAll(() => server.stop());

const notSpecified = { error: 'BadRequest', message: 'Username and/or password is not specified' };
const invalid = {
  error: 'Unauthorized',
  message: 'Username and/or password that was sent with the login request is invalid',
};

/** Status, headers and body, without what differs between any two answers. */
async function bytesOf(response: Response): Promise<string> {
  const headers = [...response.headers].filter(([name]) => name !== 'date');
  return JSON.stringify([response.status, headers, await response.text()]);
}

const encode = (text: string | Uint8Array) => Buffer.from(text).toString('base64');

it.each([
  ['no Authorization', undefined],
  ['a bearer', 'Bearer abc'],
  ['the scheme alone', 'Basic'],
  ['the scheme and spaces', 'Basic   '],
  ['no scheme', encode('a:b')],
  ['two parts', `Basic ${encode('a:b')} ${encode('a:b')}`],
  ['what is not base64', 'Basic a:b'],
  ['base64url', `Basic ${Buffer.from('???:>>>').toString('base64url')}`],
  ['base64 of one spelling too many', 'Basic YTpj'.replace('YTpj', 'YTpiYx==')],
  ['too much padding', 'Basic YTpi='],
  ['one character', 'Basic Y'],
  ['what is not UTF-8', `Basic ${encode(new Uint8Array([0x61, 0xff, 0x3a, 0x62]))}`],
  ['an overlong UTF-8 colon', `Basic ${encode(new Uint8Array([0x61, 0xc0, 0xba, 0x62]))}`],
  ['NUL in the user name', `Basic ${encode('a\0b:secret')}`],
  ['a line break in the user name', `Basic ${encode('a\nb:secret')}`],
  ['nothing but a colon', basic('')],
  ['a password alone', basic('', 'secret')],
  ['a login without a password', basic('someone@acme.example')],
  ['a login without a colon', `Basic ${encode('someone@acme.example')}`],
  ['a user name of spaces', basic('   ')],
])('answers 400 to %s', async (_what, authorization) => {
  const response = await authorize(server, authorization);
  expect(response.headers.get('cache-control')).toBe('no-store');
  expect([response.status, await response.json()]).toEqual([400, notSpecified]);
});

it('answers 400 to an empty password whether the login exists or not: the same bytes [S21]', async () => {
  const { email } = server.owner;
  const answers = [email, 'nobody@acme.example', email.toUpperCase(), 'nonsense'].map(async (username) =>
    bytesOf(await authorize(server, basic(username))),
  );
  expect(new Set(await Promise.all(answers)).size).toBe(1);
});

it('answers a wrong password, an unknown login and a deactivated one with the same 401 [S21]', async () => {
  const { core, asOwner, owner } = server;
  const person = { email: 'gone@acme.example', name: 'Gone', role: 'admin' };
  const { user, password } = await core.createUser(asOwner, person);
  await core.deactivateUser(asOwner, user.id);
  const { secret } = await apiKey(server);
  const answers = [
    [owner.email, 'wrong'],
    [owner.email, `${owner.password} `],
    [owner.email, ` ${owner.password}`],
    [encodeURIComponent(owner.email), owner.password],
    [` ${owner.email}`, owner.password],
    [`${owner.email}\u00a0`, owner.password],
    ['nobody@acme.example', 'wrong'],
    [user.email, password],
    [secret, 'a password beside a key'],
    ['x'.repeat(5_000), 'wrong'],
  ].map(async ([username = '', sent]) => bytesOf(await authorize(server, basic(username, sent))));
  const distinct = new Set(await Promise.all(answers));
  expect(distinct.size).toBe(1);
  expect([...distinct][0]).toContain(JSON.stringify(JSON.stringify(invalid)));
  const response = await authorize(server, basic(owner.email, 'wrong'));
  expect(response.headers.get('www-authenticate')).toBe('Basic realm="Keyward", charset="UTF-8"');
});

it('answers 401 to a key that has the shape of one of ours and cannot be exchanged, the same for every cause', async () => {
  const { core, asOwner } = server;
  const inactive = await apiKey(server);
  await core.deactivateApiToken(asOwner, { id: inactive.token.id });
  const deleted = await apiKey(server);
  await core.deleteApiToken(asOwner, { id: deleted.token.id });
  const direct = await apiKey(server, { use: 'direct' });
  const answers = [inactive.secret, deleted.secret, direct.secret].map(async (secret) => {
    const answer = await bytesOf(await authorize(server, basic(secret)));
    expect(answer).not.toContain(secret);
    return answer;
  });
  const distinct = [...new Set(await Promise.all(answers))];
  expect(distinct).toHaveLength(1);
  expect(distinct[0]).toContain(JSON.stringify(JSON.stringify(invalid)));
});

it('never trims or URL-decodes a key', async () => {
  const { secret } = await apiKey(server);
  const spellings = [` ${secret}`, `${secret} `, `${secret}\u00a0`, secret.toUpperCase()];
  for (const username of spellings) expect((await authorize(server, basic(username))).status).toBe(401);
  expect((await authorize(server, basic(secret.replace('_', '%5F')))).status).toBe(400);
});

it('answers 401 to whatever was meant as a key: it has a key’s beginning or a key’s length', async () => {
  const { secret } = await apiKey(server);
  const flipped = secret.slice(0, -1) + (secret.endsWith('0') ? '1' : '0');
  const meant = [flipped, secret.slice(0, 40), 'kw_', 'kw_nonsense', `x${secret.slice(1)}`, 'x'.repeat(secret.length)];
  for (const username of meant) {
    const response = await authorize(server, basic(username));
    expect([username, response.status, await response.json()]).toEqual([username, 401, invalid]);
  }
});

it('takes no JWT in place of a key', async () => {
  const jwt = await jwtFor(server, (await apiKey(server)).secret);
  expect((await authorize(server, basic(jwt))).status).toBe(400);
  expect((await authorize(server, `Bearer ${jwt}`)).status).toBe(400);
});

it('refuses a credential in the query, even beside a right one, and logs none of it [S5]', async () => {
  const { email, password } = server.owner;
  for (const parameter of ['access_token', 'api_key', 'token']) {
    const response = await fetch(`${server.url}${endpoint}?${parameter}=query-canary`, {
      method: 'POST',
      headers: { authorization: basic(email, password) },
    });
    const text = await response.text();
    expect(response.status).toBe(400);
    expect(JSON.parse(text)).toEqual({ error: 'BadRequest', message: expect.any(String) });
    expect(text).not.toContain('query-canary');
  }
  expect(server.logs()).not.toContain('query-canary');
});

it.each(['GET', 'HEAD', 'PUT', 'DELETE'])('answers 405 to %s and says that it takes POST [S65]', async (method) => {
  const response = await call(server, endpoint, undefined, method);
  expect(response.status).toBe(405);
  expect(response.headers.get('allow')).toBe('POST');
  const text = await response.text();
  if (method !== 'HEAD') expect(JSON.parse(text)).toEqual({ error: 'MethodNotAllowed', message: expect.any(String) });
});

it('answers 404 beside it, in its own words', async () => {
  const response = await call(server, '/v2/auth/other');
  expect([response.status, await response.json()]).toEqual([404, { error: 'NotFound', message: expect.any(String) }]);
});

it('answers 413 to a body over 64 kB [S75]', async () => {
  const response = await authorize(server, basic('a', 'b'), { body: 'x'.repeat(70_000) });
  expect([response.status, await response.json()]).toEqual([
    413,
    { error: 'ContentTooLarge', message: expect.any(String) },
  ]);
});

it('answers 400 or 401, and nothing else, to any user name and password', async () => {
  const text = fc.oneof(fc.string({ unit: 'binary', maxLength: 40 }), fc.uint8Array({ maxLength: 40 }));
  await fc.assert(
    fc.asyncProperty(text, async (sent) => {
      const response = await authorize(server, `Basic ${encode(sent)}`);
      const { status } = response;
      expect([status, await response.json()]).toEqual(status === 400 ? [400, notSpecified] : [401, invalid]);
    }),
    { numRuns: 60 },
  );
});
