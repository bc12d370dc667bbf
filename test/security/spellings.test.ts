// Every credential has one spelling: what only has the low bytes of its characters is refused, by every way in which text
// that is not ASCII can reach the server.

import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { lowByteTwinsOf, neighboursOf } from '../../rules/src/low-byte-twins.test-support.ts';
import { startServer, type TestServer } from '../server.ts';
import { bearerOf, call } from '../wire/native/calls.ts';
import { cookieName, signedIn } from '../wire/native/session-client.ts';

let server: TestServer;
let verifier: string;
const credentials = new Map<string, string>();
const forms = ['api token', 'oauth jwt', 'debricked jwt', 'parsers jwt', 'sealed'] as const;

beforeAll(async () => {
  server = await startServer();
  const { core, owner } = server;
  verifier = await bearerOf(server, owner, ['verify:credential']);
  const apiToken = (await core.createApiToken(owner.caller, { permissions: ['read:organization'], use: 'both' }))
    .secret;
  const ask = async (path: string, body?: object, headers = {}) => {
    const { body: answer } = await call<Record<string, string>>(server, 'POST', path, undefined, body, headers);
    return answer.accessToken ?? answer.token ?? expect.unreachable(JSON.stringify(answer));
  };
  const basic = { authorization: `Basic ${Buffer.from(`${apiToken}:`).toString('base64')}` };
  credentials.set('api token', apiToken);
  credentials.set('oauth jwt', await ask('/v1/access-tokens', { apiToken }));
  credentials.set('debricked jwt', await ask('/api/login_refresh', { refresh_token: apiToken }));
  credentials.set('parsers jwt', await ask('/v2/auth/token', undefined, basic));
  credentials.set('sealed', await ask('/v1/access-tokens', { apiToken, form: 'sealed' }));
});
afterAll(() => server?.stop());

/** JSON and UTF-8 have no half of a surrogate pair. */
const twinsOf = (text: string, count: number) =>
  fc.sample(
    lowByteTwinsOf(text).filter((one) => one.isWellFormed()),
    count,
  );
const verify = (credential: string) =>
  call<{ allowed: boolean; reason?: string }>(server, 'POST', '/v1/verify', verifier, { credential, cost: 0 });
const inQuery = (text: string) => call(server, 'GET', `/v1/check?cost=0&apiToken=${encodeURIComponent(text)}`);

describe.each(forms)('a credential, %s,', (form) => {
  test('has no second spelling for POST /v1/verify, once it was checked or before [S32] [S14]', async () => {
    const text = credentials.get(form) ?? '';
    const expectUnknown = async (twins: readonly string[]) => {
      for (const twin of twins) expect((await verify(twin)).body).toEqual({ allowed: false, reason: 'unknown' });
    };
    const some = twinsOf(text, 40);
    await expectUnknown(some);
    expect((await verify(text)).body.allowed).toBe(true);
    await expectUnknown([...some, ...neighboursOf(text).filter((_, at) => at % 7 === 0)]);
    expect((await verify(text)).body.allowed).toBe(true);
  });

  test('has none in the query either, percent-encoded [S32]', async () => {
    const text = credentials.get(form) ?? '';
    expect((await inQuery(text)).status).toBe(200);
    // Spelled out, a long one may be longer than an address may be.
    for (const twin of twinsOf(text, 30)) expect([401, 414]).toContain((await inQuery(twin)).status);
  });
});

test('blanks that only Unicode knows are no blanks around a credential [S32]', async () => {
  for (const text of credentials.values()) {
    for (const authorization of [`Bearer ${text}\u00a0`, `Bearer \u00a0${text}`, `\u00a0Bearer ${text}`]) {
      const answer = await call(server, 'GET', '/v1/check?cost=0', undefined, undefined, { authorization });
      expect(answer.status).toBe(401);
    }
  }
});

test('an API token is exchanged in its own spelling alone, in every language [S14]', async () => {
  const text = credentials.get('api token') ?? '';
  for (const twin of twinsOf(text, 15)) {
    const basic = { authorization: `Basic ${Buffer.from(`${twin}:`).toString('base64')}` };
    const answers = [
      await call(server, 'POST', '/v1/access-tokens', undefined, { apiToken: twin }),
      await call(server, 'POST', '/api/login_refresh', undefined, { refresh_token: twin }),
      await call(server, 'POST', '/v2/auth/token', undefined, undefined, basic),
    ];
    for (const { status, text: said } of answers) expect([400, 401], said).toContain(status);
  }
});

test('a cursor is taken in its own spelling alone [S82]', async () => {
  const bearer = await bearerOf(server, server.owner);
  const first = await call<{ next: string }>(server, 'GET', '/v1/tokens?limit=1', bearer);
  const after = (cursor: string) =>
    call(server, 'GET', `/v1/tokens?limit=1&cursor=${encodeURIComponent(cursor)}`, bearer);
  expect((await after(first.body.next)).status).toBe(200);
  for (const twin of twinsOf(first.body.next, 30)) expect((await after(twin)).status).toBe(400);
});

test('a link that works once has one spelling, and so has the cookie of a session [S20] [S14]', async () => {
  const bearer = await bearerOf(server, server.owner);
  const path = `/v1/users/${server.member.id}/password-link`;
  const { url } = (await call<{ url: string }>(server, 'POST', path, bearer)).body;
  const token = url.slice(url.indexOf('#') + 1);
  const look = (text: string) => call(server, 'POST', '/v1/password-links/look', undefined, { token: text });
  for (const twin of twinsOf(token, 3)) expect((await look(twin)).status).toBe(404);
  expect((await look(token)).status).toBe(200);

  const secret = (await signedIn(server, server.admin)).cookie() ?? '';
  const withCookie = (text: string) =>
    call(server, 'GET', '/v1/session', undefined, undefined, {
      cookie: `${cookieName}=${Buffer.from(text, 'utf8').toString('latin1')}`,
    });
  expect((await withCookie(secret)).status).toBe(200);
  for (const twin of [...twinsOf(secret, 20), `${secret}\u00a0`, `\u00a0${secret}`]) {
    expect((await withCookie(twin)).status).toBe(401);
  }
});
