// Plans: what each of their endpoints answers when the caller may call it.

import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Plan, PlanList, Problem } from '../../../sdk/src/wire.ts';
import { startServer, type TestServer } from '../../server.ts';
import { bearerOf, call, expectFaults } from './calls.ts';

describe.each(['sqlite', 'postgres'] as const)('on %s', (database) => {
  let server: TestServer;
  let owner: string;
  beforeAll(async () => {
    server = await startServer({ database });
    owner = await bearerOf(server, server.owner);
  });
  afterAll(() => server?.stop());

  const limit = { limit: 20, windowMs: 60_000, per: 'contributor', cap: 200 };
  const trial = { name: 'Trial', limits: [limit], whenUnavailable: 'local', entitlement: ['*:*'] };
  const told = { ...trial, observed: null };
  const put = (id: string, body: unknown) => call<Plan & Problem>(server, 'PUT', `/v1/plans/${id}`, owner, body);
  const patch = (id: string, body: unknown) => call<Plan & Problem>(server, 'PATCH', `/v1/plans/${id}`, owner, body);
  const create = (body: unknown) => call<Plan & Problem>(server, 'POST', '/v1/plans', owner, body);
  const list = async () => (await call<PlanList>(server, 'GET', '/v1/plans', owner)).body.items;
  const find = async (id: string) => (await list()).find((plan) => plan.id === id);

  test('lists the plans that a server starts with, and one of them limits nothing', async () => {
    expect((await list()).map(({ id }) => id).sort()).toEqual([
      'anonymous',
      'enterprise',
      'free',
      'per-minute',
      'premium',
      'unlimited',
    ]);
    expect(await find('unlimited')).toMatchObject({ limits: [] });
  });

  test('creates a plan, and replaces it whole', async () => {
    const { status, body } = await put('trial', trial);
    expect([status, body]).toEqual([200, { id: 'trial', ...told }]);
    const { cap: _, ...uncapped } = { ...limit, limit: 30 };
    const whole = { ...trial, whenUnavailable: 'allow' };
    const after = { id: 'trial', ...told, ...whole, limits: [{ ...uncapped, cap: null }] };
    expect((await put('trial', { ...whole, limits: [uncapped] })).body).toEqual(after);
    expect(await find('trial')).toEqual(after);
  });

  test('a replacement that leaves something out is refused, and nothing is changed', async () => {
    await put('whole', trial);
    const { whenUnavailable: _, ...half } = trial;
    expectFaults(await put('whole', half), '/body/whenUnavailable');
    const { entitlement: __, ...unbounded } = trial;
    expectFaults(await put('whole', unbounded), '/body/entitlement');
    expectFaults(await put('whole', {}), '/body/name', '/body/limits', '/body/whenUnavailable', '/body/entitlement');
    expect(await find('whole')).toEqual({ id: 'whole', ...told });
  });

  test('changes what is said of a plan, and nothing else', async () => {
    await put('patched', trial);
    expect((await patch('patched', { name: 'Patched' })).body).toEqual({ id: 'patched', ...told, name: 'Patched' });
    const limits = [limit, { limit: 5, windowMs: 1000, per: 'api_token', cap: null }];
    const changed = await patch('patched', { limits });
    expect(changed.body).toEqual({ id: 'patched', ...told, name: 'Patched', limits });
    expect(await find('patched')).toEqual(changed.body);
    expect((await patch('patched', {})).status).toBe(400);
    expect((await patch('no-such-plan', { name: 'X' })).status).toBe(404);
  });

  test('creates a plan of an id that is free, and replaces none', async () => {
    const { whenUnavailable: _, entitlement: __, ...unsaid } = trial;
    const made = await create({ id: 'fresh', ...unsaid });
    expect([made.status, made.body]).toEqual([201, { id: 'fresh', ...told }]);
    const again = await create({ id: 'fresh', ...trial, limits: [] });
    expect(again.status).toBe(409);
    expect(again.body.errors).toMatchObject([{ at: '/body/id', message: expect.stringContaining('fresh') }]);
    expect((await find('fresh'))?.limits).toEqual([limit]);
    expectFaults(await create({ id: 'Not a handle', ...trial }), '/body/id');
  });

  test('exactly one of many racing creations of a plan wins', async () => {
    const racing = Array.from({ length: 8 }, (_, n) => create({ id: 'raced', ...trial, name: `Racer ${n}` }));
    expect((await Promise.all(racing)).map(({ status }) => status).sort()).toEqual([201, ...Array(7).fill(409)]);
  });

  test('a plan has up to four limits, and no two count the same calls in the same window', async () => {
    const [minute, hour] = [60_000, 3_600_000];
    const limits = [
      { limit: 600, windowMs: minute, per: 'api_token' },
      { limit: 5000, windowMs: hour, per: 'contributor', cap: 9000 },
      { limit: 1_000_000, windowMs: 30 * 24 * hour, per: 'organization' },
      { limit: 100, windowMs: minute, per: 'address' },
    ];
    expect((await put('four', { ...trial, limits })).status).toBe(200);
    const five = [...limits, { limit: 1, windowMs: 1000, per: 'address' }];
    expectFaults(await put('five', { ...trial, limits: five }), '/body/limits');
    for (const per of ['organization', 'contributor']) {
      const twice = [...limits.slice(0, 3), { limit: 7, windowMs: hour, per }];
      const refused = await put('twice', { ...trial, limits: twice });
      expectFaults(refused, '/body/limits/3');
      expect(refused.body.detail).toContain('the calls of an organization in 3600000 ms');
    }
    expect(await find('twice')).toBeUndefined();
  });

  test('deletes a plan that no organization has, and says who has it otherwise', async () => {
    const remove = (id: string) => call<Problem>(server, 'DELETE', `/v1/plans/${id}`, owner);
    await put('short-lived', trial);
    const made = await server.core.createOrganization(server.asOwner, { name: 'holder', planId: 'short-lived' });
    const refused = await remove('short-lived');
    expect([refused.status, refused.body.detail]).toEqual([409, expect.stringContaining('holder')]);
    await server.core.updateOrganization(server.asOwner, made.id, { planId: 'free' });
    expect((await remove('short-lived')).status).toBe(204);
    expect(await find('short-lived')).toBeUndefined();
    expect((await remove('short-lived')).status).toBe(404);
    expect((await remove('anonymous')).status).toBe(409);
  });

  test('refuses bad fields and says which', async () => {
    const bad = (change: object) => put('trial', { ...trial, limits: [{ ...limit, ...change }] });
    expectFaults(await bad({ per: 'planet' }), '/body/limits/0/per');
    expectFaults(await bad({ limit: 0 }), '/body/limits/0/limit');
    expectFaults(await bad({ windowMs: 999 }), '/body/limits/0/windowMs');
    expectFaults(await put('trial', { ...trial, limit: 5 }), '/body/limit');
    expectFaults(await put('trial', { ...trial, name: '' }), '/body/name');
    expectFaults(await put('trial', { ...trial, whenUnavailable: 'maybe' }), '/body/whenUnavailable');
    expectFaults(await put('trial', { ...trial, id: 'other' }), '/body/id');
    const handle = await call<Problem>(server, 'PUT', '/v1/plans/Not%20a%20handle', owner, trial);
    expectFaults(handle, '/path/id');
    expect(handle.body.detail).toContain('such as per-minute');
  });
});
