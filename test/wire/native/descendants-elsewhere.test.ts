// What a credential made while it acted for customers: found with it, shown to who may see it, and ended with it; on both
// databases.

import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { BulkOutcome, CreatedApiUser, CreatedToken, Descendants, JournalList } from '../../../sdk/src/wire.ts';
import { systemIn } from '../../../server/src/core/caller/caller.ts';
import { startServer, type TestServer } from '../../server.ts';
import { bearerOf, bearerWithRole, call, expectProblem } from './calls.ts';

describe.each(['sqlite', 'postgres'] as const)('made at customers, on %s', (database) => {
  let server: TestServer;
  let owner: string;
  let reader: string;
  let globex: { id: string; name: string };
  beforeAll(async () => {
    server = await startServer({ database });
    // Like most customers, it has nobody of its own yet.
    globex = await server.core.createOrganization(server.asOwner, { name: 'globex' });
    owner = await bearerOf(server, server.owner);
    const seeing = ['read:organization_api_key', 'delete:organization_api_key'];
    await server.core.createRole(server.asOwner, { name: 'desk', permissions: seeing });
    reader = (await bearerWithRole(server, server.organization, 'desk')).secret;
  });
  afterAll(() => server?.stop());

  const at = (path: string) => `${path}?organization=globex`;
  const create = async (bearer: string, path = '/v1/tokens', more: object = {}) => {
    const made = await call<CreatedToken>(server, 'POST', path, bearer, { permissions: ['*:*'], ...more });
    expect(made.status, made.text).toBe(201);
    return made.body;
  };
  const statusWith = async (bearer: string) => (await call(server, 'GET', '/v1/self', bearer)).status;

  /** A token of the operator's that leaked, an API user and a token that it made at globex, and one that this made there. */
  async function leak() {
    const root = await create(owner);
    const body = { name: 'X', role: 'admin' };
    const machine = (await call<CreatedApiUser>(server, 'POST', at('/v1/api-users'), root.secret, body)).body;
    const child = await create(root.secret, at('/v1/tokens'), { owner: { type: 'api_user', id: machine.id } });
    const grandchild = await create(child.secret);
    const all = [machine.id, child.token.id, grandchild.token.id];
    return { root, machine, child, grandchild, all };
  }
  const isOver = async ({ machine, child, grandchild }: Awaited<ReturnType<typeof leak>>) => {
    for (const { secret } of [child, grandchild]) expect(await statusWith(secret)).toBe(401);
    const { username, password } = machine;
    const exchange = await call(server, 'POST', '/v1/access-tokens', undefined, { username, password, form: 'jwt' });
    expectProblem(exchange, 401, 'invalid_credential');
  };

  test('it is shown with what made it, and where; who may not act for customers is told how much there is', async () => {
    const { root, all } = await leak();
    const shownTo = async (bearer: string) => {
      const path = `/v1/tokens/${root.token.id}`;
      return (await call<{ descendants: Descendants }>(server, 'GET', path, bearer)).body.descendants;
    };
    const { items, total } = await shownTo(owner);
    expect(total).toBe(3);
    expect(items.map(({ id }) => id).sort()).toEqual(all.sort());
    for (const one of items) expect(one.organization).toEqual({ id: globex.id, name: 'globex' });
    expect(await shownTo(reader)).toEqual({ items: [], total: 3 });
  });

  test.each([
    ['deleted', 'DELETE', ''],
    ['deactivated', 'POST', '/deactivate'],
  ])(
    '%s with its descendants, a token leaves nothing at a customer, whose journal says who did it',
    async (done, method, act) => {
      const family = await leak();
      const { root, all } = family;
      const path = `/v1/tokens/${root.token.id}${act}?descendants=true`;
      expect((await call(server, method, path, owner)).status).toBe(204);
      await isOver(family);
      const journal = `/v1/journal?organization=globex&search=${root.token.id}&limit=50`;
      const { items } = (await call<JournalList>(server, 'GET', journal, owner)).body;
      const entries = items.filter(({ action }) => action.endsWith(`.${done}`));
      expect(new Set(entries.map(({ subject }) => subject.id))).toEqual(new Set(all));
      for (const { actor, detail } of entries) {
        expect(actor).toMatchObject({ type: 'api_token', organization: { id: server.organization.id } });
        expect(detail).toMatchObject({ descendantOf: root.token.id });
      }
    },
  );

  test('who may end the root ends that too, without a right to act for customers, and many at once', async () => {
    const [one, other] = [await leak(), await leak()];
    const ids = [one.root.token.id, other.root.token.id];
    const body = { ids, action: 'delete', descendants: true };
    const { body: outcome } = await call<BulkOutcome>(server, 'POST', '/v1/tokens/bulk', reader, body);
    expect(outcome).toEqual({ done: ids, failed: [] });
    for (const family of [one, other]) await isOver(family);
  });

  test.each(['users', 'api-users'])('what one of the operator’s %s made at a customer ends with it', async (kind) => {
    const { core } = server;
    const named = { name: 'X', role: 'admin' };
    const maker =
      kind === 'users'
        ? {
            type: 'user' as const,
            id: (await core.createUser(server.asOwner, { ...named, email: 'ann@example.com' })).user.id,
          }
        : { type: 'api_user' as const, id: (await core.createApiUser(server.asOwner, named)).apiUser.id };
    const acting = await core.actFor(await server.callerFor(maker), 'globex');
    const { apiUser } = await core.createApiUser(acting, named);
    const path = `/v1/${kind}/${maker.id}?descendants=true`;
    expect((await call(server, 'DELETE', path, owner)).status).toBe(204);
    const [record, made] = [
      await server.store.credentials.bySource(maker),
      await server.store.apiUsers.find(globex.id, apiUser.id),
    ];
    expect(record?.lifecycle.deletedAt).not.toBeNull();
    expect(made?.lifecycle.deletedAt).not.toBeNull();
  });

  test('an owner that it gave to a customer ends with it, by an owner of the operator’s alone', async () => {
    const { core, asOwner, admin } = server;
    const root = await create(owner);
    const leaked = await server.callerFor({ type: 'api_token', id: root.token.id });
    const { user } = await core.addOwner(leaked, globex.id, { email: 'mallory@example.com', name: 'Mallory' });
    const ending = { type: 'api_token', id: root.token.id } as const;
    await expect(core.endWithDescendants(admin.caller, ending, 'delete')).rejects.toMatchObject({ code: 'forbidden' });
    expect(await statusWith(root.secret), 'nothing was ended').toBe(200);
    await core.endWithDescendants(asOwner, ending, 'delete');
    expect((await server.store.users.find(globex.id, user.id))?.lifecycle.deletedAt).not.toBeNull();
  });

  test('a customer who ends what the operator made for it reaches nothing of the operator’s', async () => {
    const { root, child, grandchild } = await leak();
    const boss = await bearerThere();
    const path = `/v1/tokens/${child.token.id}?descendants=true`;
    expect((await call(server, 'DELETE', path, boss)).status).toBe(204);
    expect([await statusWith(grandchild.secret), await statusWith(root.secret)]).toEqual([401, 200]);
  });

  async function bearerThere() {
    const there = systemIn(globex);
    const { apiUser, password } = await server.core.createApiUser(there, { name: 'Boss', role: 'admin' });
    const body = { username: apiUser.username, password, form: 'jwt' };
    return (await call<{ accessToken: string }>(server, 'POST', '/v1/access-tokens', undefined, body)).body.accessToken;
  }
});
