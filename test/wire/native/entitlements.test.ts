// Entitlements: what an organization may hold at most bounds what its credentials may do, whatever they hold, by every way;
// and its own people are told which of the three stands in theirs.

import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { ownPermissions } from '../../../rules/src/own-permissions.ts';
import type { Organization, Permission, Plan, Problem, Self, Session, VerifyResponse } from '../../../sdk/src/wire.ts';
import { type Person, startServer, type TestServer } from '../../server.ts';
import { bearerOf, bearerWithRole, call, expectFaults, expectForbidden } from './calls.ts';
import { signedIn } from './session-client.ts';

describe.each(['sqlite', 'postgres'] as const)('on %s', (database) => {
  let server: TestServer;
  let operator: string;
  let customer: { id: string; name: string; owner: Person };
  let own: string;
  beforeAll(async () => {
    const permissions = ['read:orders', 'cancel:orders', 'read:invoices', 'lead:parcels'];
    const route = { methods: ['GET'], match: 'all', organizationParam: null, dialect: 'native' } as const;
    const routes = (upstream: string) => [
      { ...route, path: '/orders', permissions: ['read:orders'], upstream },
      { ...route, path: '/cancel', permissions: ['cancel:orders'], upstream },
    ];
    server = await startServer({ database, permissions, routes });
    operator = await bearerOf(server, server.owner);
    customer = await server.addOrganization('customer');
    own = await bearerOf(server, customer.owner);
  });
  afterAll(() => server?.stop());

  /** The owner as of now: a caller who has come to hold less is refused. */
  const ownerNow = () => server.callerFor({ type: 'user', id: customer.owner.id });
  const tokenOf = async (...permissions: string[]) => bearerOf(server, { caller: await ownerNow() }, permissions);
  const entitle = (entitlement: unknown, bearer = operator) =>
    call<Organization & Problem>(server, 'PATCH', `/v1/organizations/${customer.id}`, bearer, { entitlement });
  const check = (bearer: string, permissions: string) =>
    call<Problem>(server, 'GET', `/v1/check?permissions=${permissions}`, bearer);
  const limits = [{ limit: 1_000_000, windowMs: 60_000, per: 'organization' }] as const;
  const rule = { name: 'Reading', limits, whenUnavailable: 'local' } as const;
  const putPlan = (body: object) => call<Plan & Problem>(server, 'PUT', '/v1/plans/reading', operator, body);

  /** Every way in which a call of the guarded API is decided, with what each says. */
  async function ways(secret: string, path: '/orders' | '/cancel'): Promise<number[]> {
    const permission = path === '/orders' ? 'read:orders' : 'cancel:orders';
    const body = { credential: secret, permissions: [permission] };
    const asker = await tokenOf('verify:credential');
    const verdict = await call<VerifyResponse>(server, 'POST', '/v1/verify', asker, body);
    return [
      (await call(server, 'GET', path, secret)).status,
      (await check(secret, permission)).status,
      verdict.body.allowed ? 200 : verdict.body.reason === 'missing_permission' ? 403 : 401,
    ];
  }
  const [yes, no] = [Array(3).fill(200), Array(3).fill(403)];

  test('narrowing bounds every credential of the organization by every way, and widening gives back', async () => {
    const both = await bearerOf(server, customer.owner, ['read:orders', 'cancel:orders']);
    const exchanged = async (apiToken: string, form: 'jwt' | 'sealed') =>
      (await call<{ accessToken: string }>(server, 'POST', '/v1/access-tokens', undefined, { apiToken, form })).body
        .accessToken;
    const credentials = [both, own, await exchanged(both, 'jwt'), await exchanged(own, 'sealed')];
    for (const one of credentials) expect(await ways(one, '/cancel')).toEqual(yes);
    const narrowed = await entitle(['read:*']);
    expect([narrowed.status, narrowed.body.entitlement]).toEqual([200, ['read:*']]);
    for (const one of credentials) {
      expect(await ways(one, '/cancel')).toEqual(no);
      expect(await ways(one, '/orders')).toEqual(yes);
    }
    // What is made meanwhile is bounded too.
    for (const one of [await exchanged(both, 'jwt'), await exchanged(own, 'sealed')]) {
      expect(await ways(one, '/cancel')).toEqual(no);
    }
    expect((await entitle(null)).body.entitlement).toBeNull();
    for (const one of credentials) expect(await ways(one, '/cancel')).toEqual(yes);
  });

  test('nobody is told of permissions that their organization is not entitled to: not by plans, nor by what was probably meant', async () => {
    await putPlan({ ...rule, entitlement: ['cancel:orders', 'read:invoices', 'read:orders'] });
    await entitle(['read:*']);
    const bearer = await bearerOf(server, { caller: await ownerNow() });
    const told = async (asker: string) => {
      const { body } = await call<{ items: Plan[] }>(server, 'GET', '/v1/plans', asker);
      return body.items.find(({ id }) => id === 'reading')?.entitlement.toSorted();
    };
    expect(await told(operator)).toEqual(['cancel:orders', 'read:invoices', 'read:orders']);
    expect(await told(bearer)).toEqual(['read:invoices', 'read:orders']);
    const misspelt = async (asker: string, permission: string) =>
      JSON.stringify((await call<Problem>(server, 'POST', '/v1/tokens', asker, { permissions: [permission] })).body);
    expect(await misspelt(bearer, 'read:invoice')).toContain('Did you mean read:invoices?');
    expect(await misspelt(operator, 'cancel:order')).toContain('Did you mean cancel:orders?');
    expect(await misspelt(operator, 'read:parcels')).toContain('Did you mean lead:parcels?');
    expect(await misspelt(bearer, 'read:parcels')).toMatch(
      /No API has the permission read:parcels\.(?!.*lead:parcels)/,
    );
    const asked = { name: 'Reports', type: 'public', redirectUris: ['https://reports.example/callback'] };
    const application = async (permission: string) =>
      JSON.stringify(
        (await call<Problem>(server, 'POST', '/v1/applications', bearer, { ...asked, permissions: [permission] })).body,
      );
    expect(await application('read:invoice')).toContain('Did you mean read:invoices?');
    expect(await application('read:parcels')).toMatch(/No API has the permission read:parcels\.(?!.*lead:parcels)/);
    await entitle(null);
  });

  test('a plan entitles whoever has it, unless the organization has a list of its own', async () => {
    expect((await putPlan({ ...rule, entitlement: ['read:orders'] })).body.entitlement).toEqual(['read:orders']);
    const give = (planId: string) =>
      call(server, 'PATCH', `/v1/organizations/${customer.id}`, operator, { planId }).then(({ status }) => status);
    expect(await give('reading')).toBe(200);
    expect([(await check(own, 'read:orders')).status, (await check(own, 'cancel:orders')).status]).toEqual([200, 403]);
    await putPlan({ ...rule, entitlement: ['*:orders'] });
    expect((await check(own, 'cancel:orders')).status).toBe(200);
    await putPlan({ ...rule, entitlement: ['cancel:orders'] });
    expect((await check(own, 'read:orders')).status).toBe(403);
    await entitle(['read:orders']);
    expect([(await check(own, 'read:orders')).status, (await check(own, 'cancel:orders')).status]).toEqual([200, 403]);
    await entitle(null);
    expect((await check(own, 'cancel:orders')).status).toBe(200);
    expect(await give('enterprise')).toBe(200);
    expect((await check(own, 'read:orders')).status).toBe(200);
  });

  test('a plan is entitled to everything unless it says otherwise, and once it does it must say so again', async () => {
    expect((await call<Plan>(server, 'POST', '/v1/plans', operator, { id: 'open', ...rule })).body).toMatchObject({
      entitlement: ['*:*'],
    });
    await putPlan({ ...rule, entitlement: [] });
    expectFaults(await putPlan(rule), '/body/entitlement');
    expect((await putPlan({ ...rule, entitlement: ['*:*'] })).body.entitlement).toEqual(['*:*']);
  });

  test('Keyward’s own permissions are none of its affair', async () => {
    await entitle(['read:orders']);
    const { body } = await call<Self>(server, 'GET', '/v1/self', own);
    expect(body.permissions).toEqual(['read:orders', ...ownPermissions]);
    expect((await call(server, 'GET', '/v1/users', own)).status).toBe(200);
    const page = await signedIn(server, customer.owner);
    const session = (await page.ask<Session>('GET', '/v1/session')).body;
    // What it may pass on is not narrowed: it is bounded again for whoever is given it.
    expect([session.permissions, session.held]).toEqual([body.permissions, ['*:*']]);
    await entitle([]);
    expect((await check(own, 'read:orders')).status).toBe(403);
    expect((await call(server, 'GET', '/v1/users', own)).status).toBe(200);
    await entitle(null);
    expect((await call<Self>(server, 'GET', '/v1/self', own)).body.permissions).toEqual(['*:*']);
  });

  test('who is refused is told whether token, role or entitlement stands in the way', async () => {
    await server.core.createRole(await ownerNow(), { name: 'reader', permissions: ['read:*', 'cancel:orders'] });
    await entitle(['*:orders']);
    const { secret } = await bearerWithRole(server, customer, 'reader');
    const narrow = await tokenOf('read:orders');
    const told = async (bearer: string, permissions: string) => (await check(bearer, permissions)).body.lacking;
    expect(await told(narrow, 'read:orders,cancel:orders')).toEqual([{ permission: 'cancel:orders', in: 'token' }]);
    expect(await told(secret, 'read:invoices,update:orders')).toEqual([
      { permission: 'read:invoices', in: 'entitlement' },
      { permission: 'update:orders', in: 'role' },
    ]);
    const asked = async (asker: string) => {
      const body = { credential: secret, permissions: ['read:invoices'] };
      return (await call<VerifyResponse>(server, 'POST', '/v1/verify', asker, body)).body;
    };
    expect(await asked(await tokenOf('verify:credential'))).toMatchObject({
      reason: 'missing_permission',
      lacking: [{ permission: 'read:invoices', in: 'entitlement' }],
    });
    const stranger = await server.addOrganization('stranger');
    expect(await asked(await bearerOf(server, stranger.owner, ['verify:credential']))).toEqual({
      allowed: false,
      reason: 'unknown',
    });
    await entitle(null);
  });

  test('nothing is granted that nobody there is entitled to, and an owner still makes admins', async () => {
    await server.core.createRole(await ownerNow(), { name: 'canceller', permissions: ['cancel:orders'] });
    const kept = await server.core.createApiToken(await ownerNow(), { permissions: ['cancel:orders'] });
    await entitle(['read:orders']);
    const refused = ['cancel:orders', 'cancel:*', '*:invoices'];
    for (const one of refused) {
      expectForbidden(await call(server, 'POST', '/v1/tokens', own, { permissions: ['read:orders', one] }), one);
      expectForbidden(await call(server, 'POST', '/v1/roles', own, { name: 'wide', permissions: [one] }), one);
      expectForbidden(
        await call(server, 'PATCH', '/v1/roles/canceller', own, { permissions: [one, 'read:invoices'] }),
        one === 'cancel:orders' ? 'read:invoices' : one,
      );
    }
    // What is held already stays, and may stand where it stands.
    const path = `/v1/tokens/${kept.token.id}`;
    const change = await call(server, 'PATCH', path, own, { permissions: ['cancel:orders', 'read:orders'] });
    expect([change.status, change.body.permissions]).toEqual([200, ['cancel:orders', 'read:orders']]);
    expect((await check(kept.secret, 'cancel:orders')).status).toBe(403);
    for (const permissions of [['read:*'], ['*:*'], ['create:user']]) {
      expect((await call(server, 'POST', '/v1/tokens', own, { permissions })).status).toBe(201);
    }
    for (const role of ['admin', 'canceller']) {
      const email = `${role}.${database}@customer.example`;
      expect((await call(server, 'POST', '/v1/users', own, { email, name: role, role })).status).toBe(201);
    }
    await entitle(null);
    expect((await check(kept.secret, 'cancel:orders')).status).toBe(200);
  });

  test('the catalogue shows a customer what it is entitled to, and the operator everything', async () => {
    await entitle(['*:orders']);
    const listed = async (bearer: string) =>
      (await call<{ items: Permission[] }>(server, 'GET', '/v1/permissions', bearer)).body.items
        .filter(({ builtIn }) => !builtIn)
        .map(({ name }) => name);
    expect(await listed(own)).toEqual(['cancel:orders', 'read:orders']);
    expect(await listed(operator)).toEqual(expect.arrayContaining(['cancel:orders', 'read:invoices', 'read:orders']));
    await entitle(null);
    expect(await listed(own)).toEqual(await listed(operator));
  });

  test('a permission that leaves the catalogue leaves entitlements too', async () => {
    const [name, plan] = ['ship:orders', 'shipping'];
    const permission = () => server.core.registerPermission(server.asOwner, { name });
    await permission();
    await call(server, 'POST', '/v1/plans', operator, { ...rule, id: plan, entitlement: [name, 'read:*'] });
    await entitle([name]);
    expect((await call(server, 'DELETE', `/v1/permissions/${name}`, operator)).status).toBe(204);
    const { body } = await call<Organization>(server, 'GET', `/v1/organizations/${customer.id}`, operator);
    expect(body.entitlement).toEqual([]);
    expect((await server.store.plans.find(plan))?.entitlement).toEqual(['read:*']);
    // Of the same name or not, it is another one.
    await permission();
    expect((await check(own, name)).status).toBe(403);
    await entitle(null);
    expect((await check(own, name)).status).toBe(200);
    expect((await call(server, 'DELETE', `/v1/permissions/${name}`, operator)).status).toBe(204);
  });

  test('only operators change it, with patterns that reach something, and the journal has them', async () => {
    expectForbidden(await entitle(['*:*'], own), 'update:plan');
    for (const [wrong, meant] of [
      ['read:order', 'Did you mean read:orders?'],
      ['raed:*', 'Did you mean read:*?'],
      ['verify:credential', 'which roles bound'],
    ] as const) {
      for (const answer of [
        await entitle(['read:orders', wrong]),
        await putPlan({ ...rule, entitlement: ['*:*', wrong] }),
      ]) {
        expectFaults(answer, '/body/entitlement/1');
        expect(answer.text).toContain(meant);
      }
    }
    expectFaults(await entitle(['not a pattern']), '/body/entitlement/0');
    expectFaults(await entitle('read:orders'), '/body/entitlement');
    await entitle(['read:orders']);
    await putPlan({ ...rule, entitlement: ['*:orders'] });
    const entries = await server.store.journal.after((await server.store.journal.head()) - 2, 2);
    expect(entries).toMatchObject([
      { action: 'organization.changed', detail: { entitlement: ['read:orders'] }, organizationId: customer.id },
      { action: 'plan.changed', detail: { entitlement: ['*:orders'] } },
    ]);
    await entitle(null);
  });
});
