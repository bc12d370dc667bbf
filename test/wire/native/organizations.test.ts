// Organizations: what each of their endpoints answers when the caller may call it.

import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { CreatedUser, LoginResponse, Organization, OrganizationList } from '../../../sdk/src/wire.ts';
import { startServer, type TestServer } from '../../server.ts';
import {
  bearerOf,
  bearerWithRole,
  call,
  expectFaults,
  expectForbidden,
  expectProblem,
  nobody,
  time,
  uuid,
} from './calls.ts';

let server: TestServer;
let operator: string;
let tenant: string;
let globex: Awaited<ReturnType<TestServer['addOrganization']>>;
beforeAll(async () => {
  server = await startServer();
  globex = await server.addOrganization('globex');
  operator = await bearerOf(server, server.owner);
  tenant = await bearerOf(server, globex.owner);
});
afterAll(() => server?.stop());

let made = 0;
const serial = () => {
  made += 1;
  return made;
};

const post = (body: unknown) => call<Organization>(server, 'POST', '/v1/organizations', operator, body);
const get = (id: string, bearer = operator) => call<Organization>(server, 'GET', `/v1/organizations/${id}`, bearer);
const patch = (id: string, body: unknown, bearer = operator) =>
  call<Organization>(server, 'PATCH', `/v1/organizations/${id}`, bearer, body);

describe('an organization', () => {
  test('is created on the free plan with one contributor, by the operator', async () => {
    const { status, body } = await post({ name: 'initech' });
    expect(status).toBe(201);
    expect(body).toEqual({
      id: expect.stringMatching(uuid),
      name: 'initech',
      planId: 'free',
      contributors: 1,
      longestTokenLifetimeMs: null,
      entitlement: null,
      externalId: null,
      metadata: null,
      isOperator: false,
      leakPolicy: { action: 'deactivate', endsAfterMs: null, descendants: true },
      observed: null,
      active: true,
      createdAt: expect.stringMatching(time),
      deactivatedAt: null,
    });
    expect((await get(body.id)).body).toEqual(body);
  });

  test('gets an owner from the operator, who signs in and runs it, and no other', async () => {
    const { body: made } = await post({ name: 'hooli' });
    const owners = `/v1/organizations/${made.id}/owners`;
    const wanted = { email: 'gavin@hooli.example', name: 'Gavin' };
    const { status, body } = await call<CreatedUser>(server, 'POST', owners, operator, wanted);
    expect(status).toBe(201);
    expect(body).toMatchObject({ ...wanted, role: 'owner', active: true });
    const { email, password } = body;
    const bearer = (await call<LoginResponse>(server, 'POST', '/v1/login', undefined, { email, password })).body
      .accessToken;
    expect((await get(made.id, bearer)).body.name).toBe('hooli');
    expectForbidden(
      await call(server, 'POST', owners, bearer, { email: 'b@hooli.example', name: 'B' }),
      'create:organization',
    );
    expectProblem(await call(server, 'POST', owners, operator, wanted), 409, 'conflict');
    expectProblem(await call(server, 'POST', '/v1/organizations/none/owners', operator, wanted), 404, 'not_found');
  });

  test("gets no owner from who does not hold everything; the operator's own gets one from its owners alone [S56]", async () => {
    const narrow = await bearerOf(server, server.owner, ['create:organization', 'read:organization', 'create:user']);
    const admin = await bearerOf(server, server.admin);
    const add = (id: string, bearer: string) =>
      call(server, 'POST', `/v1/organizations/${id}/owners`, bearer, { email: `o${serial()}@o.example`, name: 'O' });
    const owns = server.organization.id;
    expectForbidden(await add(globex.id, narrow), '*:*');
    expectProblem(await add(owns, narrow), 403, 'forbidden');
    expectProblem(await add(owns, admin), 403, 'forbidden');
    expect((await add(globex.id, admin)).status).toBe(201);
    expect((await add(owns, operator)).status).toBe(201);
  });

  test('is created as asked, and never as one that runs the server [S55]', async () => {
    const { body } = await post({ name: 'umbrella', planId: 'premium', contributors: 12 });
    expect(body).toMatchObject({ planId: 'premium', contributors: 12 });
    expectFaults(await post({ name: 'umbrella-2', isOperator: true }), '/body/isOperator');
  });

  test('is not created with a taken name, a bad one, an unknown plan or no name', async () => {
    expectProblem(await post({ name: 'acme' }), 409, 'conflict');
    for (const name of ['', 'Upper', 'a b', '-a', 'a/b', 'ü', 'x'.repeat(65)]) {
      expectFaults(await post({ name }), '/body/name');
    }
    expectFaults(await post({ name: 'wayne', planId: 'no-such-plan' }), '/body/planId');
    expectFaults(await post({}), '/body/name');
  });

  test('is listed for the operator; everyone else is shown their own alone', async () => {
    const { status, body } = await call<OrganizationList>(server, 'GET', '/v1/organizations?sort=name', operator);
    expect(status).toBe(200);
    expect(body.items.map(({ name }) => name)).toEqual(expect.arrayContaining(['acme', 'globex']));
    const own = await call<OrganizationList>(server, 'GET', '/v1/organizations?search=e', tenant);
    expect(own.body).toMatchObject({ items: [{ id: globex.id }], next: null });
    expect((await call(server, 'GET', '/v1/organizations?search=acme', tenant)).body).toEqual({
      items: [],
      next: null,
    });
  });

  test('has no name that could be an id, when it is made or renamed', async () => {
    expectFaults(await post({ name: nobody }), '/body/name');
    expectFaults(await patch(globex.id, { name: server.organization.id }, tenant), '/body/name');
  });

  test("is not shown to who is merely a member of the operator's: it takes one of the operator's permissions", async () => {
    for (const role of ['member', 'viewer']) {
      const { secret } = await bearerWithRole(server, server.organization, role);
      const { body } = await call<OrganizationList>(server, 'GET', '/v1/organizations', secret);
      expect(body.items.map(({ name }) => name)).toEqual(['acme']);
      expectProblem(await get(globex.id, secret), 404, 'not_found');
      expect((await get(server.organization.id, secret)).body.name).toBe('acme');
    }
    const narrow = await bearerOf(server, server.owner, ['create:organization', 'read:organization']);
    expect((await get(globex.id, narrow)).body.name).toBe('globex');
  });

  test('shows itself to its own, and no other', async () => {
    expect((await get(globex.id, tenant)).body).toMatchObject({ name: 'globex', isOperator: false });
    expectProblem(await get(server.organization.id, tenant), 404, 'not_found');
    expectProblem(await get(nobody), 404, 'not_found');
  });

  test('is renamed by its own, and given a plan by the operator', async () => {
    expect((await patch(globex.id, { name: 'globex-2' }, tenant)).body).toMatchObject({ name: 'globex-2' });
    expect((await patch(globex.id, { planId: 'premium', contributors: 3 })).body).toMatchObject({
      planId: 'premium',
      contributors: 3,
    });
    expectForbidden(await patch(globex.id, { planId: 'premium' }, tenant), 'update:plan');
    expectForbidden(await patch(globex.id, { contributors: 100 }, tenant), 'update:plan');
  });

  test('is not changed to a taken name, to nothing, or where it is not', async () => {
    expectProblem(await patch(globex.id, { name: 'acme' }), 409, 'conflict');
    expectFaults(await patch(globex.id, { name: 'Not A Handle' }), '/body/name');
    expectFaults(await patch(globex.id, { planId: 'no-such-plan' }), '/body/planId');
    expectFaults(await patch(globex.id, {}), '/body');
    expectProblem(await patch(nobody, { name: 'nothing' }), 404, 'not_found');
  });
});

