// Sessions: how people are signed in to the portal, what ends them, and what a page must show to change anything.

import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Session, SessionList, User } from '../../../sdk/src/wire.ts';
import { systemIn } from '../../../server/src/core/identity/caller.ts';
import { startServer, type TestServer } from '../../server.ts';
import { bearerOf, call, expectFaults, expectProblem, signIn, time, uuid } from './calls.ts';
import { cookieName, openSessionClient, signedIn } from './session-client.ts';

const minute = 60_000;
const hour = 60 * minute;

describe.each(['sqlite', 'postgres'] as const)('sessions on %s', (database) => {
  let server: TestServer;
  beforeAll(async () => {
    server = await startServer({ database });
  }, 60_000);
  afterAll(() => server?.stop());

  let people = 0;
  async function newPerson(role = 'owner') {
    people += 1;
    const email = `person${people}@people.example`;
    const { user, password } = await server.core.createUser(systemIn(server.organization), {
      email,
      name: `Person ${people}`,
      role,
    });
    return { id: user.id, email, password };
  }

  test('are a cookie for this host alone, which no script can read and no other site sends [S85]', async () => {
    const { email, password } = server.owner;
    const answer = await openSessionClient(server).ask<Session>('POST', '/v1/session', { email, password });
    const [cookie = '', ...others] = answer.headers.getSetCookie();
    expect(others).toEqual([]);
    const [pair = '', ...attributes] = cookie.split('; ');
    expect(attributes.toSorted()).toEqual(['HttpOnly', 'Path=/', 'SameSite=Strict', 'Secure']);
    // 43 characters of 62: 256 bits.
    expect(pair).toMatch(/^__Host-keyward=[0-9A-Za-z]{43}$/);
    expect(answer.headers.get('cache-control')).toBe('no-store');
    expect(answer.text).not.toContain(pair.slice(cookieName.length + 1));
  });

  test('say who is signed in, what they may do, and until when', async () => {
    const page = await signedIn(server, server.owner);
    const { status, body } = await page.ask<Session>('GET', '/v1/session');
    expect(status).toBe(200);
    expect(body).toEqual({
      user: { id: server.owner.id, email: server.owner.email, name: 'The owner', role: 'owner' },
      organization: {
        ...server.organization,
        isOperator: true,
        planId: 'enterprise',
        contributors: 10_000,
      },
      permissions: ['*:*'],
      createdAt: expect.stringMatching(time),
      idleUntil: new Date(server.clock.now() + 2 * hour).toISOString(),
      expiresAt: new Date(server.clock.now() + 12 * hour).toISOString(),
      secondFactor: false,
      confirmedUntil: null,
    });
  });

  test('are kept as a digest: the secret is nowhere in the store or the log [S12]', async () => {
    const page = await signedIn(server, server.owner);
    const secret = page.cookie() ?? '';
    const rows = await server.store.sessions.list(server.organization.id, server.owner.id, 0);
    expect(rows.length).toBeGreaterThan(0);
    expect(JSON.stringify(rows)).not.toContain(secret);
    expect(server.logs()).not.toContain(secret);
  });

  test('have another id at every sign-in, and end the one that the browser had before [S85] [S88]', async () => {
    const person = await newPerson();
    const page = await signedIn(server, person);
    const first = page.cookie() ?? '';
    await page.ask('POST', '/v1/session', { email: person.email, password: person.password });
    expect(page.cookie()).not.toBe(first);
    expectProblem(
      await call(server, 'GET', '/v1/session', undefined, undefined, { cookie: `${cookieName}=${first}` }),
      401,
      'invalid_credential',
    );
    // An id that somebody planted is never taken up.
    const planted = 'x'.repeat(43);
    const { email, password } = person;
    const answer = await page.ask('POST', '/v1/session', { email, password }, { cookie: `${cookieName}=${planted}` });
    expect(answer.headers.getSetCookie()[0]).not.toContain(planted);
  });

  test('end when they are idle for two hours, and after twelve however much they are used [S85]', async () => {
    const person = await newPerson();
    const [idle, used] = [await signedIn(server, person), await signedIn(server, person)];
    for (let passed = 0; passed < 11; passed += 1) {
      server.clock.advance(hour);
      expect((await used.ask('GET', '/v1/session')).status).toBe(200);
      // The note of a use is not waited for; the next must not come before it.
      await noted(person.id, server.clock.now());
    }
    expectProblem(await idle.ask('GET', '/v1/session'), 401, 'expired_credential');
    server.clock.advance(hour);
    expectProblem(await used.ask('GET', '/v1/session'), 401, 'expired_credential');
  });

  async function noted(id: string, at: number): Promise<void> {
    await expect
      .poll(async () => (await server.store.users.find(server.organization.id, id))?.lastSeenAt ?? 0)
      .toBeGreaterThanOrEqual(at - minute);
  }

  test('note their use once a minute at most, and show it with the user', async () => {
    const person = await newPerson();
    const page = await signedIn(server, person);
    const start = server.clock.now();
    const seenAt = async () => (await server.store.sessions.list(server.organization.id, person.id, 0))[0]?.seenAt;
    server.clock.advance(59_000);
    await page.ask('GET', '/v1/session');
    await page.ask('GET', '/v1/session');
    expect(await seenAt()).toBe(start);
    server.clock.advance(2_000);
    await page.ask('GET', '/v1/session');
    await expect.poll(seenAt).toBe(start + 61_000);
    const { body } = await page.ask<User>('GET', `/v1/users/${person.id}`);
    expect(body.lastSeenAt).toBe(new Date(start + 61_000).toISOString());
  });

  test('are listed for their own user, and ended one by one or all others at once [S85]', async () => {
    const person = await newPerson();
    const [first, second, third] = [
      await signedIn(server, person),
      await signedIn(server, person),
      await signedIn(server, person),
    ];
    const { body } = await third.ask<SessionList>('GET', '/v1/sessions');
    expect(body.items).toHaveLength(3);
    expect(body.items.filter(({ current }) => current)).toHaveLength(1);
    expect(body.items[0]).toEqual({
      id: expect.stringMatching(uuid),
      createdAt: expect.stringMatching(time),
      seenAt: expect.stringMatching(time),
      address: '127.0.0.1',
      userAgent: 'node',
      current: expect.any(Boolean),
    });
    const own = (await first.ask<SessionList>('GET', '/v1/sessions')).body.items.find(({ current }) => current);
    expect((await third.ask('DELETE', `/v1/sessions/${own?.id}`)).status).toBe(204);
    expectProblem(await first.ask('GET', '/v1/session'), 401, 'invalid_credential');
    expect((await third.ask('DELETE', '/v1/sessions')).status).toBe(204);
    expectProblem(await second.ask('GET', '/v1/session'), 401, 'invalid_credential');
    expect((await third.ask('GET', '/v1/session')).status).toBe(200);
  });

  test("are nobody else's to see or to end, not even an owner's [S53]", async () => {
    const person = await newPerson('member');
    const page = await signedIn(server, person);
    const [own] = (await page.ask<SessionList>('GET', '/v1/sessions')).body.items;
    const owner = await signedIn(server, server.owner);
    const listed = await owner.ask<SessionList>('GET', '/v1/sessions');
    expect(listed.text).not.toContain(own?.id);
    expectProblem(await owner.ask('DELETE', `/v1/sessions/${own?.id}`), 404, 'not_found');
    expect((await page.ask('GET', '/v1/session')).status).toBe(200);
  });

  test('end at sign-out, which has the browser forget all that it holds of this server [S85] [S91]', async () => {
    const page = await signedIn(server, await newPerson());
    const cookie = `${cookieName}=${page.cookie()}`;
    const answer = await page.ask('DELETE', '/v1/session');
    expect(answer.status).toBe(204);
    expect(answer.headers.get('clear-site-data')).toBe('"cache", "cookies", "storage"');
    expect(answer.headers.getSetCookie()).toEqual([expect.stringMatching(/^__Host-keyward=; .*Max-Age=0$/)]);
    expectProblem(
      await call(server, 'GET', '/v1/session', undefined, undefined, { cookie }),
      401,
      'invalid_credential',
    );
    // Nothing that a session was answered is shown again from a cache.
    const other = await signedIn(server, server.owner);
    for (const path of ['/v1/session', '/v1/users', '/v1/tokens']) {
      expect((await other.ask('GET', path)).headers.get('cache-control')).toBe('no-store');
    }
  });

  test('end with what their user is deactivated, deleted or given another password by [S60] [S85]', async () => {
    const ends: ((id: string) => Promise<unknown>)[] = [
      (id) => server.core.deactivateUser(server.asOwner, id),
      async (id) => {
        await server.core.deactivateUser(server.asOwner, id);
        await server.core.activateUser(server.asOwner, id);
      },
      (id) => server.core.deleteUser(server.asOwner, id),
      (id) => server.core.resetPassword(server.asOwner, id),
    ];
    for (const end of ends) {
      const person = await newPerson();
      const page = await signedIn(server, person);
      await end(person.id);
      expectProblem(await page.ask('GET', '/v1/session'), 401, 'invalid_credential');
    }
    const closed = await server.addOrganization(`closed-${database}`);
    const page = await signedIn(server, closed.owner);
    const cookie = { cookie: `${cookieName}=${page.cookie()}` };
    await server.core.deactivateOrganization(systemIn(), closed.id);
    expectProblem(await page.ask('GET', '/v1/session'), 401, 'invalid_credential');
    await server.core.activateOrganization(systemIn(), closed.id);
    expectProblem(
      await openSessionClient(server).ask('GET', '/v1/session', undefined, cookie),
      401,
      'invalid_credential',
    );
  });

  test('go on after an own new password under another id, and all others end [S85]', async () => {
    const person = await newPerson();
    const [page, other] = [await signedIn(server, person), await signedIn(server, person)];
    const before = page.cookie();
    const next = 'blue kettle on a mountain';
    const change = { current: person.password, next };
    expect((await page.ask('PUT', '/v1/self/password', change)).status).toBe(204);
    expect(page.cookie()).not.toBe(before);
    const { body } = await page.ask<SessionList>('GET', '/v1/sessions');
    expect(body.items.map(({ current }) => current)).toEqual([true]);
    const old = { cookie: `${cookieName}=${before}` };
    expectProblem(await call(server, 'GET', '/v1/session', undefined, undefined, old), 401, 'invalid_credential');
    expectProblem(await other.ask('GET', '/v1/session'), 401, 'invalid_credential');
  });

  test('outlive what was sent under their id from before: its refusal takes no cookie away', async () => {
    const person = await newPerson();
    const page = await signedIn(server, person);
    const before = { cookie: `${cookieName}=${page.cookie()}` };
    await page.ask('POST', '/v1/session/confirmation', { password: person.password });
    const late = await page.ask('GET', '/v1/session', undefined, before);
    expectProblem(late, 401, 'invalid_credential');
    expect(late.headers.getSetCookie()).toEqual([]);
    expect((await page.ask('GET', '/v1/session')).status).toBe(200);
  });

  test('hold no more than their user does at the moment [S36]', async () => {
    const person = await newPerson('admin');
    const page = await signedIn(server, person);
    expect((await page.ask('GET', '/v1/users')).status).toBe(200);
    await server.core.updateUser(server.asOwner, person.id, { role: 'member' });
    expectProblem(await page.ask('GET', '/v1/users'), 403, 'forbidden');
    expect((await page.ask<Session>('GET', '/v1/session')).body.permissions).not.toContain('*:*');
  });

  test('survive a restart, and another node knows them', async () => {
    const page = await signedIn(server, server.owner);
    await server.restart();
    expect((await page.ask('GET', '/v1/session')).status).toBe(200);
  });

  test('are journalled as they begin and end, without their secret', async () => {
    const person = await newPerson();
    const page = await signedIn(server, person);
    const secret = page.cookie() ?? '';
    await page.ask('DELETE', '/v1/session');
    const entries = await server.store.journal.after(0, 100_000);
    const own = entries.filter(({ actor, subject }) => actor.id === person.id && subject.type === 'session');
    expect(own.map(({ action }) => action)).toEqual(['session.started', 'session.ended']);
    expect(JSON.stringify(entries)).not.toContain(secret);
  });
});

