// What a request with a session must show to change anything, and what a session is no credential for.

import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Session, User } from '../../../sdk/src/wire.ts';
import { startServer, type TestServer } from '../../server.ts';
import { bearerOf, call, expectFaults, expectProblem, signIn, time } from './calls.ts';
import { cookieName, openSessionClient, signedIn } from './session-client.ts';

const minute = 60_000;

describe('a session as a credential', () => {
  let server: TestServer;
  let cookie: string;
  let secret: string;
  beforeAll(async () => {
    server = await startServer();
    secret = (await signedIn(server, server.owner)).cookie() ?? '';
    cookie = `${cookieName}=${secret}`;
  });
  afterAll(() => server?.stop());

  const guarded: [method: string, path: string][] = [
    ['GET', '/v1/check'],
    ['GET', '/forward-auth'],
    ['GET', '/v2/funds'],
    ['POST', '/api/v1/infer'],
    ['GET', '/api/1.0/open/files/supported-formats'],
    ['GET', '/api-versio.db/1.0/acme'],
  ];

  test.each(guarded)(
    'is none on a guarded call: %s %s with the cookie is like a call with nothing [S33]',
    async (method, path) => {
      const proxied = { 'x-forwarded-method': 'GET', 'x-forwarded-uri': '/v2/funds' };
      const extra = path === '/forward-auth' ? proxied : {};
      const without = await call(server, method, path, undefined, undefined, extra);
      const withCookie = await call(server, method, path, undefined, undefined, { ...extra, cookie });
      expect(without.status).toBeGreaterThanOrEqual(400);
      expect([withCookie.status, withCookie.text]).toEqual([without.status, without.text]);
    },
  );

  test.each(guarded)('is none as a bearer either: %s %s [S33]', async (method, path) => {
    const proxied = { 'x-forwarded-method': 'GET', 'x-forwarded-uri': '/v2/funds' };
    const extra = path === '/forward-auth' ? proxied : {};
    const answer = await call(server, method, path, secret, undefined, extra);
    expect(answer.status).toBeGreaterThanOrEqual(400);
    expect((await server.core.inspect(secret)).allowed).toBe(false);
  });

  test('is none for what a service asks about, and an access token is no session [S33]', async () => {
    const token = await bearerOf(server, server.owner);
    const { body } = await call(server, 'POST', '/v1/verify', token, { credential: secret });
    expect(body).toEqual({ allowed: false, reason: 'unknown' });
    const bearer = await signIn(server, server.owner);
    for (const value of [token, bearer]) {
      const headers = { cookie: `${cookieName}=${value}` };
      expectProblem(await call(server, 'GET', '/v1/session', undefined, undefined, headers), 401, 'invalid_credential');
    }
  });

  test('does not go together with another credential, nor twice [S6] [S62]', async () => {
    const bearer = await signIn(server, server.owner);
    const both = await call(server, 'GET', '/v1/self', bearer, undefined, { cookie });
    expectProblem(both, 400, 'invalid_request');
    const twice = await call(server, 'GET', '/v1/self', undefined, undefined, { cookie: `${cookie}; ${cookie}` });
    expectProblem(twice, 400, 'invalid_request');
    const query = await call(server, 'GET', '/v1/self?apiToken=x', undefined, undefined, { cookie });
    expectProblem(query, 400, 'invalid_request');
    const others = { cookie: `theme=dark; ${cookie}; lang=en` };
    expect((await call(server, 'GET', '/v1/self', undefined, undefined, others)).status).toBe(200);
  });

  test('follows no feed, which would outlast it', async () => {
    expectProblem(await call(server, 'GET', '/v1/feed', undefined, undefined, { cookie }), 403, 'forbidden');
  });
});

