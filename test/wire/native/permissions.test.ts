// Permissions: what each of their endpoints answers when the caller may call it.

import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Permission, PermissionList } from '../../../sdk/src/wire.ts';
import { startServer, type TestServer } from '../../server.ts';
import { bearerOf, call, expectFaults, expectProblem } from './calls.ts';

let server: TestServer;
let owner: string;
beforeAll(async () => {
  server = await startServer();
  owner = await bearerOf(server, server.owner);
});
afterAll(() => server?.stop());

const post = (body: unknown) => call<Permission>(server, 'POST', '/v1/permissions', owner, body);
const at = (method: string, name: string, body?: unknown) =>
  call<Record<string, unknown>>(server, method, `/v1/permissions/${name}`, owner, body);
const list = () => call<PermissionList>(server, 'GET', '/v1/permissions', owner);

test('registers, lists, describes and removes a permission', async () => {
  const { status, body } = await post({ name: 'read:bonds', description: 'See funds.' });
  expect([status, body]).toEqual([
    201,
    { name: 'read:bonds', description: 'See funds.', group: '', api: 'default', builtIn: false },
  ]);
  expect((await list()).body.items).toContainEqual(body);
  const described = await at('PATCH', 'read:bonds', { description: 'See all funds.' });
  expect([described.status, described.body]).toEqual([200, { ...body, description: 'See all funds.' }]);
  const grouped = await at('PATCH', 'read:bonds', { group: 'Money' });
  expect([grouped.status, grouped.body]).toEqual([200, { ...described.body, group: 'Money' }]);
  expect((await at('DELETE', 'read:bonds')).status).toBe(204);
  expect((await list()).text).not.toContain('read:bonds');
  expectProblem(await at('DELETE', 'read:bonds'), 404, 'not_found');
  expectProblem(await at('PATCH', 'read:bonds', { description: '' }), 404, 'not_found');
});

test("lists Keyward's own first, and says that they are", async () => {
  const { status, body } = await list();
  expect(status).toBe(200);
  expect(body.next).toBeNull();
  expect(body.items[0]).toMatchObject({ name: 'access:api', builtIn: true, api: null });
});

test('refuses a name that is registered or built in with 409', async () => {
  await post({ name: 'run:twice' });
  for (const name of ['run:twice', 'access:api']) expectProblem(await post({ name }), 409, 'conflict');
  expectProblem(await at('PATCH', 'access:api', { description: 'Mine.' }), 404, 'not_found');
  expectProblem(await at('DELETE', 'access:api'), 404, 'not_found');
});

test('tells who holds a permission by its name, of all organizations, and which routes require it', async () => {
  const name = 'hold:bonds';
  await post({ name });
  const nobody = { permission: name, roles: 0, apiTokens: 0, applications: 0, routes: [], first: [] };
  expect((await at('GET', `${name}/holders`)).body).toEqual(nobody);
  const { core, asOwner, organization } = server;
  const customer = await server.addOrganization('holding');
  await core.createRole(customer.owner.caller, { name: 'holder', permissions: [name] });
  const { token } = await core.createApiToken(asOwner, { name: 'Ours', permissions: [name, 'read:funds'] });
  await core.createApiToken(asOwner, { name: 'By a pattern', permissions: ['hold:*'] });
  const ours = { id: organization.id, name: organization.name };
  expect((await at('GET', `${name}/holders`)).body).toEqual({
    ...nobody,
    roles: 1,
    apiTokens: 1,
    first: [
      { type: 'role', id: 'holder', name: 'holder', organization: { id: customer.id, name: 'holding' } },
      { type: 'api_token', id: token.id, name: 'Ours', organization: ours },
    ],
  });
  const { body } = await at('GET', 'read:funds/holders');
  expect(body).toMatchObject({ apiTokens: 1, routes: ['/v2/funds'] });
  for (const unknown of ['hold:nothing', 'access:api']) {
    expectProblem(await at('GET', `${unknown}/holders`), 404, 'not_found');
  }
});

test('refuses bad fields and says which', async () => {
  for (const name of ['', 'read', 'read:*', '*:*', 'read:a b', 'a:b:c', 'read:é', `read:${'x'.repeat(65)}`]) {
    expectFaults(await post({ name }), '/body/name');
  }
  expectFaults(await post({}), '/body/name');
  expectFaults(await post({ name: 'read:long', description: 'x'.repeat(1001) }), '/body/description');
  expectFaults(await post({ name: 'read:long', group: 'x'.repeat(129) }), '/body/group');
  expectProblem(await at('PATCH', 'run:twice', {}), 400, 'invalid_request');
  expectFaults(await at('PATCH', 'run:twice', { description: '', name: 'run:once' }), '/body/name');
});

test('takes a name in the path as it is, escaped or not', async () => {
  await post({ name: 'read:escaped' });
  expect((await at('PATCH', 'read%3Aescaped', { description: 'The same.' })).body.name).toBe('read:escaped');
});
