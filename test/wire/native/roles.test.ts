// Roles: what each of their endpoints answers when the caller may call it.

import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Role, RoleList } from '../../../sdk/src/wire.ts';
import { startServer, type TestServer, unlimited } from '../../server.ts';
import { bearerOf, call, expectFaults, expectProblem, time } from './calls.ts';

let server: TestServer;
let owner: string;
beforeAll(async () => {
  server = await startServer();
  owner = await bearerOf(server, server.owner);
});
afterAll(() => server?.stop());

const post = (body: unknown) => call<Role>(server, 'POST', '/v1/roles', owner, body);
const patch = (name: string, body: unknown) => call<Role>(server, 'PATCH', `/v1/roles/${name}`, owner, body);
const remove = (name: string) => call(server, 'DELETE', `/v1/roles/${name}`, owner);

test('lists the built-in roles and the own ones', async () => {
  await post({ name: 'reader', permissions: ['read:*'] });
  const { status, body } = await call<RoleList>(server, 'GET', '/v1/roles', owner);
  expect(status).toBe(200);
  expect(body.next).toBeNull();
  expect(body.items.slice(0, 4).map(({ name, builtIn, createdAt }) => [name, builtIn, createdAt])).toEqual(
    ['owner', 'admin', 'member', 'viewer'].map((name) => [name, true, null]),
  );
  expect(body.items.find(({ name }) => name === 'reader')).toMatchObject({ builtIn: false, permissions: ['read:*'] });
});

test('creates a role, which can be given at once', async () => {
  const { status, body } = await post({ name: 'auditor', description: 'Looks.', permissions: ['read:*', 'read:*'] });
  expect(status).toBe(201);
  expect(body).toEqual({
    name: 'auditor',
    description: 'Looks.',
    permissions: ['read:*'],
    builtIn: false,
    createdAt: expect.stringMatching(time),
  });
  const user = { email: 'auditor@people.example', name: 'Auditor', role: 'auditor' };
  expect((await call(server, 'POST', '/v1/users', owner, user)).status).toBe(201);
});

test('refuses a name that is taken or built in with 409', async () => {
  await post({ name: 'taken', permissions: [] });
  for (const name of ['taken', 'owner', 'viewer']) {
    expectProblem(await post({ name, permissions: [] }), 409, 'conflict');
  }
});

test('refuses bad fields and says which, down to the one permission', async () => {
  expectFaults(await post({}), '/body/name', '/body/permissions');
  expectFaults(await post({ name: 'Not a handle', permissions: [] }), '/body/name');
  expectFaults(await post({ name: 'bad', permissions: ['read:funds', 'read'] }), '/body/permissions/1');
  expectFaults(await post({ name: 'bad', permissions: ['read:funds', 7] }), '/body/permissions/1');
  expectFaults(await post({ name: 'bad', permissions: 'read:funds' }), '/body/permissions');
  expectFaults(await post({ name: 'bad', permissions: Array(201).fill('read:funds') }), '/body/permissions');
  expectFaults(await post({ name: 'bad', permissions: [], description: 'x'.repeat(1001) }), '/body/description');
});

test('changes a role, for everybody who has it', async () => {
  await post({ name: 'changing', permissions: ['read:user'] });
  const { user } = await server.core.createUser(server.asOwner, {
    email: 'changing@people.example',
    name: 'Changing',
    role: 'changing',
  });
  const caller = await server.callerFor({ type: 'user', id: user.id });
  const { secret } = await server.core.createApiToken(unlimited(caller), { permissions: ['*:*'] });
  expect((await call(server, 'GET', '/v1/users', secret)).status).toBe(200);
  const { status, body } = await patch('changing', { description: 'Sees roles.', permissions: ['read:role'] });
  expect(status).toBe(200);
  expect(body).toMatchObject({ name: 'changing', description: 'Sees roles.', permissions: ['read:role'] });
  expect((await call(server, 'GET', '/v1/users', secret)).status).toBe(403);
  expect((await call(server, 'GET', '/v1/roles', secret)).status).toBe(200);
});

test('leaves the built-in roles as they are', async () => {
  expectProblem(await patch('viewer', { permissions: ['*:*'] }), 409, 'conflict');
  expectProblem(await remove('member'), 409, 'conflict');
});

test('knows no role that is not there, and no empty change', async () => {
  await post({ name: 'still', permissions: [] });
  expectFaults(await patch('still', {}), '/body');
  expectFaults(await patch('still', { name: 'moved' }), '/body/name');
  expectProblem(await patch('no-such-role', { permissions: [] }), 404, 'not_found');
  expectProblem(await remove('no-such-role'), 404, 'not_found');
});

test('deletes a role that nobody has, and no other', async () => {
  await post({ name: 'had', permissions: [] });
  const { user } = await server.core.createUser(server.asOwner, { email: 'h@people.example', name: 'H', role: 'had' });
  expectProblem(await remove('had'), 409, 'conflict');
  await server.core.updateUser(server.asOwner, user.id, { role: 'viewer' });
  expect((await remove('had')).status).toBe(204);
  expectProblem(await remove('had'), 404, 'not_found');
});
