// Users: what each of their endpoints answers when the caller may call it.

import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { CreatedUser, NewPassword, User, UserList } from '../../../sdk/src/wire.ts';
import { startServer, type TestServer } from '../../server.ts';
import { bearerOf, call, expectFaults, expectForbidden, expectProblem, nobody, signIn, time, uuid } from './calls.ts';

let server: TestServer;
let owner: string;
let admin: string;
beforeAll(async () => {
  server = await startServer();
  owner = await bearerOf(server, server.owner);
  admin = await bearerOf(server, server.admin);
});
afterAll(() => server?.stop());

let made = 0;
const post = (body: unknown, bearer = owner) => call<CreatedUser>(server, 'POST', '/v1/users', bearer, body);
const create = async (role = 'member') => {
  made += 1;
  return (await post({ email: `user${made}@people.example`, name: `User ${made}`, role })).body;
};
const at = (method: string, path: string, body?: unknown, bearer = owner) =>
  call<User>(server, method, `/v1/users/${path}`, bearer, body);

describe('POST /v1/users', () => {
  test('creates a user with a generated password, which opens and is told this once', async () => {
    const { status, body } = await post({ email: 'Ada@People.Example', name: ' Ada ', role: 'member' });
    expect(status).toBe(201);
    const { password, ...user } = body;
    expect(user).toEqual({
      id: expect.stringMatching(uuid),
      email: 'ada@people.example',
      name: 'Ada',
      role: 'member',
      state: 'active',
      stateReason: null,
      active: true,
      createdAt: expect.stringMatching(time),
      deactivatedAt: null,
      secondFactor: false,
      invited: false,
      lastSeenAt: null,
    });
    expect(password).toHaveLength(48);
    expect((await at('GET', user.id)).body).toEqual({ ...user, descendants: { items: [], total: 0 } });
    expect(await signIn(server, { email: user.email, password })).toMatch(/\./);
    expect(server.logs()).not.toContain(password);
    expect((await call(server, 'GET', '/v1/journal', owner)).text).not.toContain(password);
  });

  test('refuses a taken address, in whatever case, with 409', async () => {
    const { email } = await create();
    expectProblem(await post({ email: email.toUpperCase(), name: 'Again', role: 'member' }), 409, 'conflict');
  });

  test('refuses bad fields and says which', async () => {
    const good = { email: 'good@people.example', name: 'Good', role: 'member' };
    expectFaults(await post({}), '/body/email', '/body/name', '/body/role');
    expectFaults(await post({ ...good, email: 'not an address' }), '/body/email');
    expectFaults(await post({ ...good, email: 'аdmin@people.example' }), '/body/email');
    expectFaults(await post({ ...good, name: ' ' }), '/body/name');
    expectFaults(await post({ ...good, name: 'x'.repeat(129) }), '/body/name');
    expectFaults(await post({ ...good, role: 'no-such-role' }), '/body/role');
    expectFaults(await post({ ...good, password: 'chosen by someone else' }), '/body/password');
  });
});

describe('GET /v1/users', () => {
  test('lists the users of the organization, without what is secret', async () => {
    await create();
    const { status, body, text } = await call<UserList>(server, 'GET', '/v1/users?limit=200', owner);
    expect(status).toBe(200);
    expect(body.items.map(({ email }) => email)).toContain(server.owner.email);
    expect(text).not.toMatch(/argon2|password|hash|number|generation/i);
  });
});

describe('GET /v1/users/:id', () => {
  test('shows oneself without any permission to see users', async () => {
    const bearer = await signIn(server, server.member);
    expect((await at('GET', server.member.id, undefined, bearer)).body.email).toBe(server.member.email);
    expectForbidden(await at('GET', server.owner.id, undefined, bearer), 'read:user');
  });

  test('knows no user that is not there', async () => {
    expectProblem(await at('GET', nobody), 404, 'not_found');
    expectProblem(await at('GET', "' or 1=1 --"), 404, 'not_found');
  });
});

