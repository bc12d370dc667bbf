// What webhooks are told that is no change: limits that are spent, refusals that are unusual, tokens that expire. Once, whoever
// thinks of it.

import { afterAll, beforeAll, describe, it } from 'vitest';
import { systemIn } from '../../server/src/core/caller/caller.ts';
import { type Person, startServer, type TestServer } from '../server.ts';
import { call } from '../wire/native/calls.ts';
import { type Receiver, startReceiver } from './receiver.ts';

const patience = { timeout: 60_000, interval: 100 };
const dayMs = 86_400_000;

// Much of it is waiting, so both databases do it at once.
const inTurn = { concurrent: false };

describe.concurrent.each(['sqlite', 'postgres'] as const)('on %s a webhook is told', (database) => {
  let server: TestServer;
  let receiver: Receiver;
  let customer: { id: string; name: string; owner: Person };
  beforeAll(async () => {
    server = await startServer({ database });
    receiver = await startReceiver();
    customer = await server.addOrganization('told');
    const machine = systemIn(server.organization);
    const limits = [{ limit: 10, windowMs: 3_600_000, per: 'organization' as const, cap: null }];
    await server.core.createPlan(machine, { id: 'ten', name: 'Ten', limits });
    await server.core.updateOrganization(machine, customer.id, { planId: 'ten' });
  });
  afterAll(async () => {
    await server?.stop();
    await receiver?.stop();
  });

  const told = (type: string) => receiver.accepted.filter(({ event }) => event.type === type);
  const check = async (secret: string) => (await call(server, 'GET', '/v1/check', secret)).status;
  const newToken = async (expiresAt: number | null = null) =>
    server.core.createApiToken(customer.owner.caller, { permissions: [], expiresAt });

  it('of tokens that expire as soon as it says, once for each end', inTurn, async ({ expect }) => {
    const { core, clock } = server;
    const [soon, later] = [await newToken(clock.now() + 2 * dayMs), await newToken(clock.now() + 6 * dayMs)];
    const { webhook } = await core.createWebhook(customer.owner.caller, {
      url: receiver.url,
      events: ['token.expiring'],
      expiringDays: 3,
    });
    await expect.poll(() => told('token.expiring').length, patience).toBe(1);
    expect(told('token.expiring')[0]?.event.data).toMatchObject({
      subject: { id: soon.token.id },
      actor: { type: 'system' },
      detail: { days: 3, expiresAt: new Date(clock.now() + 2 * dayMs).toISOString() },
    });
    clock.advance(dayMs);
    await core.updateApiToken(customer.owner.caller, { id: later.token.id }, { expiresAt: clock.now() + dayMs });
    await expect
      .poll(() => {
        clock.advance(600_000);
        return told('token.expiring').length;
      }, patience)
      .toBe(2);
    expect(told('token.expiring')[1]?.event.data.subject).toMatchObject({ id: later.token.id });
    await core.deleteWebhook(customer.owner.caller, webhook.id);
  });

  it('of a limit that is nearly reached, and reached, once in its window', inTurn, async ({ expect }) => {
    const { core } = server;
    await core.createWebhook(customer.owner.caller, {
      url: receiver.url,
      events: ['organization.limit_nearly_reached', 'organization.limit_reached', 'token.refused_unusually'],
    });
    const { secret, token } = await newToken();
    for (let n = 0; n < 8; n += 1) expect(await check(secret)).toBe(200);
    await expect.poll(() => told('organization.limit_nearly_reached').length, patience).toBe(1);
    expect(told('organization.limit_nearly_reached')[0]?.event.data).toMatchObject({
      subject: { type: 'organization', id: customer.id },
      detail: { limit: 'ten', calls: 10, windowMs: 3_600_000, remaining: 2 },
    });
    for (let n = 0; n < 2; n += 1) expect(await check(secret)).toBe(200);
    await expect.poll(() => told('organization.limit_reached').length, patience).toBe(1);

    // Refused for that, and more often than let in.
    for (let n = 0; n < 30; n += 1) expect(await check(secret)).toBe(429);
    const now = server.clock.now();
    const counted = () =>
      server.store.usage.sums(customer.id, { from: now - dayMs, until: now + 1, group: 'total', by: 'source' }, 10);
    await expect.poll(async () => (await counted()).map(({ calls }) => calls), patience).toContain(40);
    server.clock.advance(61_000);
    await expect.poll(() => told('token.refused_unusually').length, patience).toBe(1);
    expect(told('token.refused_unusually')[0]?.event.data).toMatchObject({
      subject: { type: 'api_token', id: token.id },
      detail: { refused: 30, calls: 40 },
    });
    expect(told('organization.limit_nearly_reached')).toHaveLength(1);
    expect(told('organization.limit_reached')).toHaveLength(1);
    // A window later it is still so, as counters go by the machine's clock: that is told once more.
    server.clock.advance(3_600_000);
    await expect.poll(() => told('organization.limit_reached').length, patience).toBe(2);
    // Nobody asked for these, so the journal has none.
    const entries = await server.store.journal.latest(customer.id, 200);
    expect(entries.filter(({ action }) => action === 'organization.limit_reached')).toHaveLength(2);
    expect(entries.map(({ action }) => action)).not.toContain('organization.refused_unusually');
    expect(entries.map(({ action }) => action)).not.toContain('api_token.limit_reached');
  });
});
