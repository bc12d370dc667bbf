// Sessions: how people are signed in to the portal, what they show of themselves, and what ends them.

import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Session, SessionList, User } from '../../../sdk/src/wire.ts';
import { systemIn } from '../../../server/src/core/caller/caller.ts';
import { startServer, type TestServer } from '../../server.ts';
import { call, expectProblem, time, uuid } from './calls.ts';
import { cookieName, openSessionClient, signedIn } from './session-client.ts';

const minute = 60_000;
const hour = 60 * minute;

describe.each(['sqlite', 'postgres'] as const)('sessions on %s', (database) => {
  let server: TestServer;
  beforeAll(async () => {
    server = await startServer({ database });
  });
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
      held: ['*:*'],
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
      carrier: 'cookie',
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
