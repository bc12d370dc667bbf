// Several limits of a plan, and limits of a token's own: a call that one of them refuses spends none, and is told which it
// was. A whole server stands behind it, on one node and as one of many.

import { parseList } from 'structured-headers';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { BudgetState, CreatedToken, Problem, Token, VerifyResponse } from '../../../sdk/src/wire.ts';
import type { WantedLimit } from '../../../server/src/core/checking/plan.ts';
import { startServer, type TestServer } from '../../server.ts';
import { bearerOf, call, expectFaults } from './calls.ts';

const [minute, hour, day] = [60_000, 3_600_000, 24 * 3_600_000];

describe.each(['sqlite', 'postgres'] as const)('on %s', (database) => {
  let server: TestServer;
  let operator: string;
  beforeAll(async () => {
    server = await startServer({
      database,
      permissions: ['read:x'],
      routes: (upstream) => [
        {
          path: '/open',
          methods: ['GET'],
          permissions: [],
          dialect: null,
          credential: 'none',
          plan: 'mixed',
          upstream,
        },
      ],
    });
    operator = await bearerOf(server, server.owner);
  });
  afterAll(() => server?.stop());

  let made = 0;
  /** A customer with a plan of its own. */
  async function customerOn(...limits: WantedLimit[]) {
    made += 1;
    const id = `plan-${made}`;
    await server.core.putPlan(server.asOwner, { id, name: id, limits });
    const customer = await server.addOrganization(`customer-${made}`);
    await server.core.updateOrganization(server.asOwner, customer.id, { planId: id, contributors: 1 });
    const caller = await server.callerFor({ type: 'user', id: customer.owner.id });
    return { ...customer, planId: id, caller, owner: await bearerOf(server, { caller }) };
  }
  type Customer = Awaited<ReturnType<typeof customerOn>>;
  const tokenOf = async ({ caller }: Customer, limits?: { limit: number; windowMs: number }[]) =>
    (await server.core.createApiToken(caller, { permissions: ['*:*'], ...(limits && { limits }) })).secret;
  const check = (bearer: string, cost = 1) => call<Problem>(server, 'GET', `/v1/check?cost=${cost}`, bearer);
  const statuses = async (bearer: string, calls: number) => {
    const all = [];
    for (let n = 0; n < calls; n += 1) all.push((await check(bearer)).status);
    return all;
  };
  const budget = async (bearer: string) => (await call<BudgetState>(server, 'GET', '/v1/budget', bearer)).body;
  const left = async (bearer: string) => (await budget(bearer)).limits.map(({ remaining }) => remaining);

  test('a call is let in if all have room, and spends all of them or none', async () => {
    const customer = await customerOn(
      { limit: 5, windowMs: minute, per: 'api_token' },
      { limit: 8, windowMs: hour, per: 'organization' },
      { limit: 1000, windowMs: day, per: 'contributor' },
    );
    const [one, other] = [await tokenOf(customer), await tokenOf(customer)];
    expect(await statuses(one, 7)).toEqual([200, 200, 200, 200, 200, 429, 429]);
    expect(await left(one)).toEqual([3, 995, 0]);
    expect(await statuses(other, 4)).toEqual([200, 200, 200, 429]);
    expect(await left(other)).toEqual([0, 992, 2]);
  });

  test('the headers list all limits and say of the one with least left; a refusal names the one that refused [S92]', async () => {
    const customer = await customerOn(
      { limit: 3, windowMs: minute, per: 'api_token' },
      { limit: 600, windowMs: hour, per: 'organization' },
    );
    const token = await tokenOf(customer);
    const { planId } = customer;
    const names = [`${planId}:organization:3600s`, `${planId}:api_token:60s`];
    const first = await check(token);
    const policies = parseList(first.headers.get('ratelimit-policy') ?? '');
    expect(policies.map(([name, parameters]) => [name, parameters.get('q'), parameters.get('w')])).toEqual([
      [names[0], 600, 3600],
      [names[1], 3, 60],
    ]);
    expect(first.headers.get('ratelimit')).toMatch(new RegExp(`^"${names[1]}";r=2;t=60$`));
    await statuses(token, 2);
    const refused = await check(token);
    expect(refused.body).toMatchObject({ status: 429, 'violated-policies': [names[1]] });
    expect(refused.body.detail).toContain(`"${names[1]}" of 3 calls in 60 seconds`);
    expect(Number(refused.headers.get('retry-after'))).toBeLessThanOrEqual(60);
    expect(refused.headers.get('ratelimit')).toContain(`"${names[1]}";r=0`);
    const { body } = await call<VerifyResponse>(server, 'POST', '/v1/verify', operator, { credential: token });
    expect(body).toMatchObject({ allowed: false, reason: 'rate_limited', limit: { name: names[1], remaining: 0 } });
  });

  test('an access token counts as the credential that it was made from, and every credential for itself', async () => {
    const customer = await customerOn({ limit: 4, windowMs: hour, per: 'api_token' });
    const [one, other] = [await tokenOf(customer), await tokenOf(customer)];
    const exchanged = async (form: string) =>
      (await call<{ accessToken: string }>(server, 'POST', '/v1/access-tokens', undefined, { apiToken: one, form }))
        .body.accessToken;
    const [jwt, sealed] = [await exchanged('jwt'), await exchanged('sealed')];
    expect([...(await statuses(one, 2)), ...(await statuses(jwt, 1)), ...(await statuses(sealed, 2))]).toEqual([
      200, 200, 200, 200, 429,
    ]);
    expect(await statuses(jwt, 1)).toEqual([429]);
    expect(await statuses(other, 1)).toEqual([200]);
  });

  test('limits per address count in each organization, and without a credential all limits count by address', async () => {
    await server.core.putPlan(server.asOwner, {
      id: 'mixed',
      name: 'Mixed',
      limits: [
        { limit: 2, windowMs: hour, per: 'organization' },
        { limit: 100, windowMs: minute, per: 'address' },
      ],
    });
    const open = async () => (await fetch(`${server.url}/open`)).status;
    expect([await open(), await open(), await open()]).toEqual([200, 200, 429]);
    const limit = { limit: 2, windowMs: hour, per: 'address' } as const;
    const [one, other] = [await customerOn(limit), await customerOn(limit)];
    const asked = async (customer: Customer) => [
      ...(await statuses(await tokenOf(customer), 1)),
      ...(await statuses(await tokenOf(customer), 2)),
    ];
    expect([await asked(one), await asked(other)]).toEqual([
      [200, 200, 429],
      [200, 200, 429],
    ]);
  });

  test('a change of plan carries over what was spent in windows that both have, and begins the others anew', async () => {
    const customer = await customerOn(
      { limit: 10, windowMs: hour, per: 'organization' },
      { limit: 6, windowMs: minute, per: 'organization' },
    );
    const token = await tokenOf(customer);
    await statuses(token, 4);
    const next = await customerOn(
      { limit: 20, windowMs: hour, per: 'contributor' },
      { limit: 50, windowMs: day, per: 'organization' },
      { limit: 9, windowMs: hour, per: 'api_token' },
    );
    await server.core.updateOrganization(server.asOwner, customer.id, { planId: next.planId });
    expect(await left(token)).toEqual([16, 50, 9]);
    await server.core.updateOrganization(server.asOwner, customer.id, { planId: 'unlimited' });
    expect(await budget(token)).toEqual({ plan: null, limits: [] });
    expect((await check(token)).headers.get('ratelimit')).toBeNull();
    await server.core.updateOrganization(server.asOwner, customer.id, { planId: customer.planId });
    expect(await left(token)).toEqual([6, 2]);
  });

  describe('limits of a token’s own', () => {
    const limits = [{ limit: 3, windowMs: minute }];

    test('narrow what its plan leaves, are shown, changed and taken away', async () => {
      const customer = await customerOn({ limit: 100, windowMs: minute, per: 'organization' });
      const { body } = await call<CreatedToken>(server, 'POST', '/v1/tokens', customer.owner, {
        permissions: [],
        limits,
      });
      expect(body.token.limits).toEqual(limits);
      expect(await statuses(body.secret, 4)).toEqual([200, 200, 200, 429]);
      expect(await left(customer.owner)).toEqual([97]);
      expect((await check(body.secret)).body['violated-policies']).toEqual(['token:60s']);
      const change = (to: unknown) =>
        call<Token>(server, 'PATCH', `/v1/tokens/${body.token.id}`, customer.owner, { limits: to });
      expect((await change([{ limit: 5, windowMs: minute }])).body.limits).toEqual([{ limit: 5, windowMs: minute }]);
      expect(await statuses(body.secret, 3)).toEqual([200, 200, 429]);
      expect((await change([])).body.limits).toEqual([]);
      expect(await statuses(body.secret, 1)).toEqual([200]);
    });

    test('hold where the plan limits nothing', async () => {
      const customer = await customerOn();
      const token = await tokenOf(customer, [
        { limit: 2, windowMs: minute },
        { limit: 100, windowMs: hour },
      ]);
      expect(await statuses(token, 3)).toEqual([200, 200, 429]);
      expect(await statuses(customer.owner, 5)).toEqual(Array(5).fill(200));
    });

    test('are inherited by what it makes, which spends them too, and it makes and changes none that has larger ones', async () => {
      const customer = await customerOn();
      const parent = await tokenOf(customer, [{ limit: 4, windowMs: hour }]);
      const make = (body: object) =>
        call<CreatedToken & Problem>(server, 'POST', '/v1/tokens', parent, { permissions: [], ...body });
      const [one, other] = [(await make({})).body, (await make({ limits: [{ limit: 2, windowMs: hour }] })).body];
      expect(one.token.limits).toEqual([{ limit: 4, windowMs: hour }]);
      expect(await statuses(one.secret, 2)).toEqual([200, 200]);
      expect(await statuses(other.secret, 1)).toEqual([429]);
      expect(await statuses(parent, 3)).toEqual([200, 200, 429]);
      for (const limits of [[], [{ limit: 5, windowMs: hour }], [{ limit: 1, windowMs: minute }]]) {
        expect((await make({ limits })).status).toBe(403);
        expect((await call(server, 'PATCH', `/v1/tokens/${one.token.id}`, parent, { limits })).status).toBe(403);
      }
      // Its own are not its to widen.
      const own = (await call<{ id: string }>(server, 'GET', '/v1/self', parent)).body.id;
      expect((await call(server, 'PATCH', `/v1/tokens/${own}`, parent, { limits: [] })).status).toBe(403);
    });

    test('are at most four, each of another window', async () => {
      const { owner } = await customerOn();
      const make = (limits: unknown) => call(server, 'POST', '/v1/tokens', owner, { permissions: [], limits });
      const five = [1, 2, 3, 4, 5].map((n) => ({ limit: n, windowMs: n * minute }));
      expectFaults(await make(five), '/body/limits');
      expectFaults(await make([...limits, ...limits]), '/body/limits/1');
      expectFaults(await make([{ limit: 0, windowMs: minute }]), '/body/limits/0/limit');
      expectFaults(await make([{ limit: 1, windowMs: minute, per: 'api_token' }]), '/body/limits/0/per');
    });
  });

  test('an operator gives a spent budget back, for the organization and all of its credentials, and it is journalled', async () => {
    const customer = await customerOn(
      { limit: 2, windowMs: day, per: 'organization' },
      { limit: 2, windowMs: hour, per: 'api_token' },
    );
    const token = await tokenOf(customer);
    expect(await statuses(token, 3)).toEqual([200, 200, 429]);
    const reset = (bearer: string) =>
      call<Problem>(server, 'POST', `/v1/organizations/${customer.id}/reset-budget`, bearer);
    expect((await reset(customer.owner)).status).toBe(403);
    expect((await reset(operator)).status).toBe(204);
    expect(await statuses(token, 3)).toEqual([200, 200, 429]);
    const { items } = await server.core.listJournal(customer.caller, { limit: 5 });
    const actions = items.map(({ action }) => action).filter((action) => action.includes('budget_reset'));
    expect(actions.sort()).toEqual(['organization.budget_reset', 'organization.budget_reset_begun']);
    const nobody = await call(server, 'POST', '/v1/organizations/nobody/reset-budget', operator);
    expect(nobody.status).toBe(404);
  });

  test('an operator who no longer stands gives nothing back', async () => {
    const customer = await customerOn({ limit: 1, windowMs: day, per: 'organization' });
    const token = await tokenOf(customer);
    expect(await statuses(token, 2)).toEqual([200, 429]);
    const email = `leaving-${database}@operators.example`;
    const { user } = await server.core.createUser(server.asOwner, { email, name: 'Leaving', role: 'admin' });
    const leaving = await server.callerFor({ type: 'user', id: user.id });
    await server.core.deactivateUser(server.asOwner, user.id);
    await expect(server.core.resetBudget(leaving, customer.id)).rejects.toMatchObject({ code: 'unauthenticated' });
    expect(await statuses(token, 1)).toEqual([429]);
  });
});
