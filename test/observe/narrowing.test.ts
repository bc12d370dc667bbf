// A token's narrowing that is observed first: nothing is refused until its time, then it counts by itself, on the server and in
// a verifier, at the very millisecond and without a write. Real servers on both databases, with a clock that is turned.

import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { createVerifier, type Verifier } from '../../sdk/src/index.ts';
import { startServer, type TestServer } from '../server.ts';

const day = 24 * 3_600_000;
const permissions = ['read:funds', 'write:funds'];

describe.each(['sqlite', 'postgres'] as const)('a narrowing that is observed on %s', (database) => {
  let server: TestServer;
  let verifier: Verifier;

  beforeAll(async () => {
    server = await startServer({ database, flushMs: 50, permissions: [...permissions, 'read:loans'] });
    const asking = ['verify:credential', 'follow:feed'];
    const { secret } = await server.core.createApiToken(server.asOwner, { name: 'verifier', permissions: asking });
    const { url, clock } = server;
    verifier = createVerifier({ url, credential: { apiToken: secret }, exchange: 'none', clock: clock.now });
    await verifier.ready();
  }, 60_000);
  afterAll(async () => {
    await verifier.close();
    await server.stop();
  });

  let made = 0;
  const token = async () => {
    made += 1;
    return server.core.createApiToken(server.asOwner, { name: `narrowed ${made}`, permissions });
  };
  const until = (ms: number) => ({ observe: { until: new Date(server.clock.now() + ms).toISOString() } });
  const ask = async (method: string, path: string, body?: object) => {
    const { secret } = await asker();
    const headers = { authorization: `Bearer ${secret}`, 'content-type': 'application/json' };
    const response = await fetch(`${server.url}${path}`, {
      method,
      headers,
      ...(body && { body: JSON.stringify(body) }),
    });
    return { status: response.status, body: (await response.json()) as Record<string, unknown> };
  };
  let known: Promise<{ secret: string }> | undefined;
  const asker = () => {
    known ??= server.core.createApiToken(server.asOwner, { name: 'asker', permissions: ['*:*'] });
    return known;
  };
  const check = async (secret: string, permission: string, address?: string) => {
    const headers = {
      authorization: `Bearer ${secret}`,
      ...(address !== undefined && { 'x-forwarded-for': address }),
    };
    return (await fetch(`${server.url}/v1/check?permissions=${permission}`, { headers })).status;
  };
  const verdict = async (secret: string, permission: string) => {
    const found = await verifier.verify(secret, { permissions: [permission], address: '127.0.0.1' });
    return found.allowed ? 'allowed' : found.reason;
  };

  it('refuses nothing until its time, and counts from that millisecond on, by itself, on the server and in the SDK', async () => {
    const { token: made, secret } = await token();
    const change = { permissions: ['read:funds'], ...until(30 * day) };
    const { status, body } = await ask('PATCH', `/v1/tokens/${made.id}`, change);
    expect(status).toBe(200);
    expect(body).toMatchObject({ permissions, observed: { permissions: ['read:funds'], until: change.observe.until } });
    await vi.waitFor(async () =>
      expect((await server.core.readApiToken(server.asOwner, made)).narrowing).not.toBeNull(),
    );
    const both = async (permission: string) => [await check(secret, permission), await verdict(secret, permission)];
    await vi.waitFor(async () => expect(await both('write:funds')).toEqual([200, 'allowed']));
    server.clock.advance(30 * day - 1);
    expect(verifier.verifySync(secret, { permissions: ['write:funds'] })).toMatchObject({ allowed: true });
    expect(await both('write:funds')).toEqual([200, 'allowed']);
    server.clock.advance(1);
    // Whatever the journal has, and whoever has heard of it: this is decided in the process.
    const decided = verifier.verifySync(secret, { permissions: ['write:funds'] });
    if (decided !== undefined) expect(decided).toMatchObject({ allowed: false, reason: 'missing_permission' });
    expect(await both('write:funds')).toEqual([403, 'missing_permission']);
    expect(await both('read:funds')).toEqual([200, 'allowed']);
    const after = await server.core.readApiToken(server.asOwner, made);
    expect(after).toMatchObject({ permissions: ['read:funds'], narrowing: null });
  });

  it('is cancelled as it was begun, and ends with what is said anew', async () => {
    const { token: made, secret } = await token();
    await ask('PATCH', `/v1/tokens/${made.id}`, { permissions: ['read:funds'], ...until(day) });
    const { body } = await ask('PATCH', `/v1/tokens/${made.id}`, { observe: null });
    expect(body).toMatchObject({ permissions, observed: null });
    await ask('PATCH', `/v1/tokens/${made.id}`, { permissions: ['read:funds'], ...until(day) });
    expect((await ask('PATCH', `/v1/tokens/${made.id}`, { name: `renamed ${made.id}` })).body.observed).not.toBeNull();
    const said = await ask('PATCH', `/v1/tokens/${made.id}`, { permissions });
    expect(said.body).toMatchObject({ permissions, observed: null });
    server.clock.advance(2 * day);
    expect(await check(secret, 'write:funds')).toBe(200);
  });

  it('is not taken back, put off or made less by who does not hold what would go [S56]', async () => {
    const { token: made } = await token();
    const begun = { permissions: ['read:funds'], ...until(day) };
    await ask('PATCH', `/v1/tokens/${made.id}`, begun);
    const held = ['read:organization_api_key', 'update:organization_api_key', 'read:funds'];
    const { secret: helper } = await server.core.createApiToken(server.asOwner, { permissions: held });
    const change = async (body: object, secret = helper) => {
      const headers = { authorization: `Bearer ${secret}`, 'content-type': 'application/json' };
      const init = { method: 'PATCH', headers, body: JSON.stringify(body) };
      return (await fetch(`${server.url}/v1/tokens/${made.id}`, init)).status;
    };
    expect(await change({ observe: null })).toBe(403);
    expect(await change({ permissions: ['read:funds'], ...until(2 * day) })).toBe(403);
    expect(await change({ addresses: ['127.0.0.1'] })).toBe(403);
    expect(await change({ addresses: ['127.0.0.1'], ...until(day) })).toBe(403);
    const { narrowing } = await server.core.readApiToken(server.asOwner, made);
    expect(narrowing).toMatchObject({ until: Date.parse(begun.observe.until), permissions: ['read:funds'] });
    // What narrows it more, or sooner, anyone may say who may change it.
    expect(await change({ permissions: ['read:funds'], ...until(day / 2) })).toBe(200);
    expect(await change({ permissions: ['read:funds'] })).toBe(200);
  });

  it('is told of who would have been refused, and why, while nobody was', async () => {
    const { token: made, secret } = await token();
    const change = { permissions: ['read:funds'], addresses: ['127.0.0.1'], ...until(day) };
    await ask('PATCH', `/v1/tokens/${made.id}`, change);
    for (let call = 0; call < 3; call += 1) expect(await check(secret, 'write:funds')).toBe(200);
    expect(await check(secret, 'read:funds')).toBe(200);
    const item = async () => {
      const { body } = await ask('GET', '/v1/observations');
      return (body as unknown as { items: { subject: { id: string } }[] }).items.find(
        ({ subject }) => subject.id === made.id,
      );
    };
    await vi.waitFor(async () => expect(await item()).toMatchObject({ calls: 3 }), { timeout: 60_000, interval: 200 });
    expect(await item()).toMatchObject({
      bound: 'narrowing',
      state: 'observed',
      until: change.observe.until,
      subject: { type: 'api_token', name: made.name },
      change: { permissions: ['read:funds'], addresses: ['127.0.0.1'] },
      refusals: [{ credential: { id: made.id, name: made.name }, reason: 'missing_permission', calls: 3 }],
    });
  });

  it.each([
    ['an end that has passed', { permissions: ['read:funds'] }, -1],
    ['an end after 30 days', { permissions: ['read:funds'] }, 30 * day + 1],
    ['nothing that is observed', { name: 'another' }, day],
    ['a permission that it has not', { permissions: ['read:loans'] }, day],
  ])('takes no %s', async (_what, change, ms) => {
    const { token: made } = await token();
    const { status, body } = await ask('PATCH', `/v1/tokens/${made.id}`, { ...change, ...until(ms) });
    expect([status, body.type]).toEqual([400, expect.stringContaining('invalid')]);
    expect(await server.core.readApiToken(server.asOwner, made)).toMatchObject({ permissions, narrowing: null });
  });

  it('is in the journal when it is said, and when it counts, for who follows that', async () => {
    const { token: made } = await token();
    await ask('PATCH', `/v1/tokens/${made.id}`, { permissions: ['read:funds'], ...until(day) });
    server.clock.advance(day);
    const told = async () => {
      const { items } = await server.core.listJournal(server.asOwner, { limit: 20 });
      return items.filter(({ subject }) => subject.id === made.id).map(({ actor, detail }) => [actor.type, detail]);
    };
    await vi.waitFor(async () => expect(await told()).toHaveLength(3), { timeout: 60_000, interval: 200 });
    const [counted, said] = await told();
    expect(counted).toEqual(['system', expect.objectContaining({ permissions: ['read:funds'], narrowing: null })]);
    expect(said).toEqual(['api_token', { narrowing: expect.objectContaining({ permissions: ['read:funds'] }) }]);
  });
});
