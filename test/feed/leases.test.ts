// Leases over HTTP: what verifiers are lent, and that all together never spend more than the plan, whatever they do.

import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { Lease, LeaseResponse, WantedLease } from '../../sdk/src/wire.ts';
import { type Person, startServer, type TestServer } from '../server.ts';
import { bearerOf, call, expectFaults, expectForbidden } from '../wire/native/calls.ts';

const plan = { limit: 1000, windowMs: 2000 };

describe.each(['sqlite', 'postgres'] as const)('leases on %s', (database) => {
  let server: TestServer;
  let organization: { id: string; name: string; owner: Pick<Person, 'caller'> };
  let bearer: string;
  beforeAll(async () => {
    server = await startServer({ database, permissions: ['read:x'] });
    const put = (id: string, calls: typeof plan) =>
      server.core.putPlan(server.asOwner, { id, name: 'A plan', limits: [{ ...calls, per: 'organization' }] });
    await put('quick', plan);
    await put('slow', { limit: 10_000, windowMs: 3_600_000 });
    await put('small', { limit: 50, windowMs: 60_000 });
  });
  afterAll(() => server?.stop());
  beforeEach(async () => {
    organization = await server.addOrganization(`o-${Math.random().toString(36).slice(2)}`);
    bearer = await bearerOf(server, organization.owner, ['follow:feed']);
  });

  const onPlan = (planId: string) => server.core.updateOrganization(server.asOwner, organization.id, { planId });

  async function lease(verifier: string, wanted: number, returned?: number, kept?: number): Promise<Lease> {
    const wish: WantedLease = {
      wanted,
      ...(returned !== undefined && { returned }),
      ...(kept !== undefined && { kept }),
    };
    const answer = await call<LeaseResponse>(server, 'POST', '/v1/leases', bearer, { verifier, leases: [wish] });
    expect(answer.status, answer.text).toBe(200);
    expect(answer.body.leases).toHaveLength(1);
    return answer.body.leases[0] as Lease;
  }

  test('lend a part of the budget, for a part of the window', async () => {
    await onPlan('slow');
    const lent = await lease('one', 100);
    expect(lent).toEqual({
      organization: organization.id,
      plan: 'slow',
      limit: 10_000,
      windowMs: 3_600_000,
      granted: 100,
      expiresInMs: expect.any(Number),
      retryAfterMs: 0,
      whenUnavailable: 'local',
    });
    expect(lent.expiresInMs).toBeGreaterThan(1000);
    expect(lent.expiresInMs).toBeLessThan(3_600_000 / 2);
  });

  test('take from what is left for everybody else, and give it back', async () => {
    await onPlan('slow');
    const token = await bearerOf(server, organization.owner, ['read:x']);
    const remaining = async () => {
      const verdict = await server.core.verify(token);
      return 'budget' in verdict ? verdict.budget?.remaining : undefined;
    };
    const before = (await remaining()) ?? 0;
    const { granted } = await lease('one', 400);
    expect(granted).toBe(400);
    const after = (await remaining()) ?? 0;
    if (database === 'sqlite') expect(after).toBe(before - 1 - 400);
    const last = await lease('one', 0, 300);
    expect(last).toMatchObject({ granted: 0, expiresInMs: 0 });
    if (database === 'sqlite') expect(await remaining()).toBe(before - 2 - 100);
  });

  test('take over what is kept of the lease before, which is counted once', async () => {
    await onPlan('slow');
    const token = await bearerOf(server, organization.owner, ['verify:credential']);
    const remaining = async () => {
      const verdict = await server.core.verify(token, { cost: 1 });
      return ('budget' in verdict ? verdict.budget?.remaining : undefined) ?? 0;
    };
    const before = await remaining();
    expect(await lease('one', 400)).toMatchObject({ granted: 400 });
    // 250 of them are spent, 50 are given back, 100 go on to be spent.
    expect(await lease('one', 200, 50, 100)).toMatchObject({ granted: 200 });
    if (database === 'sqlite') expect(await remaining()).toBe(before - 1 - 250 - 300);
    // Whatever a verifier says it has kept, it has no more than was lent.
    await lease('one', 0, 0, 1_000_000);
    if (database === 'sqlite') expect(await remaining()).toBe(before - 2 - 250 - 300);
    await lease('one', 0, 1_000_000, 1_000_000);
    if (database === 'sqlite') expect(await remaining()).toBe(before - 3 - 250);
    await lease('one', 0, 1_000_000);
    if (database === 'sqlite') expect(await remaining()).toBe(before - 4 - 250);
  });

  test('give back no more than was lent, and nothing for another verifier', async () => {
    // Its window is longer than any of this takes.
    await onPlan('slow');
    let total = 0;
    let last = 0;
    for (let n = 0; n < 100; n += 1) {
      last = (await lease('greedy', 10_000, n % 2 === 0 ? undefined : 0)).granted;
      total += last;
    }
    expect(total).toBeGreaterThan(5000);
    expect(total).toBeLessThanOrEqual(10_000);
    expect((await lease('stranger', 10_000, 1_000_000)).granted).toBeLessThanOrEqual(10_000 - total);
    // No more comes back than the last lease.
    expect((await lease('greedy', 10_000, 1_000_000)).granted).toBeLessThanOrEqual(10_000 - total + last);
  });

  test('lend nothing of a plan that is too small to be divided, and say when to come again', async () => {
    await onPlan('small');
    const lent = await lease('one', 100);
    expect(lent).toMatchObject({ plan: 'small', limit: 50, windowMs: 60_000, granted: 0, expiresInMs: 0 });
    expect(lent.retryAfterMs).toBeGreaterThan(0);
  });

  test('never let four verifiers and Keyward itself admit more than the plan in any window [S93] [G8]', async () => {
    await onPlan('quick');
    const token = await bearerOf(server, organization.owner, ['read:x']);
    // A store that is slow on a busy machine grants nothing; whether it heard what came back is not known.
    const none = { granted: 0, expiresInMs: 0, retryAfterMs: 50 };
    const leaseOrNone = async (verifier: string, wanted: number, returned: number) => {
      const body = { verifier, leases: [{ wanted, returned }] };
      const answer = await call<LeaseResponse>(server, 'POST', '/v1/leases', bearer, body);
      expect([200, 503], answer.text).toContain(answer.status);
      return (answer.status === 200 ? answer.body.leases[0] : undefined) ?? none;
    };
    /** Between these two moments the call was admitted. */
    const spent: { from: number; to: number }[] = [];
    const end = performance.now() + 7000;
    // A limit that let nothing in would keep its promise too: on a slow machine it takes longer to prove.
    const isOver = () => performance.now() > end && spent.length > 1.5 * plan.limit;
    const verifier = async (first: string) => {
      let [name, crashes, left] = [first, 0, 0];
      while (!isOver()) {
        const sentAt = performance.now();
        const { granted, expiresInMs, retryAfterMs } = await leaseOrNone(name, 300, left);
        const until = sentAt + expiresInMs;
        left = granted;
        const pace = Math.random() < 0.5 ? 0 : 5;
        while (left > 0 && performance.now() < until - 1) {
          const now = performance.now();
          spent.push({ from: now, to: now });
          left -= 1;
          if (left % 10 === 0) await new Promise((resolve) => setTimeout(resolve, pace));
        }
        // One that crashes gives nothing back, and its successor has another name.
        if (Math.random() < 0.1) {
          left = 0;
          crashes += 1;
          name = `${first}${crashes}`;
        }
        if (granted === 0) await new Promise((resolve) => setTimeout(resolve, Math.min(50, retryAfterMs)));
      }
    };
    const direct = async () => {
      while (!isOver()) {
        const from = performance.now();
        const answer = await call(server, 'GET', '/v1/check', token);
        if (answer.status === 200) spent.push({ from, to: performance.now() });
        await new Promise((resolve) => setTimeout(resolve, 2));
      }
    };
    await Promise.all([...['a', 'b', 'c', 'd'].map(verifier), direct()]);
    const inWindowFrom = (start: number) =>
      spent.filter(({ from, to }) => from >= start && to < start + plan.windowMs).length;
    const most = Math.max(...spent.map(({ from }) => inWindowFrom(from)));
    expect(most).toBeLessThanOrEqual(plan.limit);
  });
});