describe('PATCH /v1/users/:id', () => {
  test('renames and gives another role, which counts at once', async () => {
    const user = await create('viewer');
    const bearer = await signIn(server, user);
    expect((await call(server, 'GET', '/v1/users', bearer)).status).toBe(200);
    const { status, body } = await at('PATCH', user.id, { name: 'Renamed', role: 'member' });
    expect(status).toBe(200);
    expect(body).toMatchObject({ id: user.id, name: 'Renamed', role: 'member' });
    expectForbidden(await call(server, 'GET', '/v1/users', bearer), 'read:user');
  });

  test('refuses bad fields, an empty change and a user that is not there', async () => {
    const { id } = await create();
    expectFaults(await at('PATCH', id, {}), '/body');
    expectFaults(await at('PATCH', id, { name: null }), '/body/name');
    expectFaults(await at('PATCH', id, { role: 'no-such-role' }), '/body/role');
    expectFaults(await at('PATCH', id, { email: 'other@people.example' }), '/body/email');
    expectProblem(await at('PATCH', nobody, { name: 'Nobody' }), 404, 'not_found');
  });

  test('keeps the last owner an owner, and owners out of the hands of others', async () => {
    expectProblem(await at('PATCH', server.owner.id, { role: 'member' }), 409, 'conflict');
    expectProblem(await at('PATCH', server.owner.id, { name: 'Mine now' }, admin), 403, 'forbidden');
    expectProblem(await at('PATCH', server.admin.id, { role: 'owner' }, admin), 403, 'forbidden');
  });
});

describe('a user who is ended', () => {
  test('is out at once when deactivated, and in again when activated', async () => {
    const user = await create();
    const bearer = await signIn(server, user);
    for (const _ of 'twice') expect((await at('POST', `${user.id}/deactivate`)).status).toBe(204);
    expectProblem(await call(server, 'GET', '/v1/self', bearer), 401, 'invalid_credential');
    expect((await at('GET', user.id)).body).toMatchObject({
      active: false,
      deactivatedAt: expect.stringMatching(time),
    });
    expect((await at('POST', `${user.id}/activate`)).status).toBe(204);
    expect((await call(server, 'GET', '/v1/self', await signIn(server, user))).status).toBe(200);
    expectProblem(await call(server, 'GET', '/v1/self', bearer), 401, 'invalid_credential');
  });

  test('is gone when deleted', async () => {
    const { id } = await create();
    const answer = await at('DELETE', id);
    expect([answer.status, answer.text]).toEqual([204, '']);
    for (const [method, path] of [
      ['GET', ''],
      ['POST', '/deactivate'],
      ['POST', '/activate'],
      ['POST', '/reset-password'],
    ]) {
      expectProblem(await at(method ?? '', id + path), 404, 'not_found');
    }
  });

  test('is never the last owner', async () => {
    expectProblem(await at('POST', `${server.owner.id}/deactivate`), 409, 'conflict');
    expectProblem(await at('DELETE', server.owner.id), 409, 'conflict');
  });

  test('is never the last owner who can sign in: who was only invited, or is deactivated, is none', async () => {
    const wanted = { email: 'later@people.example', name: 'Later', role: 'owner' };
    const invited = await call<{ user: User }>(server, 'POST', '/v1/invitations', owner, wanted);
    const second = await create('owner');
    await at('POST', `${second.id}/deactivate`);
    expectProblem(await at('PATCH', server.owner.id, { role: 'member' }), 409, 'conflict');
    expectProblem(await at('POST', `${server.owner.id}/deactivate`), 409, 'conflict');
    expectProblem(await at('DELETE', server.owner.id), 409, 'conflict');
    // These two are nobody to keep.
    expect((await at('DELETE', invited.body.user.id)).status).toBe(204);
    await at('POST', `${second.id}/activate`);
    const bearer = await signIn(server, second);
    expect((await at('POST', `${second.id}/deactivate`)).status).toBe(204);
    expect((await call(server, 'GET', '/v1/self', bearer)).status).toBe(401);
  });
});

describe('POST /v1/users/:id/reset-password', () => {
  test('answers a new password once and ends what the old one opened', async () => {
    const user = await create();
    const bearer = await signIn(server, user);
    const { status, body } = await call<NewPassword>(server, 'POST', `/v1/users/${user.id}/reset-password`, owner);
    expect(status).toBe(200);
    expect(Object.keys(body)).toEqual(['password']);
    expect(body.password).not.toBe(user.password);
    expectProblem(await call(server, 'GET', '/v1/self', bearer), 401, 'invalid_credential');
    expect(await signIn(server, { email: user.email, password: body.password })).toMatch(/\./);
    expect(server.logs()).not.toContain(body.password);
  });
});
