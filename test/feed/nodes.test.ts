// Two nodes on one PostgreSQL: a change made through one reaches who follows through the other.

import pg from 'pg';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { Receipt } from '../../sdk/src/wire.ts';
import { type Caller, systemIn } from '../../server/src/core/caller/caller.ts';
import { keptWaitingMs, machineMs, watchMachine, within } from '../machine-time.ts';
import { acknowledge, type Feed, follow } from './feed-client.ts';
import { type Nodes, startNodes } from './nodes.ts';

let all: Nodes;
let organization: { id: string; name: string };
let owner: Caller;
let bearer: string;

beforeAll(async () => {
  all = await startNodes(2);
  ({ organization, owner } = all);
  const { core } = node(0).server;
  bearer = (await core.createApiToken(owner, { permissions: ['follow:feed', 'verify:credential'] })).secret;
});
afterAll(() => all?.stop());

const node = (index: number) => all.node(index);

test('changes of both nodes come in one order, without a gap, on either [S116]', async () => {
  const start = await node(0).server.store.journal.head();
  const feeds = await Promise.all(all.all.map(({ url }) => follow(url, bearer, { cursor: start })));
  await Promise.all(
    Array.from({ length: 200 }, (_, n) =>
      node(n % 2).server.core.createRole(systemIn(organization), { name: `role-${n}`, permissions: [] }),
    ),
  );
  for (const feed of feeds) {
    await expect.poll(() => feed.changes.length).toBe(200);
    expect(feed.changes.map(({ data }) => data.seq)).toEqual(Array.from({ length: 200 }, (_, n) => start + n + 1));
    await feed.kill();
  }
});

test('a change reaches followers of the other node in a tenth of a second, and always in less than two [G7]', async () => {
  await watchMachine();
  const feed = await follow(node(1).url, bearer);
  const delays: number[] = [];
  for (let n = 0; n < 100; n += 1) {
    const { token } = await node(0).server.core.createApiToken(owner, { permissions: [] });
    await node(0).server.core.deactivateApiToken(owner, { id: token.id });
    const began = performance.now();
    const told = () =>
      feed.changes.find(({ data }) => data.subject.id === token.id && data.action === 'api_token.deactivated');
    await expect.poll(told, { interval: 5 }).toBeDefined();
    // It may have been told before the answer was here.
    delays.push(machineMs(began, Math.max(began, told()?.at ?? Number.POSITIVE_INFINITY)));
  }
  const sorted = delays.toSorted((a, b) => a - b);
  expect(sorted[50]).toBeLessThanOrEqual(100);
  expect(sorted[98]).toBeLessThan(1000);
  expect(sorted[99]).toBeLessThanOrEqual(2000);
  await feed.kill();
});

test('a cursor of one node goes on at the other', async () => {
  const { token } = await node(0).server.core.createApiToken(owner, { permissions: [] });
  const one = await follow(node(0).url, bearer);
  await one.kill();
  const other = await follow(node(1).url, bearer, { cursor: one.hello.cursor });
  expect(other.hello).toMatchObject({ cursor: one.hello.cursor, reset: false });
  await node(0).server.core.deleteApiToken(owner, { id: token.id });
  await expect.poll(() => other.changes.map(({ data }) => data.subject.id)).toEqual([token.id]);
  await other.kill();
});

test('the keys of either node are as new as whoever asks has heard of through the other [S38]', async () => {
  const { core, store } = node(0).server;
  const kidsAt = async (query: string) => {
    const answer = await fetch(`${node(1).url}/.well-known/jwks.json${query}`);
    expect(answer.status).toBe(200);
    return ((await answer.json()) as { keys: { kid: string; alg: string }[] }).keys;
  };
  for (let n = 0; n < 10; n += 1) {
    const [old] = (await kidsAt('')).filter(({ alg }) => alg === 'ES256');
    await core.revokeSigningKey(systemIn(organization), old?.kid ?? '');
    const keys = await kidsAt(`?cursor=${await store.journal.head()}`);
    expect(keys.map(({ kid }) => kid)).not.toContain(old?.kid);
    expect(keys.filter(({ alg }) => alg === 'ES256')).toHaveLength(1);
  }
  const beyond = await fetch(`${node(1).url}/.well-known/jwks.json?cursor=${(await store.journal.head()) + 1000}`);
  expect(beyond.status).toBe(503);
  for (const query of ['?cursor=', '?cursor=-1', '?cursor=x', '?v=7', `?cursor=${'9'.repeat(99)}`])
    expect(await kidsAt(query)).toHaveLength(3);
});

