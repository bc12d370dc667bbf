// Plans: what each of their endpoints answers when the caller may call it.

import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Plan, PlanList } from '../../../sdk/src/wire.ts';
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
  expect([status, body]).toEqual([200, { id: 'trial', ...plan, whenUnavailable: 'local' }]);
  const { cap: _, ...uncapped } = { ...plan, limit: 30 };
  const after = { id: 'trial', ...uncapped, cap: null, whenUnavailable: 'allow' };
  expect((await put('trial', { ...uncapped, whenUnavailable: 'allow' })).body).toEqual(after);
  expect((await list()).find(({ id }) => id === 'trial')).toEqual(after);
});

test('refuses bad fields and says which', async () => {
  expectFaults(await put('trial', {}), '/body/name', '/body/limit', '/body/windowMs', '/body/per');
  expectFaults(await put('trial', { ...plan, per: 'planet' }), '/body/per');
  expectFaults(await put('trial', { ...plan, name: '' }), '/body/name');
  expectFaults(await put('trial', { ...plan, whenUnavailable: 'maybe' }), '/body/whenUnavailable');
  expectFaults(await put('trial', { ...plan, id: 'other' }), '/body/id');
  expectFaults(await put('Not%20a%20handle', plan), '/path/id');
});