describe('a change through a session', () => {
  let server: TestServer;
  beforeAll(async () => {
    server = await startServer();
  });
  afterAll(() => server?.stop());

  const crossings: [what: string, headers: Record<string, string>][] = [
    ['without the header of a page', { 'x-keyward-portal': '' }],
    ['with another value in it', { 'x-keyward-portal': 'true' }],
    ['from a page of another site', { origin: 'https://evil.example' }],
    ['from a page of another port', { origin: 'http://127.0.0.1:1' }],
    ['from a page of the same host, but another scheme', { origin: 'https://HOST' }],
    ['from a page without an origin', { origin: 'null' }],
    ['from a page of the same site, but another host', { 'sec-fetch-site': 'same-site' }],
    ['from anywhere else, as the browser says', { 'sec-fetch-site': 'cross-site' }],
  ];

  test.each(crossings)('is refused %s, whatever it would do [S86]', async (_what, given) => {
    const { host } = new URL(server.url);
    const headers = Object.fromEntries(
      Object.entries(given).map(([name, value]) => [name, value.replace('HOST', host)]),
    );
    const page = await signedIn(server, server.owner);
    const before = await server.store.journal.head();
    const body = { email: 'x@crossing.example', name: 'X', role: 'member' };
    const requests: [method: string, path: string, body?: unknown][] = [
      ['POST', '/v1/users', body],
      ['POST', '/v1/tokens', { permissions: [] }],
      ['PATCH', '/v1/self', { name: 'Crossed' }],
      ['PUT', '/v1/self/password', { current: server.owner.password, next: 'blue kettle on a mountain' }],
      ['DELETE', `/v1/users/${server.member.id}`],
      ['DELETE', '/v1/session'],
      ['DELETE', '/v1/sessions'],
      ['POST', '/v1/session/confirmation', { password: server.owner.password }],
    ];
    for (const [method, path, sent] of requests) {
      expectProblem(await page.ask(method, path, sent, headers), 403, 'forbidden');
    }
    expect(await server.store.journal.head()).toBe(before);
    expect((await page.ask('GET', '/v1/session')).status).toBe(200);
  });

  test('takes JSON and nothing that a form can send [S86]', async () => {
    const page = await signedIn(server, server.owner);
    for (const type of ['text/plain', 'application/x-www-form-urlencoded', 'multipart/form-data; boundary=x']) {
      const answer = await page.ask('POST', '/v1/tokens', '{"permissions":[]}', { 'content-type': type });
      expectProblem(answer, 415, 'unsupported_media_type');
      const start = await openSessionClient(server).ask('POST', '/v1/session', '{}', { 'content-type': type });
      expectProblem(start, 415, 'unsupported_media_type');
    }
  });

  test('cannot be a sign-in that another site made for somebody [S88]', async () => {
    const { email, password } = server.owner;
    for (const headers of [{ origin: 'https://evil.example' }, { 'sec-fetch-site': 'cross-site' }]) {
      const answer = await openSessionClient(server).ask('POST', '/v1/session', { email, password }, headers);
      expectProblem(answer, 403, 'forbidden');
      expect(answer.headers.getSetCookie()).toEqual([]);
    }
  });

  test('is made by nothing that is asked with GET [S86]', async () => {
    const page = await signedIn(server, server.owner);
    const before = await server.store.journal.head();
    const paths = ['/v1/session', '/v1/sessions', '/v1/self', '/v1/users', '/v1/tokens', '/v1/roles', '/v1/plans'];
    for (const path of paths) {
      expect((await page.ask('GET', path, undefined, { 'x-keyward-portal': '' })).status).toBe(200);
    }
    expect(await server.store.journal.head()).toBe(before);
  });

  test('is nothing that a page of another origin is let read', async () => {
    const page = await signedIn(server, server.owner);
    const { headers } = await page.ask('GET', '/v1/session', undefined, { origin: 'https://evil.example' });
    expect([...headers.keys()].filter((name) => name.startsWith('access-control'))).toEqual([]);
  });
});

