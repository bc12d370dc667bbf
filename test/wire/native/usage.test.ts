// Usage counts: sums by time and by verdict, credential or rule, of what one may see, on both databases.

import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Token, UsageList } from '../../../sdk/src/wire.ts';
import type { UsageCount } from '../../../server/src/core/checking/records.ts';
import { startServer, type TestServer } from '../../server.ts';
import { bearerOf, bearerWithRole, call, expectFaults, expectProblem, nobody } from './calls.ts';

const hour = 3_600_000;
const day = 24 * hour;

describe.each(['sqlite', 'postgres'] as const)('usage on %s', (database) => {
  let server: TestServer;
  let owner: string;
  let member: string;
  let mine: string;
  let theirs: string;
  /** Midnight, ten days ago. */
  let start: number;
  const counts: Omit<UsageCount, 'organizationId'>[] = [];
  beforeAll(async () => {
    server = await startServer({ database });
    owner = await bearerOf(server, server.owner);
    member = await bearerOf(server, server.member, ['manage:own_api_key']);
    mine = (await server.core.createApiToken(server.member.caller, { name: 'Mine', permissions: [] })).token.id;
    theirs = (await server.core.createApiToken(server.asOwner, { name: 'Theirs', permissions: [] })).token.id;
    start = server.clock.now() - (server.clock.now() % day) - 10 * day;
    for (const [id, rule, verdict, at, calls] of [
      [mine, '/a', 'allowed', 0, 5],
      [mine, '/a', 'allowed', hour, 7],
      [mine, '/b', 'missing_permission', hour, 2],
      [mine, 'exchange', 'allowed', day, 3],
      [theirs, '/a', 'allowed', hour, 100],
      [theirs, '/b', 'rate_limited', day + 2 * hour, 50],
    ] as const) {
      counts.push({ source: { type: 'api_token', id }, rule, verdict, hour: start + at, calls });
    }
    const organizationId = server.organization.id;
    await server.store.write(({ usage }) => usage.count(counts.map((count) => ({ organizationId, ...count }))));
  });
  afterAll(() => server?.stop());

  const get = (query: string, bearer = owner) => call<UsageList>(server, 'GET', `/v1/usage?${query}`, bearer);
  const time = (at: number) => new Date(at).toISOString();
  const span = (from = 0, until = 3 * day) => `from=${time(start + from)}&until=${time(start + until)}`;
  const read = async (query: string, bearer = owner) => {
    const { status, body, text } = await get(query, bearer);
    expect(status, text).toBe(200);
    expect(body.next).toBeNull();
    return body.items;
  };

  test('is told by the hour and by the day, by verdict', async () => {
    expect(await read(span())).toEqual([
      { at: time(start), verdict: 'allowed', calls: 5 },
      { at: time(start + hour), verdict: 'allowed', calls: 107 },
      { at: time(start + hour), verdict: 'missing_permission', calls: 2 },
      { at: time(start + day), verdict: 'allowed', calls: 3 },
      { at: time(start + day + 2 * hour), verdict: 'rate_limited', calls: 50 },
    ]);
    expect(await read(`${span()}&group=day`)).toEqual([
      { at: time(start), verdict: 'allowed', calls: 112 },
      { at: time(start), verdict: 'missing_permission', calls: 2 },
      { at: time(start + day), verdict: 'allowed', calls: 3 },
      { at: time(start + day), verdict: 'rate_limited', calls: 50 },
    ]);
  });

  test('is told by credential, with its name, and by rule; in total the largest first', async () => {
    expect(await read(`${span()}&group=total&by=source`)).toEqual([
      { at: time(start), source: { type: 'api_token', id: theirs, name: 'Theirs' }, calls: 150 },
      { at: time(start), source: { type: 'api_token', id: mine, name: 'Mine' }, calls: 17 },
    ]);
    expect(await read(`${span()}&group=total&by=rule`)).toEqual([
      { at: time(start), rule: '/a', calls: 112 },
      { at: time(start), rule: '/b', calls: 52 },
      { at: time(start), rule: 'exchange', calls: 3 },
    ]);
  });

  test('is told of one credential, and of a part of the time', async () => {
    expect(await read(`${span()}&group=total&source=api_token:${mine}`)).toEqual([
      { at: time(start), verdict: 'allowed', calls: 15 },
      { at: time(start), verdict: 'missing_permission', calls: 2 },
    ]);
    expect(await read(span(hour, 2 * hour))).toMatchObject([{ calls: 107 }, { calls: 2 }]);
    expect(await read(span(3 * day, 4 * day))).toEqual([]);
  });

  test("shows everyone their own, and who may see it everybody's [S53] [S54]", async () => {
    expect(await read(`${span()}&group=total&by=source`, member)).toEqual([
      { at: time(start), source: { type: 'api_token', id: mine, name: 'Mine' }, calls: 17 },
    ]);
    expect(await read(`${span()}&group=total&source=api_token:${mine}`, member)).toHaveLength(2);
    expect(await read(`${span()}&source=user:${server.member.id}`, member)).toEqual([]);
    for (const source of [
      `api_token:${theirs}`,
      `api_token:${nobody}`,
      `user:${server.owner.id}`,
      `api_user:${nobody}`,
    ]) {
      expectProblem(await get(`source=${source}`, member), 404, 'not_found');
    }
    const { secret: viewer } = await bearerWithRole(server, server.organization, 'viewer');
    expect(await read(`${span()}&group=total&by=source`, viewer)).toHaveLength(2);
  });

  test('never crosses into another organization [S53]', async () => {
    const stranger = await bearerOf(server, (await server.addOrganization(`elsewhere-${database}`)).owner);
    expect(await read(`${span()}&group=total&by=source`, stranger)).toEqual([]);
    for (const source of [`api_token:${mine}`, `user:${server.owner.id}`]) {
      expectProblem(await get(`source=${source}`, stranger), 404, 'not_found');
    }
  });

  test('counts exchanges beside calls', async () => {
    const { token, secret } = await server.core.createApiToken(server.asOwner, { permissions: [] });
    for (let n = 0; n < 3; n += 1) {
      await call(server, 'POST', '/v1/access-tokens', undefined, { apiToken: secret });
    }
    await server.restart();
    expect(await read(`by=rule&source=api_token:${token.id}`)).toMatchObject([{ rule: 'exchange', calls: 3 }]);
  });

  test('refuses what it cannot read, and more than it can answer', async () => {
    expectFaults(await get('from=yesterday'), '/query/from');
    expectFaults(await get('by=colour'), '/query/by');
    expectFaults(await get('source=plain'), '/query/source');
    expectFaults(await get(`from=${time(start)}&until=${time(start)}`), '/query/from');
    const organizationId = server.organization.id;
    const rules = Array.from({ length: 3001 }, (_, n) => `/rule/${n}`);
    const source = { type: 'api_token', id: theirs } as const;
    await server.store.write(({ usage }) =>
      usage.count(
        [5 * day, 6 * day].flatMap((at) =>
          rules.map((rule) => ({
            organizationId,
            source,
            rule,
            verdict: 'allowed' as const,
            hour: start + at,
            calls: 1,
          })),
        ),
      ),
    );
    expectFaults(await get(`${span(0, 7 * day)}&by=rule`), '/query/from');
    expect(await read(`${span(5 * day, 6 * day)}&by=rule`)).toHaveLength(3001);
    expect(await read(`${span(0, 7 * day)}&by=rule&group=total`)).toHaveLength(3004);
  });

  test("counts calls of Keyward's own API too, so that a token used for nothing else is not taken for unused", async () => {
    const { token, secret } = await server.core.createApiToken(server.asOwner, { permissions: [] });
    expect((await call(server, 'GET', '/v1/self', secret)).status).toBe(200);
    await server.restart();
    const read = await call<Token>(server, 'GET', `/v1/tokens/${token.id}`, owner);
    expect(read.body.lastUsed).toMatchObject({ at: time(server.clock.now()), address: '127.0.0.1' });
    const until = time(server.clock.now() + hour);
    const { body } = await get(`from=${time(start)}&until=${until}&source=api_token:${token.id}&group=total&by=rule`);
    expect(body.items).toEqual([{ at: expect.any(String), rule: 'keyward', calls: 1 }]);
  });
});
