// Guards that name a plan: it is spent in place of the organization's, by all verifiers together, and where there is none
// of it nobody is let in.

import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { createVerifier, type KeywardError, type Verifier } from '../../sdk/src/index.ts';
import { guard } from '../../sdk/src/node.ts';
import { startServer, type TestServer } from '../server.ts';
import { type FakeKeyward, principalOf, startFakeKeyward, yes } from './fake-keyward.ts';

describe('beside a whole server', () => {
  let server: TestServer;
  let secret: string;
  const verifiers: Verifier[] = [];
  beforeAll(async () => {
    server = await startServer();
    const { core, asOwner } = server;
    secret = (await core.createApiToken(asOwner, { permissions: [] })).secret;
    await core.putPlan(asOwner, {
      id: 'exports',
      name: 'Exports',
      limits: [{ limit: 3, windowMs: 60_000, per: 'organization' }],
    });
  });
  afterAll(() => server?.stop());
  afterEach(async () => {
    await Promise.all(verifiers.splice(0).map((verifier) => verifier.close()));
  });

  async function start(onError: (error: KeywardError) => void = () => {}) {
    const permissions = ['verify:credential', 'follow:feed'];
    const own = (await server.core.createApiToken(server.asOwner, { permissions })).secret;
    const verifier = createVerifier({ url: server.url, credential: { apiToken: own }, onError });
    verifiers.push(verifier);
    await verifier.ready();
    return verifier;
  }

  test('a guard spends the plan that it names, and the organization goes on with its own', async () => {
    const verifier = await start();
    const listener = guard(verifier, { plan: 'exports' }, (_request, response) => response.end());
    const api = createServer(listener).listen(0, '127.0.0.1');
    await new Promise((listening) => api.once('listening', listening));
    const url = `http://127.0.0.1:${(api.address() as AddressInfo).port}`;
    const get = () => fetch(url, { headers: { authorization: `Bearer ${secret}` } });
    const answers = [];
    for (let n = 0; n < 4; n += 1) answers.push(await get());
    expect(answers.map(({ status }) => status)).toEqual([200, 200, 200, 429]);
    expect(answers.map(({ headers }) => headers.get('ratelimit')?.split(';t=')[0])).toEqual(
      [2, 1, 0, 0].map((left) => `"exports";r=${left}`),
    );
    api.closeAllConnections();
    api.close();

    // What that plan refuses is refused by nobody else's.
    for (let n = 0; n < 5; n += 1) expect((await verifier.verify(secret)).allowed).toBe(true);
    expect(await verifier.verify(secret, { plan: 'exports' })).toMatchObject({ reason: 'rate_limited' });
    // All verifiers spend one budget of it.
    expect(await (await start()).verify(secret, { plan: 'exports' })).toMatchObject({ reason: 'rate_limited' });
  });

  test('under several limits, and for a token with its own, all verifiers ask about each call, and spend one budget', async () => {
    const { core, asOwner } = server;
    await core.putPlan(asOwner, {
      id: 'several',
      name: 'Several',
      limits: [
        { limit: 4, windowMs: 3_600_000, per: 'api_token' },
        { limit: 100_000, windowMs: 3_600_000, per: 'organization' },
      ],
    });
    const customer = await server.addOrganization('customer');
    const tokenOf = async (limits: { limit: number; windowMs: number }[] = []) =>
      (await core.createApiToken(customer.owner.caller, { permissions: [], limits })).secret;
    const [one, other, bound] = [await tokenOf(), await tokenOf(), await tokenOf([{ limit: 3, windowMs: 3_600_000 }])];
    const both = [await start(), await start()];
    const admitted = async (text: string, calls: number) => {
      const verdicts = [];
      for (let n = 0; n < calls; n += 1) verdicts.push(await both[n % 2]?.verify(text));
      return { count: verdicts.filter((verdict) => verdict?.allowed).length, last: verdicts.at(-1) };
    };
    // Its organization's plan is leased, which says nothing of its own limits.
    const own = await admitted(bound, 8);
    expect(own.count).toBe(3);
    expect(own.last).toMatchObject({ reason: 'rate_limited', limit: { name: 'token:3600s', remaining: 0 } });
    expect((await admitted(one, 8)).count).toBe(8);

    await core.updateOrganization(asOwner, customer.id, { planId: 'several' });
    const [newest] = await server.store.journal.latest(null, 1);
    await expect.poll(() => both.map((verifier) => verifier.stats().cursor)).toEqual([newest?.seq, newest?.seq]);
    const ofPlan = await admitted(one, 8);
    expect(ofPlan.count).toBe(4);
    expect(ofPlan.last).toMatchObject({ reason: 'rate_limited', limit: { name: 'several:api_token:3600s' } });
    expect((await admitted(other, 2)).count).toBe(2);
    await core.resetBudget(asOwner, customer.id);
    expect((await admitted(one, 2)).count).toBe(2);
  });

  test('a plan that does not exist lets nobody in, and is named', async () => {
    const told: KeywardError[] = [];
    const verifier = await start((error) => told.push(error));
    await expect(verifier.verify(secret, { plan: 'export' })).rejects.toMatchObject({ code: 'misconfigured' });
    expect(told.map(({ message }) => message)).toEqual([expect.stringContaining('There is no plan "export".')]);
    expect((await verifier.verify(secret)).allowed).toBe(true);
  });
});

