// What the operator observes first: a route's permissions, an entitlement, a plan's limits. Nothing is refused meanwhile, and the
// report says who would have been; from its time on it counts by itself, and 30 days are the most. Real servers, on both databases.

import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { createVerifier } from '../../sdk/src/index.ts';
import type { Explanation, ObservationItem, ObservationList, Problem } from '../../sdk/src/wire.ts';
import { startServer, type TestServer, testClock } from '../server.ts';
import { bearerOf, call, expectFaults, expectForbidden } from '../wire/native/calls.ts';

const eventually = <T>(check: () => Promise<T>) => vi.waitFor(check, { timeout: 30_000, interval: 50 });

const hour = 3_600_000;
const day = 24 * hour;
const path = '/guarded/orders/:id';

describe.each(['sqlite', 'postgres'] as const)('observed by the operator, on %s', (database) => {
  const clock = testClock();
  const routeUntil = clock.now() + 20 * day;
  let server: TestServer;
  let operator: string;
  let customers = 0;

  beforeAll(async () => {
    server = await startServer({
      database,
      clock,
      flushMs: 50,
      permissions: ['read:orders', 'write:orders'],
      routes: (upstream) => [
        {
          ...{ path, methods: ['GET'], dialect: null, upstream },
          ...{ permissions: ['write:orders'], observedUntil: routeUntil },
        },
      ],
    });
    await server.restart({ trustedProxies: ['127.0.0.1'] });
    operator = await bearerOf(server, server.owner);
  });
  afterAll(() => server?.stop());

  /** A customer with a plan of its own, and a token that reads. */
  async function customer(permissions = ['read:orders']) {
    customers += 1;
    const name = `customer-${customers}`;
    const plan = `plan-${customers}`;
    const limits = [{ limit: 1000, windowMs: hour, per: 'organization' }];
    await call(server, 'POST', '/v1/plans', operator, { id: plan, name: plan, limits });
    const { id, owner } = await server.addOrganization(name);
    await call(server, 'PATCH', `/v1/organizations/${id}`, operator, { planId: plan });
    const { secret, token } = await server.core.createApiToken(owner.caller, { name: `token of ${name}`, permissions });
    return { id, name, plan, owner, secret, token };
  }
  const until = (ms: number) => ({ observe: { until: new Date(clock.now() + ms).toISOString() } });
  const patch = (at: string, body: object, bearer = operator) => call<Problem>(server, 'PATCH', at, bearer, body);
  const observation = async (id: string, bearer = operator): Promise<ObservationItem | undefined> =>
    (await call<ObservationList>(server, 'GET', '/v1/observations', bearer)).body.items.find(
      ({ subject }) => subject.id === id,
    );
  const check = async (secret: string, permission = 'read:orders') =>
    (await call(server, 'GET', `/v1/check?permissions=${permission}`, secret)).status;
  const checks = async (secret: string, count: number) => {
    const statuses: number[] = [];
    for (let at = 0; at < count; at += 1) statuses.push(await check(secret));
    return statuses;
  };
  const explained = async (refusal: string | null | undefined, bearer = operator) =>
    (await call<Explanation>(server, 'GET', `/v1/refusals/${refusal}`, bearer)).body;

  test('an entitlement takes nothing from anybody, says from whom it would, and then does', async () => {
    const one = await customer(['read:orders', 'write:orders']);
    const change = { entitlement: ['read:*'], ...until(10 * day) };
    const { status, body } = await patch(`/v1/organizations/${one.id}`, change);
    expect([status, body]).toMatchObject([200, { entitlement: null, observed: { entitlement: ['read:*'] } }]);
    await eventually(async () => {
      expect(await check(one.secret, 'write:orders')).toBe(200);
      expect(await observation(one.id)).toMatchObject({ bound: 'entitlement', state: 'observed' });
      expect((await observation(one.id))?.calls).toBeGreaterThan(0);
    });
    const told = await observation(one.id);
    expect(told).toMatchObject({
      subject: { type: 'organization', name: one.name },
      change: { entitlement: ['read:*'] },
      refusals: [{ credential: { id: one.token.id, name: one.token.name }, reason: 'missing_permission' }],
    });
    expect(await explained(told?.refusals[0]?.call)).toMatchObject({
      allowed: true,
      reason: 'missing_permission',
      text: expect.stringContaining('The organization is not entitled to write:orders.'),
    });
    clock.advance(10 * day);
    expect([await check(one.secret, 'write:orders'), await check(one.secret)]).toEqual([403, 200]);
    expect((await observation(one.id))?.state).toBe('counting');
  });

  test('the entitlement of a plan is that of each organization which has it and no list of its own', async () => {
    const one = await customer(['read:orders', 'write:orders']);
    expect((await patch(`/v1/plans/${one.plan}`, { entitlement: ['read:*'], ...until(day) })).status).toBe(200);
    await eventually(async () => {
      expect(await check(one.secret, 'write:orders')).toBe(200);
      expect(await observation(one.plan)).toMatchObject({ bound: 'entitlement', calls: expect.any(Number) });
      expect((await observation(one.plan))?.refusals[0]).toMatchObject({ organization: { name: one.name } });
    });
    clock.advance(day);
    expect([await check(one.secret, 'write:orders'), await check(one.secret)]).toEqual([403, 200]);
  });

  test('limits are counted beside those that count, and refuse nobody before their time', async () => {
    const one = await customer();
    const limits = [{ limit: 2, windowMs: hour, per: 'organization' }];
    const { status, body } = await patch(`/v1/plans/${one.plan}`, { limits, ...until(day) });
    expect([status, body]).toMatchObject([200, { limits: [{ limit: 1000 }], observed: { limits: [{ limit: 2 }] } }]);
    expect(await checks(one.secret, 5)).toEqual([200, 200, 200, 200, 200]);
    await eventually(async () => expect(await observation(one.plan)).toMatchObject({ bound: 'limits', calls: 3 }));
    const [refusal] = (await observation(one.plan))?.refusals ?? [];
    expect(refusal).toMatchObject({ credential: { id: one.token.id }, reason: 'rate_limited', calls: 3 });
    expect(await explained(refusal?.call)).toMatchObject({
      allowed: true,
      reason: 'rate_limited',
      text: expect.stringMatching(/was let in.*only observed.*of 2 calls in 1 h was spent/),
    });
    const another = await server.addOrganization(`beside-${one.name}`);
    await patch(`/v1/organizations/${another.id}`, { planId: one.plan });
    const { secret } = await server.core.createApiToken(another.owner.caller, { permissions: ['read:orders'] });
    clock.advance(day);
    // Windows go by a clock that nobody turns: what was spent in this hour counts.
    expect([await checks(one.secret, 1), await checks(secret, 3)]).toEqual([[429], [200, 200, 429]]);
  });

  test('limits are counted for calls that an SDK verifier checks too, each once', async () => {
    const one = await customer();
    const limits = [{ limit: 2, windowMs: hour, per: 'organization' }];
    await patch(`/v1/plans/${one.plan}`, { limits, ...until(day) });
    const asking = ['verify:credential', 'follow:feed'];
    const { secret } = await server.core.createApiToken(one.owner.caller, { permissions: asking });
    const verifier = createVerifier({
      ...{ url: server.url, credential: { apiToken: secret }, exchange: 'none' },
      clock: clock.now,
    });
    await verifier.ready();
    for (let at = 0; at < 5; at += 1) expect((await verifier.verify(one.secret)).allowed).toBe(true);
    await verifier.close();
    await eventually(async () => expect(await observation(one.plan)).toMatchObject({ calls: 3 }));
  });

  test('is taken back as it was said, and what is said anew counts at once', async () => {
    const one = await customer();
    const plan = `/v1/plans/${one.plan}`;
    const limits = [{ limit: 2, windowMs: hour, per: 'organization' }];
    expect((await patch(plan, { limits, ...until(day) })).status).toBe(200);
    expect((await patch(plan, { observe: null })).body).toMatchObject({ limits: [{ limit: 1000 }], observed: null });
    expect((await patch(plan, { limits, ...until(day) })).status).toBe(200);
    expect((await patch(plan, { limits })).body).toMatchObject({ limits: [{ limit: 2 }], observed: null });
    expect(await checks(one.secret, 3)).toEqual([200, 200, 429]);
    const other = await customer();
    const own = `/v1/organizations/${other.id}`;
    expect((await patch(own, { entitlement: ['read:*'], ...until(day) })).status).toBe(200);
    expect((await patch(own, { observe: null })).body).toMatchObject({ entitlement: null, observed: null });
    clock.advance(2 * day);
    expect(await check(other.secret)).toBe(200);
  });

  test('a time that has passed, or that is more than 30 days away, and nothing to observe are 400 that says so', async () => {
    const one = await customer();
    const limits = [{ limit: 2, windowMs: hour, per: 'organization' }];
    for (const [at, what] of [
      [`/v1/plans/${one.plan}`, { limits }],
      [`/v1/plans/${one.plan}`, { entitlement: ['read:*'] }],
      [`/v1/organizations/${one.id}`, { entitlement: ['read:*'] }],
    ] as const) {
      for (const [ms, text] of [
        [30 * day + 1, /after 30 days at the latest. Say a time up to 20/],
        [0, /has passed already. Leave out observe/],
      ] as const) {
        const answer = await patch(at, { ...what, ...until(ms) });
        expectFaults(answer, '/body/observe/until');
        expect(answer.body.errors?.[0]?.message).toMatch(text);
      }
      expect((await patch(at, { ...what, observe: { until: 'soon' } })).status).toBe(400);
      expect((await patch(at, until(day))).body.detail).toMatch(/what is to be observed/);
      expect((await patch(at, { ...what, ...until(30 * day) })).status).toBe(200);
      expect((await patch(at, { observe: null })).status).toBe(200);
    }
  });

  test('is the operator’s alone: a customer neither says it nor sees it', async () => {
    const one = await customer();
    const own = await bearerOf(server, one.owner);
    const limits = [{ limit: 2, windowMs: hour, per: 'organization' }];
    expect((await patch(`/v1/plans/${one.plan}`, { limits, ...until(day) }, own)).status).toBe(403);
    expect((await patch(`/v1/organizations/${one.id}`, { entitlement: [], ...until(day) }, own)).status).toBe(403);
    await patch(`/v1/plans/${one.plan}`, { limits, ...until(day) });
    await patch(`/v1/organizations/${one.id}`, { entitlement: ['read:*'], ...until(day) });
    for (const thing of [one.plan, one.id, path]) {
      expect(await observation(thing, own)).toBeUndefined();
      expect(await observation(thing)).toBeDefined();
    }
    const { body } = await call<{ items: { id: string; observed: unknown }[] }>(server, 'GET', '/v1/plans', own);
    expect(body.items.find(({ id }) => id === one.plan)?.observed ?? null).toBeNull();
    expectForbidden(
      await call(server, 'GET', '/v1/observations', await bearerOf(server, one.owner, ['read:orders'])),
      'read:usage',
    );
  });

  test('a route lets in who lacks its permissions, tells of them, and refuses them from its time on', async () => {
    const [one, holder] = [await customer(), await customer(['write:orders'])];
    const guarded = '/guarded/orders/7';
    const asked = { 'x-original-method': 'GET', 'x-original-uri': guarded };
    const ways = async (secret: string) => [
      (await call(server, 'GET', guarded, secret)).status,
      (await call(server, 'GET', '/forward-auth', secret, undefined, asked)).status,
    ];
    expect(await ways(one.secret)).toEqual([200, 200]);
    expect(await ways(holder.secret)).toEqual([200, 200]);
    const own = async () => {
      const item = await observation(path);
      const refusals = item?.refusals.filter(({ credential }) => credential.id === one.token.id) ?? [];
      return { item, refusals };
    };
    await eventually(async () => expect((await own()).refusals).toMatchObject([{ calls: 2 }]));
    const { item, refusals } = await own();
    expect(item).toMatchObject({
      ...{ bound: 'permissions', state: 'observed', subject: { type: 'route' } },
      ...{ until: new Date(routeUntil).toISOString(), change: { permissions: ['write:orders'] } },
    });
    expect(item?.refusals.filter(({ credential }) => credential.id === holder.token.id)).toEqual([]);
    expect(refusals).toMatchObject([{ reason: 'missing_permission', rule: path, organization: { name: one.name } }]);
    const refusal = refusals[0]?.call;
    expect(await explained(refusal)).toMatchObject({ allowed: true, text: expect.stringContaining('write:orders') });
    expect(await explained(refusal, await bearerOf(server, one.owner))).toMatchObject({ reason: 'missing_permission' });
    clock.advance(Math.max(0, routeUntil - clock.now() - 1));
    if (clock.now() < routeUntil) expect(await ways(one.secret)).toEqual([200, 200]);
    clock.advance(1);
    expect(await ways(one.secret)).toEqual([403, 403]);
    expect(await ways(holder.secret)).toEqual([200, 200]);
  });
});
