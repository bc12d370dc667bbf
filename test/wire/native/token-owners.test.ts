// Tokens for others, and tokens that are handed over: whose they are, and that nobody gains by it.

import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { CreatedApiUser, CreatedToken, JournalList, Token } from '../../../sdk/src/wire.ts';
import { systemIn } from '../../../server/src/core/caller/caller.ts';
import { startServer, type TestServer } from '../../server.ts';
import { bearerOf, bearerWithRole, call, expectFaults, expectForbidden, expectProblem, nobody } from './calls.ts';

describe.each(['sqlite', 'postgres'] as const)('on %s', (database) => {
  let server: TestServer;
  let owner: string;
  beforeAll(async () => {
    server = await startServer({ database, permissions: ['read:orders', 'read:prices'] });
    owner = await bearerOf(server, server.owner);
    const role = { name: 'till', permissions: ['read:orders', 'manage:own_api_key'] };
    await server.core.createRole(systemIn(server.organization), role);
  });
  afterAll(() => server?.stop());

  const machine = async (role = 'till') =>
    (await call<CreatedApiUser>(server, 'POST', '/v1/api-users', owner, { name: 'Till', role })).body;
  const make = (body: Record<string, unknown>, bearer = owner) =>
    call<CreatedToken>(server, 'POST', '/v1/tokens', bearer, { permissions: ['read:orders'], ...body });
  const change = (id: string, body: unknown, bearer = owner) =>
    call<Token>(server, 'PATCH', `/v1/tokens/${id}`, bearer, body);
  const permissionsOf = async (bearer: string) =>
    (await call<{ permissions: string[] }>(server, 'GET', '/v1/self', bearer)).body.permissions;

  test('a token for an API user is the API user’s, and ends with it', async () => {
    const till = await machine();
    const { status, body, text } = await make({ owner: { type: 'api_user', id: till.id } });
    expect(status, text).toBe(201);
    expect(body.token.owner).toEqual({ type: 'api_user', id: till.id, name: till.username });
    expect(await permissionsOf(body.secret)).toEqual(['read:orders']);
    await call(server, 'POST', `/v1/api-users/${till.id}/deactivate`, owner);
    expect((await call(server, 'GET', '/v1/self', body.secret)).status).toBe(401);
  });

  test('a token for somebody else takes the permission to make them, and no more than both hold', async () => {
    const till = await machine();
    const other = { owner: { type: 'api_user', id: till.id } };
    const member = await bearerWithRole(server, server.organization, 'till');
    expectForbidden(await make(other, member.secret), 'create:organization_api_key');
    const maker = await bearerOf(server, server.owner, ['create:organization_api_key', 'manage:own_api_key']);
    expectForbidden(await make(other, maker), 'read:orders');
    expectFaults(await make({ ...other, permissions: ['read:prices'] }), '/body/permissions/0');
    expectFaults(await make({ owner: { type: 'api_user', id: nobody } }), '/body/owner/id');
    expectFaults(await make({ owner: { type: 'user', id: till.id } }), '/body/owner/id');
    expect((await make(other)).status).toBe(201);
    // It could manage the other's tokens.
    const managing = { ...other, permissions: ['manage:own_api_key'] };
    expectForbidden(await make(managing, maker), 'read:organization_api_key');
    expect((await make(managing)).status).toBe(201);
  });

  test('nobody comes as somebody who holds more: a token for another takes all that the other’s role holds [S56]', async () => {
    const clerk = await bearerOf(server, server.admin, ['create:organization_api_key', 'read:orders']);
    const [till, otherAdmin] = [await machine(), await bearerWithRole(server, server.organization, 'admin')];
    const nothing = { permissions: [] };
    for (const { id } of [server.owner, otherAdmin]) {
      expect((await make({ ...nothing, owner: { type: 'user', id } }, clerk)).status).toBe(403);
    }
    expectForbidden(await make({ ...nothing, owner: { type: 'api_user', id: till.id } }, clerk), 'manage:own_api_key');
    const admin = await bearerOf(server, server.admin);
    expectProblem(await make({ ...nothing, owner: { type: 'user', id: server.owner.id } }, admin), 403, 'forbidden');
    expect((await make({ ...nothing, owner: { type: 'user', id: server.member.id } }, admin)).status).toBe(201);
    const own = (await make(nothing, clerk)).body.token;
    const hander = await bearerOf(server, server.admin, ['update:organization_api_key']);
    for (const { id } of [server.owner, otherAdmin]) {
      expect((await change(own.id, { owner: { type: 'user', id } }, hander)).status).toBe(403);
    }
    expect((await change(own.id, { owner: { type: 'user', id: otherAdmin.id } }, admin)).status).toBe(200);
  });

  test('a token of another’s is not made to manage the other’s tokens by a change either [S56]', async () => {
    const till = await machine();
    const verbs = ['create', 'update'].map((verb) => `${verb}:organization_api_key`);
    const clerk = await bearerOf(server, server.owner, [...verbs, 'manage:own_api_key', 'read:orders']);
    const { token } = (await make({ owner: { type: 'api_user', id: till.id } }, clerk)).body;
    const managing = { permissions: ['read:orders', 'manage:own_api_key'] };
    expectForbidden(await change(token.id, managing, clerk), 'read:organization_api_key');
    expect((await change(token.id, managing)).status).toBe(200);
  });

  test('an owner’s token that may do everything is made by owners alone', async () => {
    const admin = await bearerOf(server, server.admin);
    const wanted = { owner: { type: 'user', id: server.owner.id }, permissions: ['*:*'] };
    expectProblem(await make(wanted, admin), 403, 'forbidden');
    expect((await make({ ...wanted, owner: { type: 'user', id: server.admin.id } })).status).toBe(201);
  });

  test('a token is handed over: its secret stays, it does what its new owner may, and the journal says so', async () => {
    const [first, second] = [await machine(), await machine()];
    const { token, secret } = (await make({ owner: { type: 'api_user', id: first.id } })).body;
    const handed = await change(token.id, { owner: { type: 'api_user', id: second.id } });
    expect(handed.status, handed.text).toBe(200);
    expect(handed.body.owner).toEqual({ type: 'api_user', id: second.id, name: second.username });
    await call(server, 'DELETE', `/v1/api-users/${first.id}`, owner);
    expect(await permissionsOf(secret)).toEqual(['read:orders']);
    const journal = await call<JournalList>(server, 'GET', `/v1/journal?subject=api_token:${token.id}`, owner);
    expect(journal.body.items[0]).toMatchObject({
      action: 'api_token.changed',
      detail: { owner: { type: 'api_user', id: second.id }, previousOwner: { type: 'api_user', id: first.id } },
    });
    await call(server, 'DELETE', `/v1/api-users/${second.id}`, owner);
    expect((await call(server, 'GET', '/v1/self', secret)).status).toBe(401);
  });

  test('access tokens that were made before it was handed over end', async () => {
    const [first, second] = [await machine(), await machine()];
    const { token, secret } = (await make({ owner: { type: 'api_user', id: first.id } })).body;
    const exchanged = await call<{ accessToken: string }>(server, 'POST', '/v1/access-tokens', undefined, {
      apiToken: secret,
    });
    const { accessToken } = exchanged.body;
    expect((await call(server, 'GET', '/v1/self', accessToken)).status).toBe(200);
    await change(token.id, { owner: { type: 'api_user', id: second.id } });
    expect((await call(server, 'GET', '/v1/self', accessToken)).status).toBe(401);
    expect((await call(server, 'GET', '/v1/self', secret)).status).toBe(200);
  });

  test('a token goes only to somebody who holds what it gives, by somebody who does', async () => {
    const [till, viewer] = [await machine(), await machine('viewer')];
    const { token } = (await make({ owner: { type: 'api_user', id: till.id } })).body;
    expectFaults(await change(token.id, { owner: { type: 'api_user', id: viewer.id } }), '/body/permissions/0');
    expectFaults(await change(token.id, { owner: { type: 'user', id: nobody } }), '/body/owner/id');
    const elsewhere = await server.addOrganization(`elsewhere-${database}`);
    expectFaults(await change(token.id, { owner: { type: 'user', id: elsewhere.owner.id } }), '/body/owner/id');
    const clerk = await bearerOf(server, server.owner, ['update:organization_api_key']);
    const to = { owner: { type: 'user', id: server.owner.id } };
    expectForbidden(await change(token.id, to, clerk), 'read:orders');
    const member = await bearerWithRole(server, server.organization, 'till');
    const own = (await make({}, member.secret)).body.token;
    const away = await change(own.id, { owner: { type: 'api_user', id: till.id } }, member.secret);
    expectForbidden(away, 'update:organization_api_key');
    expect((await change(token.id, to)).status).toBe(200);
  });

  const leaver = async () => {
    const { user } = await server.core.createUser(systemIn(server.organization), {
      email: `leaver-${Math.random().toString(36).slice(2)}@acme.example`,
      name: 'Leaver',
      role: 'till',
    });
    const made = [];
    for (let i = 0; i < 3; i += 1) made.push((await make({ owner: { type: 'user', id: user.id } })).body);
    return { id: user.id, made };
  };
  const remove = (id: string, query: string, bearer = owner) =>
    call(server, 'DELETE', `/v1/users/${id}?${query}`, bearer);
  const answers = (made: CreatedToken[]) =>
    Promise.all(made.map(async ({ secret }) => (await call(server, 'GET', '/v1/self', secret)).status));

  test('the tokens of a person who leaves go on under another owner', async () => {
    const [till, { id, made }] = [await machine(), await leaver()];
    expect((await remove(id, `tokens=handover&to=api_user:${till.id}`)).status).toBe(204);
    expect(await answers(made)).toEqual([200, 200, 200]);
    const { body } = await call<Token>(server, 'GET', `/v1/tokens/${made[0]?.token.id}`, owner);
    expect(body).toMatchObject({ state: 'active', owner: { type: 'api_user', id: till.id } });
  });

  test('they end for good, or stay and are refused unless somebody says, and can be handed over later', async () => {
    const [till, first, second] = [await machine(), await leaver(), await leaver()];
    expect((await remove(first.id, 'tokens=end')).status).toBe(204);
    expect((await call(server, 'GET', `/v1/tokens/${first.made[0]?.token.id}`, owner)).status).toBe(404);
    expect((await remove(second.id, '')).status).toBe(204);
    expect(await answers(second.made)).toEqual([401, 401, 401]);
    expect((await remove(second.id, `tokens=handover&to=api_user:${till.id}`)).status).toBe(204);
    expect(await answers(second.made)).toEqual([200, 200, 200]);
  });

  test('nothing is done where one of them cannot be handed over, or not by this caller', async () => {
    const [viewer, till, { id, made }] = [await machine('viewer'), await machine(), await leaver()];
    expectProblem(await remove(id, `tokens=handover&to=api_user:${viewer.id}`), 409, 'conflict');
    const clerk = await bearerOf(server, server.owner, ['delete:user', 'read:orders', 'manage:own_api_key']);
    expectForbidden(await remove(id, 'tokens=end', clerk), 'delete:organization_api_key');
    expectForbidden(await remove(id, `tokens=handover&to=api_user:${till.id}`, clerk), 'update:organization_api_key');
    for (const to of ['', '&to=nobody', `&to=api_token:${till.id}`, '&to=user:nobody', `&to=user:${id}`]) {
      expectFaults(await remove(id, `tokens=handover${to}`), '/query/to');
    }
    expectFaults(await remove(id, `to=api_user:${till.id}`), '/query/to');
    expectFaults(await remove(id, 'tokens=end&descendants=true'), '/query/tokens');
    expect(await answers(made)).toEqual([200, 200, 200]);
    expect((await call(server, 'GET', `/v1/users/${id}`, owner)).status).toBe(200);
  });

  test('naming the owner that it has changes nothing of whose it is', async () => {
    const till = await machine();
    const same = { type: 'api_user', id: till.id };
    const { token, secret } = (await make({ owner: same })).body;
    expect((await change(token.id, { owner: same, name: `Same ${token.id}` })).status).toBe(200);
    expect(await permissionsOf(secret)).toEqual(['read:orders']);
  });
});