describe('a call that names a plan', () => {
  let keyward: FakeKeyward;
  let verifier: Verifier;
  const limit = { plan: 'free', limit: 1000, windowMs: 60_000, remaining: 0, resetMs: 9000, retryAfterMs: 9000 };
  const token = `AT1${'A'.repeat(60)}`;
  const start = async () => {
    keyward = await startFakeKeyward();
    verifier = createVerifier({
      url: keyward.url,
      credential: { apiToken: 'kw_mine' },
      exchange: 'none',
      onError() {},
    });
    await verifier.ready();
  };
  afterEach(async () => {
    await verifier?.close();
    await keyward?.close();
  });

  test('is leased by itself, and asked about with that plan where nothing is leased of it', async () => {
    await start();
    keyward.answers.lease = ({ plan }) => ({ ...limit, plan: plan ?? 'free', granted: 0, expiresInMs: 0 });
    await verifier.verify(token);
    const before = keyward.count('/v1/verify');
    expect(verifier.verifySync(token, { plan: 'exports', permissions: ['write:x'] })).toMatchObject({ allowed: false });
    expect(verifier.verifySync(token, { plan: 'exports', cost: 0 })).toMatchObject({ allowed: true });
    expect(verifier.verifySync(token, { plan: 'exports' })).toBeUndefined();
    for (let n = 0; n < 3; n += 1) await verifier.verify(token, { plan: 'exports', cost: 2 });
    expect(keyward.count('/v1/verify') - before).toBe(3);
    const last = keyward.calls.findLast(({ url }) => url === '/v1/verify');
    expect(JSON.parse(last?.body ?? '')).toMatchObject({ plan: 'exports', cost: 2 });
    const leases = () =>
      keyward.calls.filter(({ url }) => url === '/v1/leases').flatMap(({ body }) => JSON.parse(body).leases);
    await expect.poll(leases).toMatchObject([{ organization: 'o1' }, { organization: 'o1', plan: 'exports' }]);
  });

  test('spends what is leased of it without asking', async () => {
    await start();
    keyward.answers.lease = ({ plan }) => ({ ...limit, plan: plan ?? 'free', granted: 10, expiresInMs: 60_000 });
    await verifier.verify(token, { plan: 'exports' });
    expect(verifier.verifySync(token, { plan: 'exports' })).toMatchObject({ limit: { plan: 'exports', remaining: 8 } });
    expect(verifier.verifySync(token, { plan: 'imports' })).toBeUndefined();
  });

  test('is never let in uncounted because the plan of its organization would be [S100]', async () => {
    await start();
    keyward.answers.lease = ({ plan }) => ({
      ...limit,
      granted: 0,
      expiresInMs: 0,
      retryAfterMs: 5000,
      whenUnavailable: plan === undefined ? 'allow' : 'local',
    });
    await verifier.verify(token, { cost: 0 });
    await verifier.verify(token);
    keyward.answers.verify = () => Promise.reject(new Error('broken off'));
    await expect(verifier.verify(token, { plan: 'exports' })).rejects.toMatchObject({ code: 'unavailable' });
    // Nor has its failure let in others: theirs is a question of its own.
    expect(verifier.verifySync(token)).toBeUndefined();
    keyward.answers.verify = (request) =>
      request.plan === undefined
        ? yes(request)
        : { allowed: false, reason: 'rate_limited', principal: principalOf('a'), limit };
    expect(await verifier.verify(token, { plan: 'exports' })).toMatchObject({ reason: 'rate_limited' });
    expect(await verifier.verify(token)).toMatchObject({ allowed: true });
  });
});
