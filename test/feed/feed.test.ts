// The live feed of a whole server, over real sockets: what is told, to whom, in which order, and when it ends.

import { connect } from 'node:net';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { systemIn } from '../../server/src/core/caller/caller.ts';
import { machineMs, watchMachine } from '../machine-time.ts';
import { startServer, type TestServer } from '../server.ts';
import { bearerOf, call, expectFaults, expectForbidden, expectProblem, nobody } from '../wire/native/calls.ts';
import { type Feed, follow } from './feed-client.ts';

describe.each(['sqlite', 'postgres'] as const)('the feed on %s', (database) => {
  let server: TestServer;
  let bearer: string;
  beforeAll(async () => {
    server = await startServer({ database, permissions: ['read:x'] });
    bearer = await bearerOf(server, server.owner, ['follow:feed']);
  });
  afterAll(() => server?.stop());

  const makeRole = (name: string) =>
    server.core.createRole(systemIn(server.organization), { name, permissions: ['read:x'] });
  const makeToken = async () => (await server.core.createApiToken(server.asOwner, { permissions: ['read:x'] })).token;

  test('says hello, then each change in the order of the journal, with its number as the id', async () => {
    const feed = await follow(server.url, bearer);
    expect(feed.headers.get('content-type')).toBe('text/event-stream');
    expect(feed.headers.get('cache-control')).toBe('no-store');
    const { epoch } = await server.store.serverState.read();
    expect(feed.hello).toEqual({ epoch, cursor: await server.store.journal.head(), reset: true, heartbeatMs: 1000 });
    const token = await makeToken();
    await server.core.deactivateApiToken(server.asOwner, { id: token.id });
    await server.core.deleteApiToken(server.asOwner, { id: token.id });
    await expect.poll(() => feed.changes.length, { interval: 5 }).toBe(3);
    expect(feed.changes.map(({ data }) => [data.action, data.subject])).toEqual(
      ['created', 'deactivated', 'deleted'].map((verb) => [`api_token.${verb}`, { type: 'api_token', id: token.id }]),
    );
    const entries = await server.store.journal.after(feed.hello.cursor, 10);
    expect(feed.changes.map(({ data }) => [data.seq, Date.parse(data.at)])).toEqual(
      entries.map(({ seq, at }) => [seq, at]),
    );
    expect(feed.changes.map(({ id }) => id)).toEqual(entries.map(({ seq }) => String(seq)));
    await feed.kill();
  });

  test('has a heartbeat every second, whose cursor everything was said up to [S116]', async () => {
    await watchMachine();
    const feed = await follow(server.url, bearer);
    await makeRole('heard');
    await expect.poll(() => feed.heartbeats.length).toBeGreaterThanOrEqual(3);
    const gaps = feed.heartbeats.slice(1).map(({ at }, index) => machineMs(feed.heartbeats[index]?.at ?? 0, at));
    expect(Math.max(...gaps)).toBeLessThan(1200);
    const last = feed.heartbeats.at(-1)?.data.cursor;
    expect(last).toBe(await server.store.journal.head());
    expect(feed.changes.at(-1)?.data.seq).toBeLessThanOrEqual(last ?? 0);
    await feed.kill();
  });

  test('resumes behind a cursor without a gap, however often the connection is killed under load', async () => {
    const start = await server.store.journal.head();
    let isWriting = true;
    const writing = (async () => {
      for (let n = 0; n < 1600; n += 8) {
        await Promise.all(Array.from({ length: 8 }, (_, index) => makeRole(`load-${n + index}`)));
      }
      isWriting = false;
    })();
    const seen: number[] = [];
    let cursor = start;
    let kills = 0;
    while (isWriting || seen.length < 1600) {
      const feed = await follow(server.url, bearer, { cursor });
      expect(feed.hello).toMatchObject({ cursor, reset: false });
      await new Promise((resolve) => setTimeout(resolve, 10));
      await feed.kill();
      kills += 1;
      seen.push(...feed.changes.map(({ data }) => data.seq));
      cursor = seen.at(-1) ?? cursor;
    }
    await writing;
    expect(kills).toBeGreaterThan(3);
    expect(seen).toEqual(Array.from({ length: 1600 }, (_, index) => start + index + 1));
  });

  test('reads old entries from the journal after a restart', async () => {
    const start = await server.store.journal.head();
    for (let n = 0; n < 20; n += 1) await makeRole(`before-${n}`);
    await server.restart();
    const feed = await follow(server.url, bearer, { cursor: start });
    await makeRole('after');
    await expect.poll(() => feed.changes.length).toBe(21);
    expect(feed.changes.map(({ data }) => data.seq)).toEqual(Array.from({ length: 21 }, (_, n) => start + n + 1));
    await feed.kill();
  });

  test('keeps no place for a client that went away while its place was made', async () => {
    const request = (n: number) =>
      `GET /v1/feed?verifier=gone-${n} HTTP/1.1\r\nhost: localhost\r\nauthorization: Bearer ${bearer}\r\n\r\n`;
    for (let n = 0; n < 100; n += 1) {
      const socket = connect(Number(new URL(server.url).port), '127.0.0.1').on('error', () => {});
      socket.write(request(n));
      await new Promise((resolve) => setTimeout(resolve, (n % 20) * 0.6));
      socket.destroy();
    }
    const gone = async () =>
      (await server.core.listVerifiers(server.asOwner)).filter(({ name }) => /^gone-/.test(name));
    await expect.poll(async () => (await gone()).filter(({ disconnectedAt }) => disconnectedAt === null)).toEqual([]);
  });

  test('ends at once, and cleanly, when the server stops', async () => {
    const feed = await follow(server.url, bearer);
    await watchMachine();
    const began = performance.now();
    const restarted = server.restart();
    const { cleanly, at } = await feed.over;
    expect(cleanly).toBe(true);
    expect(machineMs(began, at)).toBeLessThan(500);
    await restarted;
  });
});

