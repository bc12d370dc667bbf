// What webhooks are sent, over real sockets: every event, in order, at least once, to receivers that fail in every way.

import { Webhook } from 'standardwebhooks';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { startServer, type TestServer } from '../server.ts';
import { bearerOf, call } from '../wire/native/calls.ts';
import { closes, type Received, type Receiver, startReceiver, status, stops } from './receiver.ts';

const patience = { timeout: 30_000, interval: 20 };
const hourMs = 3_600_000;

interface Delivery {
  id: string;
  event: string;
  status: string;
  tries: number;
  request: string;
  answer: { status: number | null; failure: string | null; body: string } | null;
}

describe.each(['sqlite', 'postgres'] as const)('on %s a webhook', (database) => {
  let server: TestServer;
  let bearer: string;
  const receivers: Receiver[] = [];
  beforeAll(async () => {
    server = await startServer({ database });
    bearer = await bearerOf(server, server.owner);
  });
  afterAll(async () => {
    await server?.stop();
    for (const receiver of receivers) await receiver.stop();
  });

  async function hook(fields: Record<string, unknown> = {}) {
    const receiver = await startReceiver();
    receivers.push(receiver);
    const made = await ask<{ id: string; secret: string }>('POST', '/v1/webhooks', { url: receiver.url, ...fields });
    expect(made.status, made.text).toBe(201);
    const { id, secret } = made.body;
    return {
      id,
      secret,
      receiver,
      path: `/v1/webhooks/${id}`,
      deliveries: async (query = '') =>
        (await ask<{ items: Delivery[] }>('GET', `/v1/webhooks/${id}/deliveries${query}`)).body.items,
      remove: () => ask('DELETE', `/v1/webhooks/${id}`),
    };
  }
  const ask = <B = Record<string, unknown>>(method: string, path: string, body?: unknown) =>
    call<B>(server, method, path, bearer, body as Record<string, unknown> | undefined);
  /** As a receiver would whose clock agrees with the server's. */
  const verify = (secret: string, one: Received | undefined) => {
    const clock = vi.spyOn(Date, 'now').mockReturnValue(server.clock.now());
    try {
      return new Webhook(secret).verify(one?.body ?? '', one?.headers ?? {});
    } finally {
      clock.mockRestore();
    }
  };
  const newToken = async () => (await server.core.createApiToken(server.asOwner, { permissions: [] })).token.id;
  const subjects = ({ accepted }: Receiver) =>
    accepted.map(({ event }) => (event.data.subject as { id: string } | undefined)?.id);

  it('is sent what happens, signed as Standard Webhooks says, with who did it and to what', async () => {
    const { receiver, secret, remove } = await hook({ events: ['token.created', 'token.deactivated'] });
    const id = await newToken();
    await server.core.updateApiToken(server.asOwner, { id }, { description: 'not asked for' });
    await server.core.deactivateApiToken(server.asOwner, { id });
    await expect.poll(() => receiver.accepted.length, patience).toBe(2);
    const [created, deactivated] = receiver.accepted;
    expect(created?.event.type).toBe('token.created');
    expect(deactivated?.event.type).toBe('token.deactivated');
    expect(created?.event.data).toMatchObject({
      organizationId: server.organization.id,
      subject: { type: 'api_token', id },
      actor: { type: 'user', id: server.owner.id },
    });
    for (const one of receiver.accepted) expect(verify(secret, one)).toEqual(one.event);
    expect(() => verify(secret, created && { ...created, body: `${created.body} ` })).toThrow(/No matching signature/);
    expect(created?.headers['content-type']).toBe('application/json');
    await remove();
  });

  it('is tried again after whatever went wrong, under the same id, and nothing overtakes', async () => {
    const { receiver, remove, deliveries } = await hook({ events: ['token.created'] });
    receiver.next(status(500, {}, 'x'.repeat(5000)), closes, status(302, { location: receiver.url }), status(404));
    const made: string[] = [];
    for (let n = 0; n < 5; n += 1) made.push(await newToken());
    for (let tries = 1; tries <= 4; tries += 1) {
      await expect.poll(async () => (await deliveries('?status=waiting')).at(-1)?.tries, patience).toBe(tries);
      expect(receiver.accepted).toEqual([]);
      if (tries === 1) {
        const first = (await deliveries()).at(-1);
        expect(first?.answer).toMatchObject({ status: 500, failure: null, body: 'x'.repeat(1024) });
        expect(JSON.parse(first?.request ?? '').data.subject.id).toBe(made[0]);
      }
      if (tries === 3)
        expect((await deliveries()).at(-1)?.answer).toMatchObject({ status: 302, failure: 'redirected' });
      server.clock.advance(2 * hourMs);
    }
    await expect.poll(() => receiver.accepted.length, patience).toBe(5);
    expect(subjects(receiver)).toEqual(made);
    expect(new Set(receiver.received.slice(0, 5).map(({ id }) => id)).size).toBe(1);
    expect(receiver.received).toHaveLength(9);
    await remove();
  });

  it('is tried again a little later, or as late as a receiver that is too busy asks for', async () => {
    const { receiver, remove, path, deliveries } = await hook({ events: ['token.created'] });
    receiver.next(status(500), status(503, { 'retry-after': '3600' }), status(429, { 'retry-after': '90000' }));
    await newToken();
    const waits = async (tries: number) => {
      await expect.poll(async () => (await deliveries()).at(0)?.tries, patience).toBe(tries);
      const { nextTryAt } = (await ask<{ nextTryAt: string }>('GET', path)).body;
      return Date.parse(nextTryAt) - server.clock.now();
    };
    const first = await waits(1);
    expect(first).toBeGreaterThanOrEqual(4000);
    expect(first).toBeLessThanOrEqual(6000);
    server.clock.advance(first);
    expect(await waits(2)).toBe(hourMs);
    server.clock.advance(hourMs);
    // No longer than until it is given up, a day after it happened.
    expect(await waits(3)).toBe(23 * hourMs - first);
    server.clock.advance(24 * hourMs);
    await expect.poll(() => receiver.accepted.length, patience).toBe(1);
    await remove();
  });

  it('is given up after a day, and then the next is tried; what was given up can be sent again', async () => {
    const { receiver, remove, deliveries, path } = await hook({ events: ['token.created'] });
    receiver.always(status(500));
    const made = [await newToken(), await newToken()];
    await expect.poll(async () => (await deliveries()).map(({ tries }) => tries), patience).toEqual([0, 1]);
    server.clock.advance(24 * hourMs);
    await expect.poll(async () => (await deliveries('?status=dead')).length, patience).toBe(2);
    expect(receiver.accepted).toEqual([]);
    receiver.always(undefined);
    const [one] = await deliveries('?status=dead');
    expect((await ask('POST', `/v1/webhook-deliveries/${one?.id}/repeat`)).status).toBe(200);
    await expect.poll(() => receiver.accepted.map(({ id }) => id), patience).toEqual([one?.id]);
    expect((await ask('POST', `${path}/repeat`)).body).toEqual({ repeated: 1 });
    await expect.poll(() => subjects(receiver).sort(), patience).toEqual(made.sort());
    await expect.poll(async () => (await deliveries('?status=delivered')).length, patience).toBe(2);
    await remove();
  });

  it('is switched off by a receiver that answers 410, which the journal tells', async () => {
    const { receiver, remove, deliveries, path, id } = await hook({ events: ['token.created'] });
    receiver.next(status(410));
    await newToken();
    await newToken();
    await expect.poll(async () => (await ask('GET', path)).body.active, patience).toBe(false);
    expect((await ask('GET', path)).body).toMatchObject({ deactivatedFor: 'gone' });
    const entries = await server.store.journal.latest(server.organization.id, 20);
    const [told] = entries.filter(({ action }) => action === 'webhook.switched_off');
    expect(told).toMatchObject({ subject: { type: 'webhook', id }, actor: { type: 'system' } });
    expect(receiver.received).toHaveLength(1);
    await newToken();
    expect((await ask('PATCH', path, { active: true })).body).toMatchObject({ active: true, deactivatedFor: null });
    await expect.poll(async () => (await deliveries('?status=waiting')).length, patience).toBe(0);
    // What waited is sent; what happened meanwhile is not.
    expect(receiver.accepted.length).toBeLessThanOrEqual(2);
    await remove();
  });

  it('is sent a test at once, ahead of what waits, and once', async () => {
    const { receiver, remove, deliveries, path } = await hook({ events: ['token.created'] });
    receiver.next(status(500), status(500));
    await newToken();
    await expect.poll(async () => (await deliveries()).at(0)?.tries, patience).toBe(1);
    const sent = await ask<Delivery>('POST', `${path}/test`);
    expect(sent.status).toBe(201);
    const read = async () => (await ask<Delivery>('GET', `/v1/webhook-deliveries/${sent.body.id}`)).body;
    await expect.poll(async () => (await read()).status, patience).toBe('dead');
    expect(await read()).toMatchObject({ event: 'webhook.test', tries: 1, answer: { status: 500 } });
    expect((await ask('POST', `${path}/test`)).status).toBe(201);
    await expect.poll(() => receiver.accepted.map(({ event }) => event.type), patience).toContain('webhook.test');
    await remove();
  });

  it('has messages signed with both secrets after a rotation, until the old one ends', async () => {
    const { receiver, secret, remove, path } = await hook({ events: ['token.created'] });
    const rotated = await ask<{ secret: string }>('POST', `${path}/rotate`, { overlapSeconds: 60 });
    expect(rotated.body.secret).toMatch(/^whsec_[A-Za-z0-9+/]{43}=$/);
    expect(rotated.body.secret).not.toBe(secret);
    await newToken();
    await expect.poll(() => receiver.accepted.length, patience).toBe(1);
    const [both] = receiver.accepted;
    for (const one of [secret, rotated.body.secret]) verify(one, both);
    expect((await ask('POST', `${path}/rotate`, { overlapSeconds: 0 })).status).toBe(200);
    await newToken();
    await expect.poll(() => receiver.accepted.length, patience).toBe(2);
    const last = receiver.accepted.at(-1);
    expect(last?.headers['webhook-signature']?.split(' ')).toHaveLength(1);
    for (const one of [secret, rotated.body.secret]) expect(() => verify(one, last)).toThrow(/No matching signature/);
    await remove();
  });

  it('takes an answer that is not finished by what it began with', async () => {
    const { receiver, remove, deliveries } = await hook({ events: ['token.created'] });
    receiver.next((response, received) => {
      stops(response, received);
      setTimeout(() => response.destroy(), 20);
    });
    await newToken();
    await expect.poll(async () => (await deliveries()).at(0)?.status, patience).toBe('delivered');
    await remove();
  });

  it('is sent all that waits after its receiver, and then the server, was away', async () => {
    const { receiver, remove, deliveries } = await hook({ events: ['token.created'] });
    await receiver.goAway();
    const made = [await newToken(), await newToken(), await newToken()];
    await expect.poll(async () => (await deliveries()).at(-1)?.answer?.failure, patience).toBe('unreachable');
    await server.restart();
    await receiver.comeBack();
    server.clock.advance(hourMs);
    await expect.poll(() => subjects(receiver), patience).toEqual(made);
    await remove();
  });

  it('keeps no other waiting by hanging, and gets nothing of another organization', async () => {
    const slow = await hook({ events: ['token.created'] });
    const quick = await hook({ events: ['token.created'] });
    const other = await server.addOrganization(`other-${database}`);
    slow.receiver.next(() => {});
    const made = [await newToken(), await newToken()];
    await server.core.createApiToken(other.owner.caller, { permissions: [] });
    await expect.poll(() => subjects(quick.receiver), patience).toEqual(made);
    expect(slow.receiver.accepted).toEqual([]);
    await slow.remove();
    await quick.remove();
  });

  it('shows no secret: not in the journal, not in a delivery, not in a log, not in the database', async () => {
    const { secret, remove, deliveries, path, receiver } = await hook();
    await newToken();
    await expect.poll(() => receiver.accepted.length, patience).toBeGreaterThan(0);
    const bare = secret.slice('whsec_'.length);
    const seen = [
      JSON.stringify((await ask('GET', path)).body),
      JSON.stringify(await deliveries()),
      JSON.stringify(await server.store.journal.latest(null, 1000)),
      JSON.stringify(await server.store.webhooks.list(server.organization.id)),
      server.logs(),
    ];
    for (const text of seen) expect(text).not.toContain(bare);
    await remove();
  });
});
