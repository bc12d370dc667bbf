// Things deleted and made again under the same name: nothing of the first comes back.

import { afterAll, beforeAll, expect, test } from 'vitest';
import { systemIn } from '../../../server/src/core/caller/caller.ts';
import { startServer, type TestServer, unlimited } from '../../server.ts';
import { bearerOf, call, expectProblem, signIn } from './calls.ts';

let server: TestServer;
let owner: string;
beforeAll(async () => {
  server = await startServer({ permissions: ['trade:funds'] });
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
  const { secret } = await server.core.createApiToken(unlimited(caller), { permissions: ['*:*'] });
  expect((await call(server, 'GET', '/v1/users', secret)).status).toBe(200);
  await as('PATCH', `/v1/users/${user.id}`, { role: 'viewer' });
  expect((await as('DELETE', '/v1/roles/phoenix')).status).toBe(204);
  await as('PATCH', `/v1/users/${user.id}`, { role: 'member' });
  await as('POST', '/v1/roles', { name: 'phoenix', permissions: ['read:user'] });
  expectProblem(await call(server, 'GET', '/v1/users', secret), 403, 'forbidden');
});

test('a role of the same name is not had by what is restored, nor ever was [S61]', async () => {
  await as('POST', '/v1/roles', { name: 'robot', permissions: ['read:user'] });
  const machine = (await as('POST', '/v1/api-users', { name: 'Robot', role: 'robot' })).body;
  const caller = await server.callerFor({ type: 'api_user', id: machine.id });
  const { secret } = await server.core.createApiToken(unlimited(caller), { permissions: ['*:*'] });
  expect((await as('DELETE', `/v1/api-users/${machine.id}`)).status).toBe(204);
  expect((await as('DELETE', '/v1/roles/robot')).status).toBe(204);
  await as('POST', '/v1/roles', { name: 'robot', permissions: ['read:user', 'create:user', 'read:role'] });
  expect((await as('POST', `/v1/api-users/${machine.id}/restore`)).status).toBe(204);
  expect((await call(server, 'GET', '/v1/self', secret)).body).toMatchObject({ permissions: [] });
  // It is given a role anew, and then has that one.
  expect((await as('PATCH', `/v1/api-users/${machine.id}`, { role: 'robot' })).status).toBe(200);
  expect((await call(server, 'GET', '/v1/roles', secret)).status).toBe(200);
});

test('whoever restores or revives something must hold what it holds [S56]', async () => {
  const weak = await bearerOf(server, server.owner, [
    ...['api_user', 'organization_api_key'].flatMap((noun) => [`update:${noun}`, `delete:${noun}`, `read:${noun}`]),
    'read:plan',
  ]);
  const by = (path: string) => call(server, 'POST', path, weak);
  const machine = (await as('POST', '/v1/api-users', { name: 'Robot', role: 'admin' })).body;
  const { token } = (await as('POST', '/v1/tokens', { permissions: ['read:plan', 'trade:funds'] })).body;
  for (const path of [`/v1/api-users/${machine.id}`, `/v1/tokens/${token.id}`]) {
    expect((await by(`${path}/deactivate`)).status).toBe(204);
    expectProblem(await by(`${path}/activate`), 403, 'forbidden');
    expect((await call(server, 'DELETE', path, weak)).status).toBe(204);
    expectProblem(await by(`${path}/restore`), 403, 'forbidden');
    expect((await as('POST', `${path}/restore`)).status).toBe(204);
    expect((await as('POST', `${path}/activate`)).status).toBe(204);
  }
  const own = (await as('POST', '/v1/tokens', { permissions: ['read:plan'] })).body;
  expect((await by(`/v1/tokens/${own.token.id}/deactivate`)).status).toBe(204);
  expect((await by(`/v1/tokens/${own.token.id}/activate`)).status).toBe(204);
});

test('what a token makes lasts no longer than itself and is good from nowhere else [S56]', async () => {
  const at = (ms: number) => new Date(server.clock.now() + ms).toISOString();
  const bound = { permissions: ['manage:own_api_key'], expiresAt: at(3_600_000), addresses: ['127.0.0.0/8'] };
  const { secret } = (await as('POST', '/v1/tokens', bound)).body;
  const make = (more: object) => call(server, 'POST', '/v1/tokens', secret, { permissions: [], ...more });
  const { body } = await make({});
  expect(body.token).toMatchObject({ expiresAt: bound.expiresAt, addresses: bound.addresses });
  expect((await make({ expiresAt: at(1_000_000), addresses: ['127.0.0.1'] })).status).toBe(201);
  for (const wider of [{ expiresAt: at(3_600_001) }, { addresses: [] }, { addresses: ['127.0.0.1', '192.0.2.1'] }]) {
    expectProblem(await make(wider), 403, 'forbidden');
  }
  const { id } = body.token as { id: string };
  for (const wider of [{ expiresAt: null }, { addresses: [] }]) {
    expectProblem(await call(server, 'PATCH', `/v1/tokens/${id}`, secret, wider), 403, 'forbidden');
  }
});
