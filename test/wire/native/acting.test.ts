// Acting for a customer: what the provider's people can do there, as whom they do it, and who sees that.

import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { CreatedApiUser, CreatedToken, JournalList, TokenList, User } from '../../../sdk/src/wire.ts';
import { systemIn } from '../../../server/src/core/caller/caller.ts';
import { startServer, type TestServer } from '../../server.ts';
import { bearerOf, bearerWithRole, call, expectFaults, expectForbidden, expectProblem, signIn } from './calls.ts';

describe.each(['sqlite', 'postgres'] as const)('on %s', (database) => {
  let server: TestServer;
  let operator: string;
  let customer: string;
  let globex: Awaited<ReturnType<TestServer['addOrganization']>>;
  let initech: Awaited<ReturnType<TestServer['addOrganization']>>;
  beforeAll(async () => {
    server = await startServer({ database, permissions: ['read:orders'] });
    globex = await server.addOrganization('globex');
    initech = await server.addOrganization('initech');
    operator = await bearerOf(server, server.owner);
    customer = await bearerOf(server, globex.owner);
  });
  afterAll(() => server?.stop());

  const at = (path: string, organization = 'globex') =>
    `${path}${path.includes('?') ? '&' : '?'}organization=${organization}`;
  const post = <T>(path: string, body: unknown, bearer = operator) => call<T>(server, 'POST', path, bearer, body);
  const get = <T>(path: string, bearer = operator) => call<T>(server, 'GET', path, bearer);
  const machine = async () => {
    const made = await post<CreatedApiUser>(at('/v1/api-users'), { name: 'Till', role: 'member' });
    expect(made.status, made.text).toBe(201);
    return made.body;
  };

  test('makes an API user and its token, which call as the customer’s, and ends them again', async () => {
    const { body: role } = await post<{ name: string }>(at('/v1/roles'), {
      name: 'till',
      permissions: ['read:orders'],
    });
    const { body: till } = await post<CreatedApiUser>(at('/v1/api-users'), { name: 'Till', role: role.name });
    const owner = { type: 'api_user', id: till.id };
    const made = await post<CreatedToken>(at('/v1/tokens'), { owner, permissions: ['read:orders'] });
    expect(made.status, made.text).toBe(201);
    expect(made.body.token.owner).toEqual({ ...owner, name: till.username });
    const self = await get<{ organization: { name: string }; permissions: string[] }>('/v1/self', made.body.secret);
    expect(self.body).toMatchObject({ organization: { name: 'globex' }, permissions: ['read:orders'] });
    const listed = await get<TokenList>(at('/v1/tokens'));
    expect(listed.body.items.map(({ id }) => id)).toContain(made.body.token.id);
    expect((await call(server, 'DELETE', at(`/v1/tokens/${made.body.token.id}`), operator)).status).toBe(204);
    expect((await get('/v1/self', made.body.secret)).status).toBe(401);
    expect((await call(server, 'DELETE', at(`/v1/api-users/${till.id}`), operator)).status).toBe(204);
  });

  test('a token that is made needs an owner there, whose role holds what it is given', async () => {
    const till = await machine();
    const permissions = ['read:plan'];
    expectFaults(await post(at('/v1/tokens'), { permissions }), '/body/owner');
    for (const id of [server.owner.id, initech.owner.id, 'nobody']) {
      expectFaults(await post(at('/v1/tokens'), { permissions, owner: { type: 'user', id } }), '/body/owner/id');
    }
    const owner = { type: 'api_user', id: till.id };
    expectFaults(await post(at('/v1/tokens'), { permissions: ['read:orders'], owner }), '/body/permissions/0');
    expect((await post(at('/v1/tokens'), { permissions, owner })).status).toBe(201);
  });

  test('whoever acts is no operator and no owner there', async () => {
    const email = 'boss@globex.example';
    expectProblem(await post(at('/v1/users'), { email, name: 'Boss', role: 'owner' }), 403, 'forbidden');
    expectProblem(await call(server, 'DELETE', at(`/v1/users/${globex.owner.id}`), operator), 403, 'forbidden');
    expectProblem(await post(at(`/v1/users/${globex.owner.id}/reset-password`), undefined), 403, 'forbidden');
    const owner = { type: 'user', id: globex.owner.id };
    expectProblem(await post(at('/v1/tokens'), { owner, permissions: ['*:*'] }), 403, 'forbidden');
    const admin = await post<User>(at('/v1/users'), { email, name: 'Boss', role: 'admin' });
    expect(admin.status, admin.text).toBe(201);
  });

  test('works with no more than the caller holds', async () => {
    const clerk = await bearerOf(server, server.owner, ['act:organization', 'read:user', 'create:role']);
    expect((await get(at('/v1/users'), clerk)).status).toBe(200);
    expectForbidden(await get(at('/v1/roles'), clerk), 'read:role');
    const role = { name: 'orders', permissions: ['read:orders'] };
    expectForbidden(await post(at('/v1/roles'), role, clerk), 'read:orders');
  });

  test('gives no more than the customer is entitled to', async () => {
    const bound = { name: 'bounded', entitlement: ['read:prices'] };
    await server.core.registerPermission(systemIn(server.organization), { name: 'read:prices' });
    expect((await post('/v1/organizations', bound)).status).toBe(201);
    const make = (permission: string) =>
      post(at('/v1/roles', 'bounded'), { name: 'reader', permissions: [permission] });
    expectForbidden(await make('read:orders'), 'read:orders');
    expect((await make('read:prices')).status).toBe(201);
  });

  test('needs the permission in the operator’s organization: a customer’s own owner has it not, nor a viewer', async () => {
    expectForbidden(await get(at('/v1/users', 'initech'), customer), 'act:organization');
    expectForbidden(await get(at('/v1/users'), customer), 'act:organization');
    const viewer = await bearerWithRole(server, server.organization, 'viewer');
    expectForbidden(await get(at('/v1/users'), viewer.secret), 'act:organization');
    const admin = await bearerOf(server, server.admin);
    expect((await get(at('/v1/users'), admin)).status).toBe(200);
  });

  test('a person who is signed in acts as a token does', async () => {
    const person = await signIn(server, server.owner);
    const { body } = await get<{ items: User[] }>(at('/v1/users', globex.id), person);
    expect(body.items.map(({ email }) => email)).toContain(globex.owner.email);
  });

  test('an id wins over a name, and one’s own organization is oneself', async () => {
    // From before names had to be none that could be an id.
    const impostor = await server.core.createOrganization(systemIn(), { name: 'impostor' });
    await server.store.write((changes) => changes.organizations.update(impostor.id, { name: globex.id }));
    const { body } = await get<{ items: User[] }>(at('/v1/users', globex.id));
    expect(body.items.map(({ email }) => email)).toContain(globex.owner.email);
    const own = await post<CreatedToken>(at('/v1/tokens', server.organization.id), { permissions: [] });
    expect(own.body.token.owner.id).toBe(server.owner.id);
  });

  test('a cursor and an idempotency key count for the organization that was acted for', async () => {
    for (let i = 0; i < 3; i += 1) await machine();
    const { body } = await get<{ next: string }>(at('/v1/api-users?limit=1'));
    const next = `/v1/api-users?limit=1&cursor=${body.next}`;
    expect((await get(at(next))).status).toBe(200);
    expectFaults(await get(at(next, 'initech')), '/query/cursor');
    expectFaults(await get(next), '/query/cursor');

    const key = { 'idempotency-key': 'one' };
    const make = async (path: string) => {
      const made = await call<CreatedApiUser>(server, 'POST', path, operator, { name: 'X', role: 'viewer' }, key);
      expect(made.status, made.text).toBe(201);
      return made.body.id;
    };
    const first = await make(at('/v1/api-users'));
    expect(await make(at('/v1/api-users'))).toBe(first);
    const others = [await make('/v1/api-users'), await make(at('/v1/api-users', 'initech'))];
    expect(new Set([first, ...others]).size).toBe(3);
  });

  test('the journal of the customer says that the provider did it; the provider’s own shows it too', async () => {
    const till = await machine();
    const query = `?subject=api_user:${till.id}`;
    const theirs = await get<JournalList>(`/v1/journal${query}`, customer);
    const actor = { type: 'api_token', id: expect.any(String) };
    const provider = { id: server.organization.id, name: 'acme' };
    expect(theirs.body.items).toMatchObject([
      {
        action: 'api_user.created',
        organization: null,
        subject: { id: till.id, name: till.username },
        actor: { ...actor, name: null, organization: provider },
      },
    ]);
    const named = { ...actor, name: expect.stringMatching(/^token-/), organization: provider };
    const acting = await get<JournalList>(at(`/v1/journal${query}`));
    expect(acting.body.items).toMatchObject([{ organization: null, actor: named }]);
    const own = await get<JournalList>(`/v1/journal${query}`);
    expect(own.body.items).toMatchObject([
      { organization: { id: globex.id, name: 'globex' }, subject: { name: till.username }, actor: named },
    ]);
    expect((await get<JournalList>('/v1/journal?limit=1')).body.items).toEqual(own.body.items);
    const file = await get('/v1/journal/export?search=till&format=csv');
    expect(file.text.split('\r\n')[0]).toMatch(/hash,actor organization,organization$/);
    expect((await get(`/v1/journal/export${query}`)).text).toContain(',acme,globex');
  });

  test('what was done for customers is told to those of the provider who may see the customers', async () => {
    const till = await machine();
    const viewer = await bearerWithRole(server, server.organization, 'viewer');
    const query = `/v1/journal?subject=api_user:${till.id}`;
    expect((await get<JournalList>(query, viewer.secret)).body.items).toEqual([]);
    const neighbour = await bearerOf(server, initech.owner);
    expect((await get<JournalList>(query, neighbour)).body.items).toEqual([]);
    expect((await server.core.readChain(server.asOwner)).problem).toBeUndefined();
  });

  test('reaches one that was deactivated, and none that was deleted', async () => {
    const { id } = await server.addOrganization('hooli');
    const deactivated = await call(server, 'POST', `/v1/organizations/${id}/deactivate`, operator);
    expect(deactivated.status).toBe(204);
    expect((await get(at('/v1/users', 'hooli'))).status).toBe(200);
    expect((await call(server, 'DELETE', `/v1/organizations/${id}`, operator)).status).toBe(204);
    for (const one of [id, 'hooli']) expectProblem(await get(at('/v1/users', one)), 404, 'not_found');
  });

  test('changes nothing for a customer that is deleted meanwhile', async () => {
    const { id } = await server.addOrganization('fleeting');
    const caller = await server.core.actFor(server.asOwner, id);
    await server.core.deleteOrganization(server.asOwner, id);
    const making = server.core.createApiUser(caller, { name: 'Late', role: 'viewer' });
    await expect(making).rejects.toMatchObject({ code: 'not_found' });
  });
});
