// APIs: what each of their endpoints answers when the caller may call it.

import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Api, ApiList, Permission } from '../../../sdk/src/wire.ts';
import { startServer, type TestServer } from '../../server.ts';
import { bearerOf, call, expectFaults, expectProblem } from './calls.ts';

describe.each(['sqlite', 'postgres'] as const)('on %s', (database) => {
  let server: TestServer;
  let owner: string;
  let customer: string;
  beforeAll(async () => {
    server = await startServer({
      database,
      routes: (upstream) => [
        { path: '/later', methods: ['GET'], permissions: ['read:later'], dialect: null, api: 'later', upstream },
      ],
    });
    owner = await bearerOf(server, server.owner);
    customer = await bearerOf(server, (await server.addOrganization('customer')).owner);
  });
  afterAll(() => server?.stop());

  const post = (body: unknown) => call<Api>(server, 'POST', '/v1/apis', owner, body);
  const at = (method: string, handle: string, body?: unknown) =>
    call<Api>(server, method, `/v1/apis/${handle}`, owner, body);
  const register = (body: unknown) => call<Permission>(server, 'POST', '/v1/permissions', owner, body);
  const journalled = async (action: string) => {
    const entries = await server.store.journal.latest(server.organization.id, 20);
    return entries.find((entry) => entry.action === action);
  };

  test('has one API from the start, whose identifier is the address of the server', async () => {
    const { status, body } = await call<ApiList>(server, 'GET', '/v1/apis', customer);
    expect([status, body]).toEqual([
      200,
      {
        items: [
          {
            handle: 'default',
            name: 'Default',
            identifier: server.url,
            description: '',
            signingAlgorithm: 'ES256',
            createdAt: expect.any(String),
          },
        ],
        next: null,
      },
    ]);
    expectProblem(await at('DELETE', 'default'), 409, 'conflict');
  });

  test('makes an API, shows it to every organization, changes it and removes it, all of it journalled', async () => {
    const wanted = {
      handle: 'orders',
      name: 'Orders',
      identifier: 'https://orders.example/v1',
      description: 'Of the shop.',
    };
    const { status, body } = await post(wanted);
    expect([status, body]).toEqual([201, { ...wanted, signingAlgorithm: 'ES256', createdAt: expect.any(String) }]);
    expect(await journalled('api.created')).toMatchObject({ subject: { type: 'api', id: 'orders' } });
    expect((await call<Api>(server, 'GET', '/v1/apis/orders', customer)).body).toEqual(body);
    const changed = await at('PATCH', 'orders', { name: 'All orders', identifier: null });
    const own = `${server.url}/v1/apis/orders`;
    expect([changed.status, changed.body]).toEqual([200, { ...body, name: 'All orders', identifier: own }]);
    expect(await journalled('api.changed')).toMatchObject({ detail: { name: 'All orders', identifier: null } });
    await register({ name: 'cancel:orders', api: 'orders' });
    expect((await at('DELETE', 'orders')).status).toBe(204);
    expect(await journalled('api.deleted')).toMatchObject({ detail: { permissions: ['cancel:orders'] } });
    expect((await call(server, 'GET', '/v1/permissions', owner)).text).not.toContain('cancel:orders');
    for (const [method, change] of [['GET'], ['PATCH', { name: 'X' }], ['DELETE']] as const) {
      expectProblem(await at(method, 'orders', change), 404, 'not_found');
    }
  });

  test('refuses a handle or an identifier that another API has, and says which field it is', async () => {
    await post({ handle: 'one', name: 'One', identifier: 'urn:acme:one' });
    expect(expectProblem(await post({ handle: 'one', name: 'Again' }), 409, 'conflict').errors?.[0]?.at).toBe(
      '/body/handle',
    );
    for (const identifier of ['urn:acme:one', server.url]) {
      const problem = expectProblem(await post({ handle: 'two', name: 'Two', identifier }), 409, 'conflict');
      expect(problem.errors?.[0]?.at).toBe('/body/identifier');
    }
    expectProblem(await at('PATCH', 'default', { identifier: 'urn:acme:one' }), 409, 'conflict');
    expect((await at('PATCH', 'one', { identifier: 'urn:acme:one' })).status).toBe(200);
  });

  test('refuses bad fields and says which', async () => {
    for (const handle of ['', 'Orders', 'or ders', '-orders', 'x'.repeat(65)]) {
      expectFaults(await post({ handle, name: 'X' }), '/body/handle');
    }
    for (const identifier of [
      '',
      'orders',
      '/orders',
      'https://a.example/#part',
      'https://a b',
      'é:a',
      `urn:${'x'.repeat(500)}`,
    ]) {
      expectFaults(await post({ handle: 'bad', name: 'X', identifier }), '/body/identifier');
    }
    expectFaults(await post({ handle: 'bad', name: '' }), '/body/name');
    expectFaults(await post({ handle: 'bad' }), '/body/name');
    expectFaults(await register({ name: 'read:bad', api: 'defualt' }), '/body/api');
    const told = await register({ name: 'read:bad', api: 'defualt' });
    expect(told.text).toContain('Did you mean default?');
  });

  test('lets nobody but the operator change APIs or their permissions', async () => {
    const tries = [
      ['POST', '/v1/apis', { handle: 'theirs', name: 'Theirs' }],
      ['PATCH', '/v1/apis/default', { name: 'Theirs' }],
      ['DELETE', '/v1/apis/one', undefined],
      ['POST', '/v1/permissions', { name: 'read:theirs' }],
      ['PATCH', '/v1/permissions/read:funds', { description: 'Theirs.' }],
      ['DELETE', '/v1/permissions/read:funds?force=true', undefined],
    ] as const;
    for (const [method, path, body] of tries) {
      expectProblem(await call(server, method, path, customer, body), 403, 'forbidden');
    }
  });

  test('opens a route with its API, registers there what it requires, and is not removed beneath it unasked', async () => {
    const { secret } = await server.core.createApiToken(server.asOwner, { permissions: ['*:*'] });
    const ask = () => fetch(`${server.url}/later`, { headers: { authorization: `Bearer ${secret}` } });
    expect((await ask()).status).toBe(503);
    expect(await (await fetch(`${server.url}/readyz`)).json()).toEqual({
      status: 'ready',
      unavailable: '1 route lacks its plan or API; the log names it',
    });
    expect(await (await fetch(`${server.url}/metrics`)).text()).toContain(
      'keyward_routes_without_api{api="later"} 1\n',
    );
    await post({ handle: 'later', name: 'Later' });
    expect((await ask()).status).toBe(200);
    const { items } = (await call<{ items: Permission[] }>(server, 'GET', '/v1/permissions', customer)).body;
    expect(items).toContainEqual({ name: 'read:later', api: 'later', description: '', group: '', builtIn: false });
    expect(expectProblem(await at('DELETE', 'later'), 409, 'conflict').detail).toContain('/later');
    expect((await at('DELETE', 'later?force=true')).status).toBe(204);
    expect((await ask()).status).toBe(503);
    await expect.poll(() => server.logs()).toContain('routes name an API that does not exist');
  });

  test('keeps the name of a permission unique over all APIs', async () => {
    await register({ name: 'read:once', group: 'Once' });
    expect(expectProblem(await register({ name: 'read:once', api: 'one' }), 409, 'conflict').detail).toContain(
      'by the API default',
    );
  });
});
