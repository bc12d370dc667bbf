// What an organization has spent stays spent when it gets another plan; without a plan nothing is limited.

import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { BudgetState, Organization } from '../../../sdk/src/wire.ts';
import { startServer, type TestServer } from '../../server.ts';
import { bearerOf, call, expectFaults } from './calls.ts';

describe.each(['sqlite', 'postgres'] as const)('on %s', (database) => {
  let server: TestServer;
  let operator: string;
  let owner: string;
  let id: string;
  beforeAll(async () => {
    server = await startServer({ database });
    operator = await bearerOf(server, server.owner);
    const customer = await server.addOrganization('customer');
    owner = await bearerOf(server, customer.owner);
    id = customer.id;
    for (const [planId, limit] of [
      ['small', 10],
      ['large', 100],
      ['tiny', 3],
    ] as const) {
      const limits = [{ limit, windowMs: 3_600_000, per: 'organization' }] as const;
      await server.core.createPlan(server.asOwner, { id: planId, name: planId, limits });
    }
  });
  afterAll(() => server?.stop());

  const give = (planId: string | null) =>
    call<Organization>(server, 'PATCH', `/v1/organizations/${id}`, operator, { planId });
  const budget = async () => (await call<BudgetState>(server, 'GET', '/v1/budget', owner)).body;
  const check = async () => fetch(`${server.url}/v1/check`, { headers: { authorization: `Bearer ${owner}` } });

  test('a change carries over what was spent, up and down, and the budget shows it', async () => {
    await give('small');
    for (let made = 0; made < 4; made += 1) expect((await check()).status).toBe(200);
    expect(await budget()).toMatchObject({ plan: 'small', limit: 10, remaining: 6 });
    await give('large');
    expect(await budget()).toMatchObject({ plan: 'large', limit: 100, remaining: 96 });
    await give('tiny');
    expect(await budget()).toMatchObject({ plan: 'tiny', limit: 3, remaining: 0 });
    const refused = await check();
    expect(refused.status).toBe(429);
    expect(Number(refused.headers.get('retry-after'))).toBeLessThanOrEqual(3600);
    await give('small');
    expect(await budget()).toMatchObject({ remaining: 6 });
  });

  test('without a plan nothing is limited, and the answer says so', async () => {
    expect((await give(null)).body.planId).toBeNull();
    for (let made = 0; made < 20; made += 1) {
      const answer = await check();
      expect([answer.status, answer.headers.get('ratelimit')]).toEqual([200, null]);
    }
    expect(await budget()).toEqual({ plan: null, limits: [] });
    const made = await call<Organization>(server, 'POST', '/v1/organizations', operator, {
      name: 'unmetered',
      planId: null,
    });
    expect([made.status, made.body.planId]).toEqual([201, null]);
    const usual = await call<Organization>(server, 'POST', '/v1/organizations', operator, { name: 'usual' });
    expect(usual.body.planId).toBe('free');
    expectFaults(await give('no-such-plan'), '/body/planId');
  });
});