describe('a lease', () => {
  let server: TestServer;
  let bearer: string;
  beforeAll(async () => {
    server = await startServer();
    bearer = await bearerOf(server, server.owner);
  });
  afterAll(() => server?.stop());

  test('is for callers with the permission follow:feed only', async () => {
    const weak = await bearerOf(server, server.owner, ['verify:credential']);
    const body = { verifier: 'x', leases: [{ wanted: 1 }] };
    expectForbidden(await call(server, 'POST', '/v1/leases', weak, body), 'follow:feed');
  });

  test('is not lent by a node that has not come to what its verifier has heard of', async () => {
    const head = await server.store.journal.head();
    const ask = (cursor: number) =>
      call(server, 'POST', '/v1/leases', bearer, { verifier: 'x', cursor, leases: [{ wanted: 1 }] }).then(
        ({ status }) => status,
      );
    expect([await ask(head), await ask(head + 1_000_000)]).toEqual([200, 503]);
  });

  test.each([
    [{ verifier: 'x' }, '/body/leases'],
    [{ verifier: 'x', leases: [] }, '/body/leases'],
    [{ verifier: 'x', leases: [{}] }, '/body/leases/0/wanted'],
    [{ verifier: '', leases: [{ wanted: 1 }] }, '/body/verifier'],
    [{ verifier: 'x', leases: [{ wanted: 1 }, { plan: 'free', wanted: -1 }] }, '/body/leases/1/wanted'],
    [{ verifier: 'x', leases: [{ wanted: 1.5 }] }, '/body/leases/0/wanted'],
    [{ verifier: 'x', leases: [{ wanted: 1, returned: -1 }] }, '/body/leases/0/returned'],
    [{ verifier: 'x', leases: [{ wanted: 1, kept: 2_000_000 }] }, '/body/leases/0/kept'],
    [{ verifier: 'x', leases: [{ wanted: 1, organization: '' }] }, '/body/leases/0/organization'],
    [{ verifier: 'x', cursor: -1, leases: [{ wanted: 1 }] }, '/body/cursor'],
    [{ verifier: 'x', wanted: 1, leases: [{ wanted: 1 }] }, '/body/wanted'],
    [{ verifier: 'x', leases: [{ wanted: 1 }, { wanted: 2 }] }, '/body/leases/1'],
  ])('is refused as %j', async (body, at) => {
    expectFaults(await call(server, 'POST', '/v1/leases', bearer, body), at);
  });
});