describe('what is hard to undo', () => {
  let server: TestServer;
  let machine: string;
  let application: string;
  const redirectUris = ['https://reports.example/callback'];
  beforeAll(async () => {
    server = await startServer();
    machine = (await server.core.createApiUser(server.asOwner, { name: 'Machine', role: 'viewer' })).apiUser.id;
    const asked = { name: 'Reports', type: 'confidential', redirectUris, permissions: ['read:user'] } as const;
    application = (await server.core.createApplication(server.asOwner, asked)).application.id;
  });
  afterAll(() => server?.stop());

  const acts: [what: string, method: string, path: () => string, body?: () => unknown][] = [
    ['adding an owner', 'POST', () => '/v1/users', () => ({ email: fresh(), name: 'O', role: 'owner' })],
    ['adding an admin', 'POST', () => '/v1/users', () => ({ email: fresh(), name: 'A', role: 'admin' })],
    ['inviting an admin', 'POST', () => '/v1/invitations', () => ({ email: fresh(), name: 'A', role: 'admin' })],
    ['making someone an admin', 'PATCH', () => `/v1/users/${server.member.id}`, () => ({ role: 'admin' })],
    ['making a powerful API user', 'POST', () => '/v1/api-users', () => ({ name: 'A', role: 'admin' })],
    ['rotating an API user', 'POST', () => `/v1/api-users/${machine}/rotate`, () => ({ overlapSeconds: 0 })],
    ['giving an application another secret', 'POST', () => `/v1/applications/${application}/rotate`],
    [
      'sending what an application gets elsewhere',
      'PATCH',
      () => `/v1/applications/${application}`,
      () => ({ redirectUris: [...redirectUris, 'https://other.example/callback'] }),
    ],
    [
      'making a powerful application',
      'POST',
      () => '/v1/applications',
      () => ({ name: fresh(), type: 'public', redirectUris, permissions: ['*:*'] }),
    ],
    ['making a powerful token', 'POST', () => '/v1/tokens', () => ({ name: fresh(), permissions: ['*:*'] })],
    ['letting a role do everything', 'PATCH', () => '/v1/roles/powerful', () => ({ permissions: ['*:*'] })],
    ['rotating a signing key', 'POST', () => '/v1/signing-keys/rotate', () => ({ profile: 'oauth' })],
    ['revoking a signing key', 'POST', () => '/v1/signing-keys/nosuchkey/revoke'],
    ["taking someone's second factor away", 'DELETE', () => `/v1/users/${server.member.id}/second-factor`],
    ['making a link for a new password', 'POST', () => `/v1/users/${server.member.id}/password-link`],
    ['making a new password', 'POST', () => `/v1/users/${server.member.id}/reset-password`],
  ];
  let made = 0;
  const fresh = () => {
    made += 1;
    return `made${made}@confirmed.example`;
  };

  test.each(acts)(
    'asks for the password again, which counts for five minutes: %s [S89]',
    async (_what, method, path, body) => {
      const page = await signedIn(server, server.owner);
      expectProblem(await page.ask(method, path(), body?.()), 403, 'confirmation_required');
      const wrong = await page.ask('POST', '/v1/session/confirmation', { password: 'not the password' });
      expectFaults(wrong, '/body/password');
      expectProblem(await page.ask(method, path(), body?.()), 403, 'confirmation_required');
      const before = page.cookie();
      const confirmed = await page.ask('POST', '/v1/session/confirmation', { password: server.owner.password });
      expect(confirmed.body).toEqual({ confirmedUntil: new Date(server.clock.now() + 5 * minute).toISOString() });
      expect(page.cookie()).not.toBe(before);
      server.clock.advance(5 * minute - 1);
      expect([200, 201, 204, 404]).toContain((await page.ask(method, path(), body?.())).status);
      await server.core.updateUser(server.asOwner, server.member.id, { role: 'member' });
      server.clock.advance(1);
      expectProblem(await page.ask(method, path(), body?.()), 403, 'confirmation_required');
    },
  );

  test('is not asked again of a bearer, which no one left open in a browser', async () => {
    const bearer = await signIn(server, server.owner);
    const body = { email: fresh(), name: 'A', role: 'admin' };
    expect((await call(server, 'POST', '/v1/users', bearer, body)).status).toBe(201);
  });

  test('needs no confirmation where nothing much can come of it', async () => {
    const page = await signedIn(server, server.owner);
    const body = { email: fresh(), name: 'M', role: 'member' };
    expect((await page.ask('POST', '/v1/users', body)).status).toBe(201);
    expect((await page.ask('PATCH', `/v1/users/${server.admin.id}`, { name: 'Renamed' })).status).toBe(200);
  });

  test('confirms one session, and no other of the same person', async () => {
    const [page, other] = [await signedIn(server, server.owner), await signedIn(server, server.owner)];
    await page.ask('POST', '/v1/session/confirmation', { password: server.owner.password });
    expect((await page.ask<Session>('GET', '/v1/session')).body.confirmedUntil).toMatch(time);
    expect((await other.ask<Session>('GET', '/v1/session')).body.confirmedUntil).toBeNull();
    expect(
      (await (await signedIn(server, server.owner)).ask<Session>('GET', '/v1/session')).body.confirmedUntil,
    ).toBeNull();
  });
});

describe("one's own name", () => {
  test('is changed by oneself, and by no token', async () => {
    const server = await startServer();
    const page = await signedIn(server, server.member);
    const { status, body } = await page.ask<User>('PATCH', '/v1/self', { name: ' Mia  ' });
    expect([status, body.name]).toEqual([200, 'Mia']);
    expect((await page.ask<Session>('GET', '/v1/session')).body.user.name).toBe('Mia');
    expectFaults(await page.ask('PATCH', '/v1/self', { name: '\u202emia' }), '/body/name');
    expectFaults(await page.ask('PATCH', '/v1/self', { name: 'Mia', role: 'owner' }), '/body/role');
    const token = await bearerOf(server, server.owner);
    expectProblem(await call(server, 'PATCH', '/v1/self', token, { name: 'X' }), 403, 'forbidden');
    await server.stop();
  });
});
