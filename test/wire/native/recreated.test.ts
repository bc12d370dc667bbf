// Things deleted and made again under the same name: nothing of the first comes back.

import { afterAll, beforeAll, expect, test } from 'vitest';
import { systemIn } from '../../../server/src/core/caller/caller.ts';
import { startServer, type TestServer } from '../../server.ts';
import { bearerOf, call, expectProblem, signIn } from './calls.ts';

let server: TestServer;
let owner: string;
beforeAll(async () => {
  server = await startServer();
  owner = await bearerOf(server, server.owner);
});
afterAll(() => server?.stop());

const as = (method: string, path: string, body?: unknown) =>
  call<{ id: string; password: string; token: { id: string }; secret: string }>(server, method, path, owner, body);
const isDead = async (bearer: string) =>
  expectProblem(await call(server, 'GET', '/v1/self', bearer), 401, 'invalid_credential');

test('a user of the same address revives no token, session or password of the one before [S61]', async () => {
  const wanted = { email: 'phoenix@people.example', name: 'Phoenix', role: 'member' };
  const first = (await as('POST', '/v1/users', wanted)).body;
  const session = await signIn(server, { ...wanted, ...first });
  const caller = await server.callerFor({ type: 'user', id: first.id });
  const { secret } = await server.core.createApiToken(caller, { permissions: ['read:plan'] });
  expect((await as('DELETE', `/v1/users/${first.id}`)).status).toBe(204);
  const second = await as('POST', '/v1/users', wanted);
  expect(second.status).toBe(201);
  expect(second.body.id).not.toBe(first.id);
  await isDead(session);
  await isDead(secret);
  const again = await call(server, 'POST', '/v1/login', undefined, { email: wanted.email, password: first.password });
  expectProblem(again, 401, 'invalid_credential');
  const { body } = await call<{ items: unknown[] }>(
    server,
    'GET',
    '/v1/tokens',
    await signIn(server, { ...wanted, ...second.body }),
  );
  expect(body.items).toEqual([]);
});

test('an organization of the same name revives nothing of the one before [S61]', async () => {
  const first = await server.addOrganization('phoenix');
  const bearer = await bearerOf(server, first.owner);
  const session = await signIn(server, first.owner);
  expect((await as('DELETE', `/v1/organizations/${first.id}`)).status).toBe(204);
  const second = await as('POST', '/v1/organizations', { name: 'phoenix' });
  expect(second.status).toBe(201);
  expect(second.body.id).not.toBe(first.id);
  await isDead(bearer);
  await isDead(session);
  const made = { email: 'new@phoenix.example', name: 'New', role: 'owner' };
  await server.core.createUser(systemIn({ id: second.body.id, name: 'phoenix' }), made);
  await isDead(bearer);
  const proof = { email: first.owner.email, password: first.owner.password };
  expectProblem(await call(server, 'POST', '/v1/login', undefined, proof), 401, 'invalid_credential');
});

test('a token of the same name is another token [S61]', async () => {
  const wanted = { name: 'Phoenix', permissions: ['read:plan'] };
  const first = (await as('POST', '/v1/tokens', wanted)).body;
  await as('DELETE', `/v1/tokens/${first.token.id}`);
  const second = (await as('POST', '/v1/tokens', wanted)).body;
  await isDead(first.secret);
  expect((await call(server, 'GET', '/v1/self', second.secret)).status).toBe(200);
});

test('a role of the same name is given to nobody [S61]', async () => {
  await as('POST', '/v1/roles', { name: 'phoenix', permissions: ['read:user'] });
  const { user } = await server.core.createUser(server.asOwner, {
    email: 'r@people.example',
    name: 'R',
    role: 'phoenix',
  });
  const caller = await server.callerFor({ type: 'user', id: user.id });
  const { secret } = await server.core.createApiToken({ ...caller, permissions: ['*:*'] }, { permissions: ['*:*'] });
  expect((await call(server, 'GET', '/v1/users', secret)).status).toBe(200);
  await as('PATCH', `/v1/users/${user.id}`, { role: 'viewer' });
  expect((await as('DELETE', '/v1/roles/phoenix')).status).toBe(204);
  await as('PATCH', `/v1/users/${user.id}`, { role: 'member' });
  await as('POST', '/v1/roles', { name: 'phoenix', permissions: ['read:user'] });
  expectProblem(await call(server, 'GET', '/v1/users', secret), 403, 'forbidden');
});