describe('the feed', () => {
  let server: TestServer;
  let bearer: string;
  beforeAll(async () => {
    server = await startServer({ permissions: ['read:x'] });
    bearer = await bearerOf(server, server.owner, ['follow:feed']);
  });
  afterAll(() => server?.stop());

  test('is for callers with the permission follow:feed only', async () => {
    expectProblem(await call(server, 'GET', '/v1/feed'), 401, 'unauthenticated');
    const weak = await bearerOf(server, server.owner, ['read:journal']);
    expectForbidden(await call(server, 'GET', '/v1/feed', weak), 'follow:feed');
    const word = { verifier: 'me', cursor: 1 };
    expectForbidden(await call(server, 'POST', '/v1/feed/acknowledgements', weak, word), 'follow:feed');
  });

  test.each(['-1', '1.5', 'x', '', '99999999999999999999', '9007199254740993'])(
    'refuses %j as a cursor',
    async (cursor) => {
      expectFaults(await call(server, 'GET', `/v1/feed?cursor=${cursor}`, bearer), '/query/cursor');
    },
  );

  test('goes by what a client of server-sent events saw last, when that comes back by itself', async () => {
    const { hello, kill } = await follow(server.url, bearer);
    await kill();
    await server.core.createRole(systemIn(server.organization), { name: 'seen-later', permissions: [] });
    const headers = { 'last-event-id': String(hello.cursor) };
    const back = await follow(server.url, bearer, { cursor: 1, headers });
    expect(back.hello).toMatchObject({ cursor: hello.cursor, reset: false });
    await back.kill();
    const wrong = { 'last-event-id': 'x' };
    expectFaults(await call(server, 'GET', '/v1/feed', bearer, undefined, wrong), '/header/last-event-id');
  });

  test('tells to forget everything when the cursor is none that was given out', async () => {
    const feed = await follow(server.url, bearer, { cursor: 1_000_000 });
    expect(feed.hello).toMatchObject({ cursor: await server.store.journal.head(), reset: true });
    await feed.kill();
  });

  test('shows a customer nothing of another organization, and the operator what concerns its credentials everywhere [S53]', async () => {
    const [initech, umbrella] = [await server.addOrganization('initech'), await server.addOrganization('umbrella')];
    const bearers = [
      bearer,
      ...(await Promise.all([initech, umbrella].map(({ owner }) => bearerOf(server, owner, ['follow:feed'])))),
    ];
    const [operator, ...customers] = await Promise.all(bearers.map((one) => follow(server.url, one, { cursor: 0 })));
    const feeds = [operator, ...customers].flatMap((feed) => feed ?? []);
    try {
      for (const one of [initech, umbrella, server.organization]) {
        await server.core.createRole(systemIn(one), { name: `${one.id}-project`, permissions: [] });
      }
      const every = await server.store.journal.after(0, 10_000);
      const head = every.at(-1)?.seq ?? 0;
      for (const feed of feeds) {
        await expect.poll(() => feed.heartbeats.at(-1)?.data.cursor ?? 0).toBeGreaterThanOrEqual(head);
      }
      const told = (feed: Feed | undefined) => feed?.changes.map(({ data }) => data.seq);
      const toldAll = every.filter(({ subject }) => subject.type !== 'permission');
      const projects = (entries: typeof every) =>
        entries.filter(({ subject }) => subject.id.endsWith('-project')).map(({ organizationId }) => organizationId);
      expect(told(operator)).toEqual(toldAll.map(({ seq }) => seq));
      expect(projects(toldAll)).toEqual([initech.id, umbrella.id, server.organization.id]);
      for (const [index, { id }] of [initech, umbrella].entries()) {
        const concerning = toldAll.filter(({ organizationId }) => organizationId === id || organizationId === null);
        expect(told(customers[index])).toEqual(concerning.map(({ seq }) => seq));
        expect(projects(concerning)).toEqual([id]);
      }
    } finally {
      await Promise.all(feeds.map((feed) => feed.kill()));
    }
  });

  test('tells every organization of plans and signing keys', async () => {
    const other = await server.addOrganization('globex');
    const feed = await follow(server.url, await bearerOf(server, other.owner, ['follow:feed']));
    const { kid } = await server.core.rotateSigningKey(server.asOwner, 'oauth');
    const [free] = await server.core.listPlans(server.asOwner);
    if (free === undefined) throw new Error('There is no plan.');
    await server.core.putPlan(server.asOwner, free);
    await expect.poll(() => feed.changes.length).toBe(2);
    expect(feed.changes.map(({ data }) => data.subject)).toEqual([
      { type: 'signing_key', id: kid },
      { type: 'plan', id: free.id },
    ]);
    await feed.kill();
  });

  test('tells of a revoked key only when the public key set no longer has it', async () => {
    const feed = await follow(server.url, bearer);
    const published = async () => {
      const answer = await fetch(`${server.url}/.well-known/jwks.json`);
      return ((await answer.json()) as { keys: { kid: string }[] }).keys.map(({ kid }) => kid);
    };
    const [kid = ''] = await published();
    const revoking = server.core.revokeSigningKey(server.asOwner, kid);
    await expect.poll(() => feed.changes.length, { interval: 1 }).toBeGreaterThan(0);
    expect(feed.changes[0]?.data).toMatchObject({ action: 'signing_key.revoked', subject: { id: kid } });
    expect(await published()).not.toContain(kid);
    await revoking;
    await feed.kill();
  });

  test.each([
    ['is deactivated', (id: string) => server.core.deactivateApiToken(server.asOwner, { id })],
    ['is deleted', (id: string) => server.core.deleteApiToken(server.asOwner, { id })],
    ['loses the permission', (id: string) => server.core.updateApiToken(server.asOwner, { id }, { permissions: [] })],
  ])('ends within two seconds when its own credential %s [S105]', async (_, lose) => {
    const made = await server.core.createApiToken(server.asOwner, { permissions: ['follow:feed'] });
    const feed = await follow(server.url, made.secret);
    const lasting = await follow(server.url, bearer);
    const began = performance.now();
    await lose(made.token.id);
    expect(await feed.over).toMatchObject({ cleanly: true });
    expect(performance.now() - began).toBeLessThan(2000);
    await lasting.kill();
  });

  test('ends when the access token that opened it has ended', async () => {
    const { body } = await call<{ accessToken: string }>(server, 'POST', '/v1/access-tokens', undefined, {
      apiToken: bearer,
      lifetimeSeconds: 60,
    });
    const feed = await follow(server.url, body.accessToken);
    server.clock.advance(120_000);
    expect(await feed.over).toMatchObject({ cleanly: true });
  });

  test('cuts off a reader that stopped reading, while others go on', async () => {
    const { port } = new URL(server.url);
    const socket = connect(Number(port), '127.0.0.1');
    const gone = new Promise<void>((resolve) => socket.once('close', () => resolve()));
    socket.on('error', () => undefined);
    socket.write(`GET /v1/feed HTTP/1.1\r\nhost: x\r\nauthorization: Bearer ${bearer}\r\n\r\n`);
    await new Promise((resolve) => socket.once('data', resolve));
    socket.pause();
    const well = await follow(server.url, bearer);
    const before = process.memoryUsage().arrayBuffers;
    const batch = 2500;
    let said = 0;
    const subscribers = async () => Number(/^keyward_feed_followers (\d+)$/m.exec(await metrics())?.[1]);
    const metrics = async () => (await fetch(`${server.url}/metrics`)).text();
    // Those of earlier tests may not be known to have gone yet.
    await expect.poll(subscribers).toBe(2);
    while ((await subscribers()) > 1) {
      await server.store.write(async (changes) => {
        for (let n = 0; n < batch; n += 1) {
          changes.journal({
            at: 0,
            organizationId: server.organization.id,
            actor: { type: 'system', id: 'system' },
            action: 'api_token.deactivated',
            subject: { type: 'api_token', id: nobody },
            detail: {},
          });
        }
      });
      said += batch;
      expect(said).toBeLessThan(400_000);
    }
    expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(100_000_000);
    await expect.poll(() => well.changes.length).toBe(said);
    await well.kill();
    socket.resume();
    await gone;
  });

  test('reaches four followers under load in less than a second, p99 [G7]', async () => {
    const organization = systemIn(server.organization);
    const feeds = await Promise.all(
      Array.from({ length: 4 }, (_, n) => follow(server.url, bearer, { verifier: `v${n}` })),
    );
    const tokens: string[] = [];
    for (let n = 0; n < 400; n += 1) {
      tokens.push((await server.core.createApiToken(server.asOwner, { permissions: ['read:x'] })).token.id);
    }
    await watchMachine();
    const doneAt = new Map<string, number>();
    let isOver = false;
    const load = (async () => {
      for (let n = 0; !isOver; n += 1) {
        await Promise.all(
          Array.from({ length: 16 }, (_, k) =>
            server.core.createRole(organization, { name: `noise-${n}-${k}`, permissions: [] }),
          ),
        );
      }
    })();
    const admin = await bearerOf(server, server.owner);
    const queue = [...tokens];
    await Promise.all(
      Array.from({ length: 4 }, async () => {
        for (let id = queue.pop(); id !== undefined; id = queue.pop()) {
          expect((await call(server, 'POST', `/v1/tokens/${id}/deactivate`, admin)).status).toBe(204);
          doneAt.set(id, performance.now());
        }
      }),
    );
    isOver = true;
    await load;
    const delays = await Promise.all(
      feeds.map(async (feed) => {
        const told = () => feed.changes.filter(({ data }) => data.action === 'api_token.deactivated');
        await expect.poll(() => told().length).toBe(tokens.length);
        return told().map(({ data, at }) => Math.max(0, machineMs(doneAt.get(data.subject.id) ?? Number.NaN, at)));
      }),
    );
    const sorted = delays.flat().sort((one, other) => one - other);
    expect(sorted).toHaveLength(4 * tokens.length);
    expect(sorted[Math.floor(sorted.length * 0.5)]).toBeLessThan(100);
    expect(sorted[Math.floor(sorted.length * 0.99)]).toBeLessThan(1000);
    expect(sorted.at(-1)).toBeLessThan(2000);
    await Promise.all(feeds.map((feed) => feed.kill()));
  });
});
