// What a credential made: shown with it, and ended with it if that is asked for; on both databases.

import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type {
  ApiUserWithDescendants,
  BulkOutcome,
  CreatedApiUser,
  CreatedToken,
  JournalList,
  Receipt,
  TokenWithDescendants,
  UserWithDescendants,
} from '../../../sdk/src/wire.ts';
import { startServer, type TestServer } from '../../server.ts';
import { bearerOf, call, expectFaults, expectProblem, nobody } from './calls.ts';

describe.each(['sqlite', 'postgres'] as const)('what a credential made, on %s', (database) => {
  let server: TestServer;
  let owner: string;
  beforeAll(async () => {
    server = await startServer({ database });
    owner = await bearerOf(server, server.owner);
  });
  afterAll(() => server?.stop());

  const create = async (bearer: string, more: object = {}) =>
    (await call<CreatedToken>(server, 'POST', '/v1/tokens', bearer, { permissions: ['*:*'], ...more })).body;
  const createMachine = async (bearer: string) =>
    (await call<CreatedApiUser>(server, 'POST', '/v1/api-users', bearer, { name: 'X', role: 'viewer' })).body;
  const shownOf = async (kind: 'tokens' | 'api-users', id: string) =>
    (await call<TokenWithDescendants | ApiUserWithDescendants>(server, 'GET', `/v1/${kind}/${id}`, owner)).body
      .descendants;
  const statusWith = async (bearer: string) => (await call(server, 'GET', '/v1/self', bearer)).status;
  /** A token, one that it made, one that this made, and an API user of the last. */
  async function family() {
    const root = await create(owner);
    const child = await create(root.secret);
    const grandchild = await create(child.secret, { expiresAt: '2099-01-01T00:00:00Z' });
    return { root, child, grandchild, machine: await createMachine(grandchild.secret) };
  }

  test('a user is shown with what they made, somebody else or oneself', async () => {
    const { user } = await server.core.createUser(server.asOwner, {
      email: `maker-${Math.random()}@example.com`,
      name: 'Maker',
      role: 'admin',
    });
    const maker = await server.callerFor({ type: 'user', id: user.id });
    const { token } = await server.core.createApiToken(maker, { permissions: [] });
    const look = async (id: string) => (await call<UserWithDescendants>(server, 'GET', `/v1/users/${id}`, owner)).body;
    const item = { type: 'api_token', id: token.id, name: token.name, state: 'active', createdBy: user.id };
    expect((await look(user.id)).descendants).toEqual({ items: [item], total: 1 });
    const { items } = (await look(server.owner.id)).descendants;
    expect(items.map(({ id }) => id)).toEqual(expect.arrayContaining([user.id, token.id]));
  });

  test('many tokens at once end with what they made, if that is asked for', async () => {
    const bulk = (ids: string[], action: string, more = {}) =>
      call<BulkOutcome>(server, 'POST', '/v1/tokens/bulk', owner, { ids, action, ...more });
    for (const action of ['deactivate', 'delete']) {
      const [one, other, spared] = [await family(), await family(), await family()];
      const ids = [one.root.token.id, other.root.token.id];
      expect((await bulk(ids, action, { descendants: true })).body).toEqual({ done: ids, failed: [] });
      for (const { root, child, grandchild } of [one, other]) {
        for (const { secret } of [root, child, grandchild]) expect(await statusWith(secret)).toBe(401);
      }
      await bulk([spared.root.token.id], action);
      expect([await statusWith(spared.root.secret), await statusWith(spared.child.secret)]).toEqual([401, 200]);
    }
    const { root } = await family();
    for (const action of ['activate', 'restore']) {
      expectFaults(await bulk([root.token.id], action, { descendants: true }), '/body/descendants');
    }
  });

  test('a token and an API user are shown with what they made, and who made each', async () => {
    const { root, child, grandchild, machine } = await family();
    await call(server, 'POST', `/v1/tokens/${child.token.id}/deactivate`, owner);
    const items = [
      { type: 'api_token', id: child.token.id, name: child.token.name, state: 'inactive', createdBy: root.token.id },
      {
        type: 'api_token',
        id: grandchild.token.id,
        name: grandchild.token.name,
        state: 'active',
        createdBy: child.token.id,
      },
      { type: 'api_user', id: machine.id, name: machine.username, state: 'active', createdBy: grandchild.token.id },
    ];
    const shown = await shownOf('tokens', root.token.id);
    expect(shown.total).toBe(3);
    expect(shown.items).toHaveLength(3);
    expect(shown.items).toEqual(expect.arrayContaining(items));
    expect(await shownOf('tokens', grandchild.token.id)).toEqual({ items: items.slice(2), total: 1 });
    expect(await shownOf('api-users', machine.id)).toEqual({ items: [], total: 0 });
  });

  test('ended without a word about descendants, a token leaves them as they are', async () => {
    for (const query of ['', '?descendants=false']) {
      const { root, child } = await family();
      expect((await call(server, 'DELETE', `/v1/tokens/${root.token.id}${query}`, owner)).status).toBe(204);
      expect(await statusWith(root.secret)).toBe(401);
      expect(await statusWith(child.secret)).toBe(200);
    }
  });

  test.each([
    ['deleted', 'DELETE', ''],
    ['deactivated', 'POST', '/deactivate'],
  ])(
    '%s with its descendants, a token takes all of them with it, and the journal says of whom each came',
    async (done, method, act) => {
      const { root, child, grandchild, machine } = await family();
      const path = `/v1/tokens/${root.token.id}${act}?descendants=true`;
      expect((await call(server, method, path, owner)).status).toBe(204);
      for (const { secret } of [root, child, grandchild]) expect(await statusWith(secret)).toBe(401);
      const { username, password } = machine;
      const exchange = { username, password, form: 'jwt' };
      expectProblem(await call(server, 'POST', '/v1/access-tokens', undefined, exchange), 401, 'invalid_credential');
      const { items } = (await call<JournalList>(server, 'GET', `/v1/journal?search=${root.token.id}&limit=20`, owner))
        .body;
      const entries = items.filter(({ action }) => action.endsWith(`.${done}`));
      expect(new Set(entries.map(({ subject }) => subject.id))).toEqual(
        new Set([root.token.id, child.token.id, grandchild.token.id, machine.id]),
      );
      const ofOthers = entries.filter(({ subject }) => subject.id !== root.token.id);
      for (const { detail } of ofOthers) expect(detail).toMatchObject({ descendantOf: root.token.id });
      const again = await call<Receipt>(server, method, `${path}&receipt=1000`, owner);
      expect(again.body).toMatchObject({ effective: 1, of: 1 });
    },
  );

  test('API users and users take what they made with them too', async () => {
    const machines = [await createMachine(owner), await createMachine(owner)];
    const asMachine = async (id: string) => {
      await call(server, 'PATCH', `/v1/api-users/${id}`, owner, { role: 'admin' });
      return server.core.createApiToken(await server.callerFor({ type: 'api_user', id }), { permissions: ['*:*'] });
    };
    for (const [at, { id }] of machines.entries()) {
      const made = await asMachine(id);
      const further = await createMachine(made.secret);
      const [method, act, body] = at === 0 ? ['DELETE', ''] : ['POST', '/deactivate', { cutOff: true }];
      const path = `/v1/api-users/${id}${act}?descendants=true`;
      expect((await call(server, method as string, path, owner, body)).status).toBe(204);
      expect(await statusWith(made.secret)).toBe(401);
      const { password, username } = further;
      const exchanged = await call(server, 'POST', '/v1/access-tokens', undefined, { username, password, form: 'jwt' });
      expectProblem(exchanged, 401, 'invalid_credential');
    }
    for (const [method, act] of [
      ['POST', '/deactivate'],
      ['DELETE', ''],
    ] as const) {
      const { id } = server.admin;
      await server.core.activateUser(server.asOwner, id);
      const { apiUser } = await server.core.createApiUser(server.admin.caller, { name: 'X', role: 'viewer' });
      expect((await call(server, method, `/v1/users/${id}${act}?descendants=true`, owner)).status).toBe(204);
      const left = await call(server, 'GET', `/v1/api-users/${apiUser.id}`, owner);
      if (method === 'DELETE') expectProblem(left, 404, 'not_found');
      else expect(left.body).toMatchObject({ active: false });
    }
  });

  test('refuses other words, and what is not there', async () => {
    const { token } = await create(owner);
    expectFaults(await call(server, 'DELETE', `/v1/tokens/${token.id}?descendants=yes`, owner), '/query/descendants');
    expectFaults(await call(server, 'DELETE', `/v1/tokens/${token.id}?descendant=true`, owner), '/query/descendant');
    for (const kind of ['tokens', 'api-users', 'users']) {
      expectProblem(await call(server, 'DELETE', `/v1/${kind}/${nobody}?descendants=true`, owner), 404, 'not_found');
    }
  });
});
