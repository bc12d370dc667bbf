// What admins look at: the budget, who follows the feed, the settings; and what is known of API users beside their record.

import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type {
  ApiUser,
  ApiUserList,
  BudgetState,
  CreatedApiUser,
  LatestReceipt,
  ServerSettings,
  VerifierList,
} from '../../../sdk/src/wire.ts';
import { systemIn } from '../../../server/src/core/caller/caller.ts';
import { startServer, type TestServer } from '../../server.ts';
import { bearerOf, call, expectForbidden, expectProblem, nobody, time } from './calls.ts';

describe.each(['sqlite', 'postgres'] as const)('budget, verifiers and settings, on %s', (database) => {
  let server: TestServer;
  let owner: string;
  beforeAll(async () => {
    server = await startServer({ database });
    owner = await bearerOf(server, server.owner);
  });
  afterAll(() => server?.stop());

  describe('GET /v1/budget', () => {
    const budget = async (bearer: string) => (await call<BudgetState>(server, 'GET', '/v1/budget', bearer)).body;
    const plan = (limit: number) => ({
      name: 'Tiny',
      limits: [{ limit, windowMs: 3_600_000, per: 'organization' as const }],
    });
    const organizationOn = async (planId: string) => {
      const { id, owner: person } = await server.addOrganization(`on-${planId}-${database}`);
      await server.core.updateOrganization(server.asOwner, id, { planId, contributors: 1 });
      return bearerOf(server, person);
    };

    test('tells what is left, and spends nothing by it', async () => {
      await server.core.putPlan(server.asOwner, { id: `tiny-${database}`, ...plan(200) });
      const bearer = await organizationOn(`tiny-${database}`);
      const full = await budget(bearer);
      const state = {
        plan: `tiny-${database}`,
        name: `tiny-${database}`,
        limit: 200,
        windowMs: 3_600_000,
        remaining: 200,
        resetMs: expect.any(Number),
        retryAfterMs: 0,
      };
      expect(full).toEqual({ ...state, limits: [state] });
      for (let n = 0; n < 5; n += 1) expect(await budget(bearer)).toMatchObject({ remaining: 200 });
      for (let n = 0; n < 3; n += 1) expect((await call(server, 'GET', '/v1/check', bearer)).status).toBe(200);
      expect(await budget(bearer)).toMatchObject({ remaining: 197 });
    });

    test('says when to come back once nothing is left', async () => {
      await server.core.putPlan(server.asOwner, { id: `none-${database}`, ...plan(2) });
      const bearer = await organizationOn(`none-${database}`);
      const statuses: number[] = [];
      for (let n = 0; n < 3; n += 1) statuses.push((await call(server, 'GET', '/v1/check', bearer)).status);
      expect(statuses).toEqual([200, 200, 429]);
      const spent = await budget(bearer);
      expect(spent).toMatchObject({ remaining: 0 });
      expect(spent.plan === null ? 0 : spent.retryAfterMs).toBeGreaterThan(0);
    });
  });

  describe('GET /v1/verifiers', () => {
    test('names who follows the feed, from where, and how far it is', async () => {
      const { secret } = await server.core.createApiToken(server.asOwner, {
        name: `Guard ${database}`,
        permissions: ['follow:feed'],
      });
      const leaving = new AbortController();
      const feed = await fetch(`${server.url}/v1/feed?verifier=shop-1`, {
        headers: { authorization: `Bearer ${secret}` },
        signal: leaving.signal,
      });
      expect(feed.status).toBe(200);
      const list = async (bearer = owner) =>
        (await call<VerifierList>(server, 'GET', '/v1/verifiers', bearer)).body.items;
      await expect.poll(() => list()).toHaveLength(1);
      const [verifier] = await list();
      expect(verifier).toMatchObject({
        name: 'shop-1',
        address: '127.0.0.1',
        disconnectedAt: null,
        node: expect.stringMatching(/\w/),
      });
      expect(verifier?.connectedAt).toMatch(time);
      expect(await list(secret)).toHaveLength(1);
      const stranger = await bearerOf(server, (await server.addOrganization(`alone-${database}`)).owner);
      expect(await list(stranger)).toEqual([]);

      const latest = async () => (await call<LatestReceipt>(server, 'GET', '/v1/receipts/latest', owner)).body.receipt;
      expect(await latest()).toBeNull();
      const { token } = await server.core.createApiToken(server.asOwner, { permissions: [] });
      const ended = await call<{ seq: number }>(server, 'POST', `/v1/tokens/${token.id}/deactivate?receipt=50`, owner);
      expect(await latest()).toMatchObject({
        ...ended.body,
        at: expect.stringMatching(time),
        action: 'api_token.deactivated',
        subject: { type: 'api_token', id: token.id },
        waitingFor: ['shop-1'],
      });
      leaving.abort();
      expectForbidden(
        await call(server, 'GET', '/v1/verifiers', await bearerOf(server, server.member, ['manage:own_api_key'])),
        'read:journal',
      );
    });
  });

  describe('GET /v1/settings', () => {
    const read = async (bearer: string) => (await call<ServerSettings>(server, 'GET', '/v1/settings', bearer)).body;

    test('tells the operator how the server was told to work, and others only what concerns them', async () => {
      const shown = await read(owner);
      expect(shown).toMatchObject({
        url: server.url,
        dialects: { native: true, debricked: true },
        version: expect.stringMatching(/^\d+\.\d+\.\d+/),
        database: database === 'sqlite' ? 'sqlite' : 'postgresql',
        signInFailures: 1_000_000,
        sessionIdleMinutes: expect.any(Number),
        sessionHours: expect.any(Number),
        whereToChange: 'keyward.yaml',
      });
      expect(JSON.stringify(shown)).not.toMatch(/postgres:\/\/|secret|password/i);
      const stranger = await bearerOf(server, (await server.addOrganization(`guest-${database}`)).owner);
      expect(Object.keys(await read(stranger)).sort()).toEqual(['dialects', 'url']);
    });
  });

  describe('API users', () => {
    const make = () => server.core.createApiUser(server.asOwner, { name: 'Machine', role: 'member' });
    const exchange = (username: string, password: string) =>
      call<{ accessToken: string }>(server, 'POST', '/v1/access-tokens', undefined, { username, password });
    const about = async (id: string) =>
      (await call<{ about: number }>(server, 'GET', `/v1/api-users/${id}/access-tokens`, owner)).body.about;
    const at = (id: string) => call<ApiUser>(server, 'GET', `/v1/api-users/${id}`, owner);

    test('show when they were last used, and about how many access tokens there are of them', async () => {
      const { apiUser, password } = await make();
      expect([(await at(apiUser.id)).body.lastUsed, await about(apiUser.id)]).toEqual([null, 0]);
      for (let n = 0; n < 3; n += 1) expect((await exchange(apiUser.username, password)).status).toBe(200);
      const used = new Date(server.clock.now()).toISOString();
      // What its own API tokens are exchanged for would end with it too.
      const caller = await server.callerFor({ type: 'api_user', id: apiUser.id });
      const { secret } = await server.core.createApiToken(caller, { permissions: [] });
      await call(server, 'POST', '/v1/access-tokens', undefined, { apiToken: secret });
      await server.restart();
      expect((await at(apiUser.id)).body.lastUsed).toMatchObject({ at: used, address: '127.0.0.1' });
      const list = await call<ApiUserList>(server, 'GET', '/v1/api-users?limit=200', owner);
      expect(list.body.items.find(({ id }) => id === apiUser.id)?.lastUsed).toMatchObject({ at: used });
      expect(await about(apiUser.id)).toBe(4);
      server.clock.advance(26 * 3_600_000);
      expect(await about(apiUser.id)).toBe(0);
      expectProblem(await call(server, 'GET', `/v1/api-users/${nobody}/access-tokens`, owner), 404, 'not_found');
    });

    test('have a successor of the same name and role, with a password of its own, beside them', async () => {
      const { apiUser, password } = await make();
      const answer = await call<CreatedApiUser>(server, 'POST', `/v1/api-users/${apiUser.id}/successor`, owner);
      expect(answer.status).toBe(201);
      const next = answer.body;
      expect(next).toMatchObject({ name: apiUser.name, role: apiUser.role, active: true });
      expect([next.id, next.username, next.password]).not.toContain(apiUser.id);
      expect(next.username).not.toBe(apiUser.username);
      expect((await exchange(next.username, next.password)).status).toBe(200);
      expect((await exchange(apiUser.username, password)).status).toBe(200);
      const [entry] = await server.store.journal.latest(server.organization.id, 1);
      expect(entry).toMatchObject({ action: 'api_user.created', detail: { successorOf: apiUser.id } });
      expect(JSON.stringify(entry)).not.toContain(next.password);
      expectProblem(await call(server, 'POST', `/v1/api-users/${nobody}/successor`, owner), 404, 'not_found');
    });

    test('have a successor only from who may give its role [S56]', async () => {
      const name = `maker-${database}`;
      const machine = systemIn(server.organization);
      await server.core.createRole(machine, { name, permissions: ['create:api_user', 'read:api_user'] });
      const { user } = await server.core.createUser(machine, { email: `m@${name}.example`, name: 'M', role: name });
      const caller = await server.callerFor({ type: 'user', id: user.id });
      const { apiUser } = await server.core.createApiUser(server.asOwner, { name: 'Strong', role: 'viewer' });
      await expect(server.core.createSuccessor(caller, apiUser.id)).rejects.toMatchObject({ code: 'forbidden' });
    });
  });
});