describe('leases for several organizations in one request', () => {
  let server: TestServer;
  const customers: { id: string; name: string; owner: Person }[] = [];
  /** Of the provider, and of the first customer. */
  let [provider, customer] = ['', ''];
  beforeAll(async () => {
    server = await startServer();
    const put = (id: string, limit: number) => {
      const limits = [{ limit, windowMs: 3_600_000, per: 'organization' }] as const;
      return server.core.putPlan(server.asOwner, { id, name: 'A plan', limits });
    };
    await put('slow', 10_000);
    await put('exports', 2000);
    for (const name of ['one', 'two', 'three']) {
      const made = await server.addOrganization(name);
      customers.push(made);
      await server.core.updateOrganization(server.asOwner, made.id, { planId: 'slow' });
    }
    provider = await bearerOf(server, server.owner, ['follow:feed']);
    customer = await bearerOf(server, (customers[0] as (typeof customers)[0]).owner, ['follow:feed']);
  });
  afterAll(() => server?.stop());

  const ask = async (bearer: string, leases: WantedLease[]) => {
    const answer = await call<LeaseResponse>(server, 'POST', '/v1/leases', bearer, { verifier: 'v', leases });
    expect(answer.status, answer.text).toBe(200);
    return answer.body.leases;
  };
  const nothing = { plan: null, limit: 0, windowMs: 0, granted: 0, expiresInMs: 0, retryAfterMs: 0 };

  test('are the operator’s to ask for, by id or name, each with a plan of its own, and answered in that order', async () => {
    const [one, two, three] = customers as [(typeof customers)[0], (typeof customers)[0], (typeof customers)[0]];
    const wanted = [
      { organization: two.id, wanted: 20 },
      { organization: one.name, plan: 'exports', wanted: 5 },
      { organization: one.id, wanted: 10 },
      { wanted: 7 },
      { organization: three.id, wanted: 0, returned: 3 },
    ];
    const lent = await ask(provider, wanted);
    expect(lent.map(({ organization, plan, granted }) => [organization, plan, granted])).toEqual([
      [two.id, 'slow', 20],
      [one.name, 'exports', 5],
      [one.id, 'slow', 10],
      [server.organization.id, 'enterprise', 7],
      [three.id, 'slow', 0],
    ]);
  });

  test('name what does not exist, or cannot be lent, grant nothing for it, and are not spoilt by it', async () => {
    const [one, two] = customers as [(typeof customers)[0], (typeof customers)[0]];
    await server.core.deleteOrganization(server.asOwner, (await server.addOrganization('gone')).id);
    const lent = await ask(provider, [
      { organization: 'nobody', wanted: 10 },
      { organization: 'gone', wanted: 10 },
      { organization: one.id, plan: 'no-such-plan', wanted: 10 },
      { organization: one.id, subject: 'a-token', wanted: 10 },
      { organization: two.id, wanted: 10 },
    ]);
    expect(lent.slice(0, 4)).toMatchObject([
      {
        ...nothing,
        organization: 'nobody',
        error: { code: 'not_found', detail: 'There is no organization "nobody".' },
      },
      { ...nothing, organization: 'gone', error: { code: 'not_found', detail: 'There is no organization "gone".' } },
      { ...nothing, error: { code: 'not_found', detail: 'There is no plan "no-such-plan".' } },
      { ...nothing, error: { code: 'invalid_request' } },
    ]);
    expect(lent[4]).toMatchObject({ granted: 10 });
    expect(lent[4]).not.toHaveProperty('error');
  });

  test('are to a customer of its own organization alone, whoever else there is', async () => {
    const [one, two] = customers as [(typeof customers)[0], (typeof customers)[0]];
    const lent = await ask(customer, [
      { organization: one.name, wanted: 1 },
      { organization: two.id, wanted: 1 },
      { organization: two.name, wanted: 1 },
      { organization: 'nobody', wanted: 1 },
    ]);
    expect(lent.map(({ granted }) => granted)).toEqual([1, 0, 0, 0]);
    const said = (handle: string) => ({
      code: 'not_found',
      detail: `There is no organization ${JSON.stringify(handle)}.`,
    });
    expect(lent.slice(1).map(({ error }) => error)).toEqual([said(two.id), said(two.name), said('nobody')]);
  });

  test('may be five thousand, in a body larger than any other endpoint takes, and no more', async () => {
    const many = Array.from({ length: 5000 }, (_, n) => ({ organization: `${'x'.repeat(58)}-${n}`, wanted: 1 }));
    const lent = await ask(provider, many);
    expect(lent).toHaveLength(5000);
    expect(lent.every(({ granted, error }) => granted === 0 && error?.code === 'not_found')).toBe(true);
    const beyond = [...many, { organization: 'one-more', wanted: 1 }];
    expectFaults(await call(server, 'POST', '/v1/leases', provider, { verifier: 'v', leases: beyond }), '/body/leases');
    const tooLarge = { verifier: 'x'.repeat(2 ** 21), leases: many };
    expect((await call(server, 'POST', '/v1/leases', provider, tooLarge)).status).toBe(413);
  });
});