describe('an organization that is ended', () => {
  const act = (method: string, id: string, path = '') =>
    call(server, method, `/v1/organizations/${id}${path}`, operator);

  test('takes all its credentials along, and lets them work again when it is activated', async () => {
    const stark = await server.addOrganization('stark');
    const bearer = await bearerOf(server, stark.owner);
    expect((await act('POST', stark.id, '/deactivate')).status).toBe(204);
    expect((await act('POST', stark.id, '/deactivate')).status).toBe(204);
    expectProblem(await call(server, 'GET', '/v1/self', bearer), 401, 'invalid_credential');
    expect((await get(stark.id)).body).toMatchObject({ active: false, deactivatedAt: expect.stringMatching(time) });
    expect((await act('POST', stark.id, '/activate')).status).toBe(204);
    expect((await call(server, 'GET', '/v1/self', bearer)).status).toBe(200);
    expect((await act('DELETE', stark.id)).status).toBe(204);
    expectProblem(await call(server, 'GET', '/v1/self', bearer), 401, 'invalid_credential');
    for (const path of ['/deactivate', '/activate']) expectProblem(await act('POST', stark.id, path), 404, 'not_found');
    expect((await act('DELETE', stark.id)).status).toBe(204);
    expectProblem(await get(stark.id), 404, 'not_found');
  });

  test('is never the one that runs the server', async () => {
    const { id } = server.organization;
    expectProblem(await act('DELETE', id), 409, 'conflict');
    for (const path of ['/deactivate', '/activate']) expectProblem(await act('POST', id, path), 409, 'conflict');
  });
});