test('what an organization is entitled to bounds its credentials on the other node in a second, and by any cursor at once [S113]', async () => {
  const { core, store } = node(0).server;
  const { secret } = await core.createApiToken(owner, { permissions: ['read:x'] });
  const rule = { name: 'Bounded', limits: [{ limit: 1_000_000, windowMs: 60_000, per: 'organization' }] } as const;
  const operator = systemIn(organization);
  const putPlan = (...entitlement: string[]) => core.putPlan(operator, { id: 'bounded', ...rule, entitlement });
  await putPlan('*:*');
  await core.updateOrganization(operator, organization.id, { planId: 'bounded' });
  const verdict = async (cursor?: number) => {
    const body = JSON.stringify({ credential: secret, permissions: ['read:x'], cursor });
    const headers = { authorization: `Bearer ${bearer}`, 'content-type': 'application/json' };
    const answer = await fetch(`${node(1).url}/v1/verify`, { method: 'POST', headers, body });
    return ((await answer.json()) as { allowed: boolean }).allowed;
  };
  const changes: [() => Promise<unknown>, boolean][] = [
    [() => core.updateOrganization(operator, organization.id, { entitlement: [] }), false],
    [() => core.updateOrganization(operator, organization.id, { entitlement: null }), true],
    [() => putPlan(), false],
    [() => putPlan('read:*'), true],
  ];
  for (let round = 0; round < 5; round += 1) {
    for (const [change, right] of changes) {
      await change();
      await within(1000, () => expect.poll(() => verdict(), { interval: 5 }).toBe(right));
    }
    for (const [change, right] of changes) {
      await change();
      expect(await verdict(await store.journal.head())).toBe(right);
    }
  }
  await core.updateOrganization(operator, organization.id, { planId: 'enterprise' });
});

test('a node that cannot read the journal is not ready and sends no heartbeat, until it can again [S116]', async () => {
  const client = new pg.Client({ connectionString: all.database });
  await client.connect();
  const ready = async () => (await fetch(`${node(0).url}/readyz`)).status;
  const feed = await follow(node(0).url, bearer);
  try {
    await expect.poll(() => feed.heartbeats.length).toBeGreaterThan(0);
    expect(await ready()).toBe(200);
    await client.query('alter table journal rename to elsewhere');
    const heard = feed.heartbeats.length;
    await expect.poll(ready).toBe(503);
    // For longer than the time between two; one may have been under way.
    await new Promise((resolve) => setTimeout(resolve, 1.5 * feed.hello.heartbeatMs));
    expect(feed.heartbeats.length).toBeLessThanOrEqual(heard + 1);
    const silent = feed.heartbeats.length;
    await client.query('alter table elsewhere rename to journal');
    await expect.poll(ready).toBe(200);
    await expect.poll(() => feed.heartbeats.length).toBeGreaterThan(silent);
  } finally {
    await client.end();
    await feed.kill();
  }
});

/** The longest that a receipt may be waited for. */
const longestMs = 10_000;

