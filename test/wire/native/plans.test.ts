// Plans: what each of their endpoints answers when the caller may call it.

import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Plan, PlanList, Problem } from '../../../sdk/src/wire.ts';
import { startServer, type TestServer } from '../../server.ts';
import { bearerOf, call, expectFaults } from './calls.ts';

let server: TestServer;
let owner: string;
beforeAll(async () => {
  server = await startServer();
  owner = await bearerOf(server, server.owner);
});
afterAll(() => server?.stop());

const plan = { name: 'Trial', limit: 20, windowMs: 60_000, per: 'contributor', cap: 200 };
const usual = { whenUnavailable: 'local', entitlement: ['*:*'] };
const put = (id: string, body: unknown) => call<Plan>(server, 'PUT', `/v1/plans/${id}`, owner, body);
const list = async () => (await call<PlanList>(server, 'GET', '/v1/plans', owner)).body.items;

test('lists the plans that a server starts with', async () => {
  expect((await list()).map(({ id }) => id).sort()).toEqual([
    'anonymous',
    'enterprise',
    'free',
    'per-minute',
    'premium',
  ]);
});

test('creates a plan, and replaces it whole', async () => {
  const { status, body } = await put('trial', plan);
  expect([status, body]).toEqual([200, { id: 'trial', ...plan, ...usual }]);
  const { cap: _, ...uncapped } = { ...plan, limit: 30 };
  const after = { id: 'trial', ...uncapped, cap: null, ...usual, whenUnavailable: 'allow' };
  expect((await put('trial', { ...uncapped, whenUnavailable: 'allow' })).body).toEqual(after);
  expect((await list()).find(({ id }) => id === 'trial')).toEqual(after);
});

test('creates a plan of an id that is free, and replaces none', async () => {
  const create = (body: unknown) => call<Plan & Problem>(server, 'POST', '/v1/plans', owner, body);
  const made = await create({ id: 'fresh', ...plan });
  expect([made.status, made.body]).toEqual([201, { id: 'fresh', ...plan, ...usual }]);
  const again = await create({ id: 'fresh', ...plan, limit: 1 });
  expect(again.status).toBe(409);
  expect(again.body.errors).toMatchObject([{ at: '/body/id', message: expect.stringContaining('fresh') }]);
  expect((await list()).find(({ id }) => id === 'fresh')?.limit).toBe(plan.limit);
  expectFaults(await create({ id: 'Not a handle', ...plan }), '/body/id');
  expectFaults(await create(plan), '/body/id');
});

test('lets exactly one of many who create the same plan have it', async () => {
  const create = (limit: number) => call(server, 'POST', '/v1/plans', owner, { id: 'raced', ...plan, limit });
  const statuses = (await Promise.all([1, 2, 3, 4].map(create))).map(({ status }) => status).sort();
  expect(statuses).toEqual([201, 409, 409, 409]);
});

test('deletes a plan that no organization has, and says who has it otherwise', async () => {
  const remove = (id: string) => call<Problem>(server, 'DELETE', `/v1/plans/${id}`, owner);
  await put('short-lived', plan);
  const made = await server.core.createOrganization(server.asOwner, { name: 'holder', planId: 'short-lived' });
  const refused = await remove('short-lived');
  expect([refused.status, refused.body.detail]).toEqual([409, expect.stringContaining('holder')]);
  await server.core.updateOrganization(server.asOwner, made.id, { planId: 'free' });
  expect((await remove('short-lived')).status).toBe(204);
  expect((await list()).some(({ id }) => id === 'short-lived')).toBe(false);
  expect((await remove('short-lived')).status).toBe(404);
  expect((await remove('anonymous')).status).toBe(409);
});

test('refuses bad fields and says which', async () => {
  expectFaults(await put('trial', {}), '/body/name', '/body/limit', '/body/windowMs', '/body/per');
  expectFaults(await put('trial', { ...plan, per: 'planet' }), '/body/per');
  expectFaults(await put('trial', { ...plan, name: '' }), '/body/name');
  expectFaults(await put('trial', { ...plan, whenUnavailable: 'maybe' }), '/body/whenUnavailable');
  expectFaults(await put('trial', { ...plan, id: 'other' }), '/body/id');
  const handle = await call<Problem>(server, 'PUT', '/v1/plans/Not%20a%20handle', owner, plan);
  expectFaults(handle, '/path/id');
  expect(handle.body.detail).toContain('such as per-minute');
});
