// What can be granted is what the catalogue has: a name that no API has registered and a pattern that reaches nothing are
// refused wherever something is granted, in every language; and what leaves the catalogue leaves whoever held it.

import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Permission } from '../../../sdk/src/wire.ts';
import type { Person, TestServer } from '../../server.ts';
import { startServer } from '../../server.ts';
import { bearerOf, call, expectFaults, expectProblem, signIn } from './calls.ts';

describe.each(['sqlite', 'postgres'] as const)('on %s', (database) => {
  let server: TestServer;
  let owner: string;
  let customer: { id: string; name: string; owner: Person };
  beforeAll(async () => {
    server = await startServer({ database, permissions: ['read:orders', 'cancel:orders'] });
    owner = await bearerOf(server, server.owner);
    customer = await server.addOrganization('customer');
  });
  afterAll(() => server?.stop());

  const unknown = [
    ['read:order', 'Did you mean read:orders?'],
    ['read:Orders', 'Did you mean read:orders?'],
    ['raed:*', 'Did you mean read:*?'],
    ['*:order', 'Did you mean *:orders?'],
    ['create:*', 'are granted by their names, such as create:'],
    ['zzzzzzzz:qqqqqqqq', 'Have it registered'],
  ] as const;

  test.each(unknown)('refuses %s in tokens and roles, old and new, with what was meant: %s', async (name, meant) => {
    const { token } = await server.core.createApiToken(server.asOwner, { permissions: ['read:orders'] });
    await server.core.createRole(server.asOwner, { name: `r-${token.id}`, permissions: ['read:orders'] });
    const permissions = ['read:orders', name];
    for (const answer of [
      await call(server, 'POST', '/v1/tokens', owner, { permissions }),
      await call(server, 'PATCH', `/v1/tokens/${token.id}`, owner, { permissions }),
      await call(server, 'POST', '/v1/roles', owner, { name: `s-${token.id}`, permissions }),
      await call(server, 'PATCH', `/v1/roles/r-${token.id}`, owner, { permissions }),
    ]) {
      expectFaults(answer, '/body/permissions/1');
      expect(answer.text).toContain(meant);
    }
  });

  test('refuses it in Debricked’s words', async () => {
    const login = await fetch(`${server.url}/api/login_check`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ _username: server.owner.email, _password: server.owner.password }),
    });
    const { token } = (await login.json()) as { token: string };
    const answer = await fetch(`${server.url}/api/1.0/open/access-tokens/`, {
      method: 'POST',
      headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
      body: JSON.stringify({ description: 'd', access: ['read:order'] }),
    });
    expect([answer.status, await answer.text()]).toEqual([400, expect.stringContaining('Did you mean read:orders?')]);
  });

  test('takes Keyward’s own, *:* and what the list held before, and reaches what is registered later', async () => {
    const permissions = ['*:*', 'read:user', 'read:*', '*:orders'];
    expect((await call(server, 'POST', '/v1/tokens', owner, { permissions })).status).toBe(201);
    const { token, secret } = await server.core.createApiToken(server.asOwner, { permissions: ['cancel:*'] });
    expect(await server.core.inspect(secret, { permissions: ['cancel:parcels'] })).toMatchObject({ allowed: true });
    await server.core.deletePermission(server.asOwner, 'cancel:orders');
    const rest = { permissions: ['cancel:*', 'read:orders'] };
    expect((await call(server, 'PATCH', `/v1/tokens/${token.id}`, owner, rest)).status).toBe(200);
    expectFaults(await call(server, 'POST', '/v1/tokens', owner, { permissions: ['cancel:*'] }), '/body/permissions/0');
    await server.core.registerPermission(server.asOwner, { name: 'cancel:orders' });
  });

  test('says who holds a permission that is to be removed, and with force takes it from all, deleted tokens too', async () => {
    const { core, asOwner } = server;
    const name = 'refund:orders';
    await core.registerPermission(asOwner, { name, group: 'Money', description: 'Pay back.' });
    const both = { permissions: ['read:orders', name] };
    await core.createRole(customer.owner.caller, { name: 'refunder', ...both });
    const { token, secret } = await core.createApiToken(customer.owner.caller, { name: 'Refunds', ...both });
    const ended = await core.createApiToken(asOwner, both);
    await core.deleteApiToken(asOwner, { id: ended.token.id });
    const isAllowed = async (text: string) => (await core.inspect(text, { permissions: [name] })).allowed;
    expect(await isAllowed(secret)).toBe(true);

    const problem = expectProblem(await call(server, 'DELETE', `/v1/permissions/${name}`, owner), 409, 'conflict');
    const organization = { id: customer.id, name: customer.name };
    expect(problem.holders).toEqual({
      permission: name,
      roles: 1,
      apiTokens: 1,
      applications: 0,
      routes: [],
      first: [
        { type: 'role', id: 'refunder', name: 'refunder', organization },
        { type: 'api_token', id: token.id, name: 'Refunds', organization },
      ],
    });
    expect(await isAllowed(secret)).toBe(true);

    expect((await call(server, 'DELETE', `/v1/permissions/${name}?force=true`, owner)).status).toBe(204);
    expect(await isAllowed(secret)).toBe(false);
    const of = async (organizationId: string) =>
      (await server.store.journal.latest(organizationId, 10)).map(({ action, subject, detail }) => [
        action,
        subject.id,
        detail.withdrawn,
      ]);
    expect(await of(customer.id)).toEqual(
      expect.arrayContaining([
        ['role.changed', 'refunder', name],
        ['api_token.changed', token.id, name],
      ]),
    );
    await core.restoreApiToken(asOwner, ended.token.id);
    await core.registerPermission(asOwner, { name });
    for (const one of [secret, ended.secret]) expect(await isAllowed(one)).toBe(false);
    expect((await server.store.roles.find(customer.id, 'refunder'))?.permissions).toEqual(['read:orders']);
  });

  test('takes a permission that is removed without force from deleted tokens, so that none is restored with what is new under its name', async () => {
    const { core, asOwner } = server;
    const name = 'read:secret';
    await core.registerPermission(asOwner, { name });
    const { token, secret } = await core.createApiToken(asOwner, { permissions: [name, 'read:orders'] });
    await core.deleteApiToken(asOwner, { id: token.id });
    expect((await call(server, 'DELETE', `/v1/permissions/${name}`, owner)).status).toBe(204);
    await core.registerPermission(asOwner, { name });
    await core.restoreApiToken(asOwner, token.id);
    expect((await server.store.apiTokens.find(token.organizationId, token.id))?.permissions).toEqual(['read:orders']);
    expect(await core.inspect(secret, { permissions: [name] })).toMatchObject({ allowed: false });
    await core.deletePermission(asOwner, name);
  });

  test('names holders of other organizations only to who operates the server', async () => {
    const { core, asOwner } = server;
    const name = 'hide:orders';
    await core.registerPermission(asOwner, { name });
    await core.createApiToken(customer.owner.caller, { name: 'Hidden', permissions: [name] });
    const { token } = await core.createApiToken(asOwner, { name: 'Ours', permissions: [name] });
    const { secret } = await core.createApiToken(asOwner, { permissions: ['delete:permission'] });
    const answer = await call(server, 'DELETE', `/v1/permissions/${name}`, secret);
    const { holders } = expectProblem(answer, 409, 'conflict');
    expect(holders).toMatchObject({ apiTokens: 2, first: [{ id: token.id, name: 'Ours' }] });
    for (const told of ['Hidden', customer.id, customer.name]) expect(answer.text).not.toContain(told);
  });

  test('counts a route that requires it', async () => {
    const problem = expectProblem(await call(server, 'DELETE', '/v1/permissions/read:files', owner), 409, 'conflict');
    expect(problem.holders).toMatchObject({
      roles: 0,
      apiTokens: 0,
      routes: ['/api/1.0/open/files/supported-formats'],
    });
  });

  test('takes a new token no later than the removal: none of many that race with it keeps the permission', async () => {
    const { core, asOwner } = server;
    const name = 'race:orders';
    await core.registerPermission(asOwner, { name });
    const make = () => core.createApiToken(asOwner, { permissions: [name] }).catch(() => null);
    const [made] = await Promise.all([
      Promise.all(Array.from({ length: 20 }, make)),
      core.deletePermission(asOwner, name, { force: true }),
    ]);
    for (const one of made) {
      if (one === null) continue;
      expect((await server.store.apiTokens.find(server.organization.id, one.token.id))?.permissions).toEqual([]);
    }
  });

  test('shows every organization the same catalogue, Keyward’s own apart', async () => {
    const theirs = await signIn(server, customer.owner);
    const listOf = async (bearer: string) =>
      (await call<{ items: Permission[] }>(server, 'GET', '/v1/permissions', bearer)).body.items;
    const items = await listOf(owner);
    expect(await listOf(theirs)).toEqual(items);
    for (const one of items) expect(one.api === null).toBe(one.builtIn);
    expect(items).toContainEqual(expect.objectContaining({ name: 'read:orders', api: 'default', builtIn: false }));
  });
});