describe('signing in with a session', () => {
  let server: TestServer;
  beforeAll(async () => {
    server = await startServer();
  });
  afterAll(() => server?.stop());

  const signInWith = (body: unknown) => openSessionClient(server).ask('POST', '/v1/session', body);
  const seen = ({ status, headers, text }: Awaited<ReturnType<typeof signInWith>>) =>
    JSON.stringify([status, text, [...headers].filter(([name]) => !['date', 'x-request-id'].includes(name))]);

  test('refuses every wrong way in the same bytes: absent, wrong, empty, too long, disabled, deleted, a machine [S21]', async () => {
    const person = async (email: string) => {
      const { user, password } = await server.core.createUser(systemIn(server.organization), {
        email,
        name: 'Somebody',
        role: 'member',
      });
      return { id: user.id, email, password };
    };
    const [active, disabled, deleted] = [
      await person('active@people.example'),
      await person('disabled@people.example'),
      await person('deleted@people.example'),
    ];
    await server.core.deactivateUser(server.asOwner, disabled.id);
    await server.core.deleteUser(server.asOwner, deleted.id);
    const machine = await server.core.createApiUser(server.asOwner, { name: 'Machine', role: 'member' });
    const invited = await server.core.invite(server.asOwner, { email: 'i@people.example', name: 'I', role: 'member' });
    const wrong = await signInWith({ email: active.email, password: 'not the password at all' });
    expectProblem(wrong, 401, 'invalid_credential');
    const others = [
      { email: 'absent@people.example', password: active.password },
      { email: active.email, password: '' },
      { email: active.email, password: '', code: '123456' },
      { email: '', password: active.password },
      { email: active.email, password: 'x'.repeat(60_000) },
      { email: active.email, password: `${active.password}x` },
      { email: disabled.email, password: disabled.password },
      { email: deleted.email, password: deleted.password },
      { email: invited.user.email, password: '!' },
      { email: machine.apiUser.username, password: machine.password },
    ];
    for (const body of others) expect(seen(await signInWith(body)), body.email).toBe(seen(wrong));
    expect((await signInWith({ email: active.email, password: active.password })).status).toBe(200);
  });

  test('takes the same time for every wrong way, within the spread of two that are alike [S22]', {
    timeout: 60_000,
  }, async () => {
    const gone = await server.core.createUser(server.asOwner, { email: 'g@x.example', name: 'G', role: 'member' });
    await server.core.deactivateUser(server.asOwner, gone.user.id);
    const { email, password } = server.member;
    const classes: Record<string, { email: string; password: string }> = {
      control: { email, password: `${password}x` },
      'wrong password': { email, password: `${password}y` },
      'absent user': { email: 'absent@x.example', password },
      'empty password': { email, password: '' },
      'inactive user': { email: gone.user.email, password: gone.password },
    };
    const times = new Map(Object.keys(classes).map((name) => [name, [] as number[]]));
    for (let round = 0; round < 30; round += 1) {
      for (const [name, body] of Object.entries(classes).toSorted(() => Math.random() - 0.5)) {
        const start = performance.now();
        expect((await signInWith(body)).status).toBe(401);
        times.get(name)?.push(performance.now() - start);
      }
    }
    const medians = [...times].map(([name, taken]) => ({ name, ms: median(taken) }));
    const control = medians.find(({ name }) => name === 'control')?.ms ?? 0;
    // A hash left out would be a fifth of the time or less.
    for (const { name, ms } of medians) expect(ms / control, name).toBeGreaterThan(0.6);
    for (const { name, ms } of medians) expect(ms / control, name).toBeLessThan(1.7);
  });

  test('says which field is missing, of another type, or unknown', async () => {
    expectFaults(await signInWith({}), '/body/email', '/body/password');
    expectFaults(await signInWith({ ...server.owner, caller: undefined, id: undefined, role: 'x' }), '/body/role');
    expectFaults(await signInWith({ email: 'a', password: 'b', code: 123456 }), '/body/code');
  });

  test('without a session there is nobody, and a bearer has none', async () => {
    expectProblem(await call(server, 'GET', '/v1/session'), 401, 'unauthenticated');
    expectProblem(await call(server, 'GET', '/v1/session', await signIn(server, server.owner)), 404, 'not_found');
    const token = await bearerOf(server, server.owner);
    expectProblem(await call(server, 'DELETE', '/v1/session', token), 404, 'not_found');
    expectProblem(await call(server, 'GET', '/v1/sessions', token), 403, 'forbidden');
  });

  test('a person with a bearer sees and ends their sessions too', async () => {
    const page = await signedIn(server, server.admin);
    const bearer = await signIn(server, server.admin);
    const listed = await call<SessionList>(server, 'GET', '/v1/sessions', bearer);
    expect(listed.body.items.map(({ current }) => current)).toContain(false);
    expect((await call(server, 'DELETE', '/v1/sessions', bearer)).status).toBe(204);
    expectProblem(await page.ask('GET', '/v1/session'), 401, 'invalid_credential');
    expect((await call(server, 'GET', '/v1/self', bearer)).status).toBe(200);
  });
});

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
    ['from a page without an origin', { origin: 'null' }],
    ['from a page of the same site, but another host', { 'sec-fetch-site': 'same-site' }],
    ['from anywhere else, as the browser says', { 'sec-fetch-site': 'cross-site' }],
  ];

  test.each(crossings)('is refused %s, whatever it would do [S86]', async (_what, headers) => {
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
  beforeAll(async () => {
    server = await startServer();
  });
  afterAll(() => server?.stop());

  const acts: [what: string, method: string, path: () => string, body?: () => unknown][] = [
    ['adding an owner', 'POST', () => '/v1/users', () => ({ email: fresh(), name: 'O', role: 'owner' })],
    ['adding an admin', 'POST', () => '/v1/users', () => ({ email: fresh(), name: 'A', role: 'admin' })],
    ['inviting an admin', 'POST', () => '/v1/invitations', () => ({ email: fresh(), name: 'A', role: 'admin' })],
    ['making someone an admin', 'PATCH', () => `/v1/users/${server.member.id}`, () => ({ role: 'admin' })],
    ['making a powerful API user', 'POST', () => '/v1/api-users', () => ({ name: 'A', role: 'admin' })],
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

function median(values: readonly number[]): number {
  return values.toSorted((one, other) => one - other)[Math.floor(values.length / 2)] ?? 0;
}