describe('a receipt of one node', () => {
  // Each in an organization of its own, since a verifier that has gone is still waited for for a while.
  let owner: Caller;
  let bearer: string;
  let admin: string;
  beforeEach(async () => {
    ({ owner } = await all.addOrganization(`o-${Math.random().toString(36).slice(2)}`));
    const { core } = node(0).server;
    bearer = (await core.createApiToken(owner, { permissions: ['follow:feed'] })).secret;
    admin = (await core.createApiToken(owner, { permissions: ['*:*'] })).secret;
  });
  const newToken = async () => (await node(0).server.core.createApiToken(owner, { permissions: ['read:x'] })).token.id;
  async function deactivate(index: number, id: string, waitMs: number): Promise<Receipt> {
    const url = `${node(index).url}/v1/tokens/${id}/deactivate?receipt=${waitMs}`;
    const answer = await fetch(url, { method: 'POST', headers: { authorization: `Bearer ${admin}` } });
    expect(answer.status).toBe(200);
    return (await answer.json()) as Receipt;
  }

  /** A verifier that follows through one node and acknowledges at another, after a while; or never. */
  async function verifier(name: string, through: number, at: number, afterMs: number | null): Promise<Feed> {
    const feed = await follow(node(through).url, bearer, { verifier: name });
    let said = feed.hello.cursor;
    const timer = setInterval(async () => {
      const newest = feed.changes.at(-1);
      if (afterMs === null || newest === undefined || newest.data.seq <= said) return;
      if (performance.now() - newest.at < afterMs) return;
      said = newest.data.seq;
      expect(await acknowledge(node(at).url, bearer, name, said)).toBe(204);
    }, 5);
    feed.over.then(() => clearInterval(timer));
    return feed;
  }

  test('counts the other node, and the verifiers that follow through it', async () => {
    await watchMachine();
    const feeds = await Promise.all([verifier('near', 0, 0, 0), verifier('far', 1, 1, 150)]);
    const id = await newToken();
    const began = performance.now();
    const receipt = await deactivate(0, id, longestMs);
    const waited = keptWaitingMs(began);
    // Both nodes, and both verifiers.
    expect(receipt).toMatchObject({ effective: 4, of: 4, waitingFor: [] });
    expect(receipt.slowestMs).toBeGreaterThan(140);
    expect((receipt.slowestMs ?? Number.NaN) - waited).toBeLessThan(1000);
    for (const feed of feeds) {
      expect(feed.changes.some(({ data }) => data.seq === receipt.seq)).toBe(true);
      await feed.kill();
    }
  });

  test('names whoever has not answered there', async () => {
    const feeds = await Promise.all([verifier('quick', 1, 1, 0), verifier('deaf', 1, 1, null)]);
    expect(await deactivate(0, await newToken(), 900)).toMatchObject({ effective: 3, of: 4, waitingFor: ['deaf'] });
    await Promise.all(feeds.map((feed) => feed.kill()));
  });

  test('takes what a verifier said on any node, whichever it follows through', async () => {
    const feeds = await Promise.all([verifier('crossing', 0, 1, 0), verifier('back', 1, 0, 0)]);
    for (const index of [0, 1]) {
      expect(await deactivate(index, await newToken(), longestMs)).toMatchObject({
        effective: 4,
        of: 4,
        waitingFor: [],
      });
    }
    await Promise.all(feeds.map((feed) => feed.kill()));
  });

  test('knows a verifier from its first heartbeat on, and by its name on whichever node it is now', async () => {
    const first = await verifier('moving', 0, 0, null);
    await first.kill();
    const second = await verifier('moving', 1, 1, 0);
    expect(await deactivate(0, await newToken(), longestMs)).toMatchObject({ effective: 3, of: 3, waitingFor: [] });
    await second.kill();
  });

  test('lists them all, on whichever node one asks', async () => {
    const feeds = await Promise.all([verifier('here', 0, 0, 0), verifier('there', 1, 1, 0)]);
    await expect.poll(async () => (await node(0).server.core.listVerifiers(owner)).length).toBe(2);
    for (const { server } of all.all) {
      const listed = await server.core.listVerifiers(owner);
      expect(listed.map(({ name }) => name).sort()).toEqual(['here', 'there']);
      expect(new Set(listed.map((one) => one.node)).size).toBe(2);
      for (const one of listed) {
        expect(one).toMatchObject({ address: '127.0.0.1', cursor: expect.any(Number), lagMs: expect.any(Number) });
        expect(Math.abs(one.connectedAt - Date.now())).toBeLessThan(10_000);
      }
    }
    await Promise.all(feeds.map((feed) => feed.kill()));
  });

  test('waits for no node that has stopped', async () => {
    const third = await all.start();
    await expect.poll(() => deactivateAgain(longestMs)).toMatchObject({ of: 3, effective: 3 });
    all.all.pop();
    await third.server.close();
    expect(await deactivateAgain(longestMs)).toMatchObject({ of: 2, effective: 2 });

    async function deactivateAgain(waitMs: number) {
      return deactivate(0, await newToken(), waitMs);
    }
  });

  test('does not say that nobody else is there while it cannot be known', async () => {
    const client = new pg.Client({ connectionString: all.database });
    await client.connect();
    try {
      const id = await newToken();
      await client.query('alter table verifiers rename to elsewhere');
      expect(await deactivate(0, id, 200)).toMatchObject({ effective: 1, of: 2, waitingFor: ['other nodes'] });
    } finally {
      await client.query('alter table elsewhere rename to verifiers');
      await client.end();
    }
  });
});

test('a verdict is of no time before the cursor of whoever asks, though the node has not heard of it yet [S113]', async () => {
  const verdict = async (credential: string, cursor: number | null) => {
    const body = JSON.stringify({ credential, cost: 0, ...(cursor !== null && { cursor }) });
    const headers = { authorization: `Bearer ${bearer}`, 'content-type': 'application/json' };
    const answer = await fetch(`${node(1).url}/v1/verify`, { method: 'POST', headers, body });
    return { status: answer.status, ...((await answer.json()) as { allowed?: boolean }) };
  };
  const outcomes = { with: 0, without: 0 };
  for (let n = 0; n < 40; n += 1) {
    const { token, secret } = await node(0).server.core.createApiToken(owner, { permissions: [] });
    expect(await verdict(secret, null)).toMatchObject({ allowed: true });
    await node(0).server.core.deactivateApiToken(owner, { id: token.id });
    const cursor = await node(0).server.store.journal.head();
    if (n % 2 === 0) outcomes.without += Number((await verdict(secret, null)).allowed);
    else outcomes.with += Number((await verdict(secret, cursor)).allowed);
  }
  expect(outcomes.with).toBe(0);
  // Otherwise this would prove nothing.
  expect(outcomes.without).toBeGreaterThan(0);
  expect(await verdict(bearer, (await node(0).server.store.journal.head()) + 1)).toMatchObject({ status: 503 });
});
