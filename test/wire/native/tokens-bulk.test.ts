// One act upon many API tokens, and changing what a token had from its beginning: its end and its use. On both databases.

import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { BulkOutcome, Token, TokenList } from '../../../sdk/src/wire.ts';
import { startServer, type TestServer } from '../../server.ts';
import { bearerOf, bearerWithRole, call, expectFaults, expectForbidden, nobody } from './calls.ts';
import { checksumOf } from './organization-fixture.ts';

const day = 24 * 3_600_000;

describe.each(['sqlite', 'postgres'] as const)('API tokens on %s', (database) => {
  let server: TestServer;
  let owner: string;
  beforeAll(async () => {
    server = await startServer({ database, permissions: ['read:Funds'] });
    owner = await bearerOf(server, server.owner);
  });
  afterAll(() => server?.stop());

  const create = (more: object = {}) => server.core.createApiToken(server.asOwner, { permissions: [], ...more });
  const bulk = (ids: unknown, action: string, bearer = owner) =>
    call<BulkOutcome>(server, 'POST', '/v1/tokens/bulk', bearer, { ids, action });
  const patch = (id: string, change: object) => call<Token>(server, 'PATCH', `/v1/tokens/${id}`, owner, change);
  const statusWith = async (bearer: string) => (await call(server, 'GET', '/v1/check', bearer)).status;
  const exchange = async (apiToken: string) =>
    (await call<{ accessToken: string }>(server, 'POST', '/v1/access-tokens', undefined, { apiToken })).body
      .accessToken;

  describe('many at once', () => {
    test('are deactivated, activated, deleted and restored, each with its journal entry [S122]', async () => {
      const made = await Promise.all(Array.from({ length: 50 }, () => create()));
      const ids = made.map(({ token }) => token.id);
      for (const [action, done, status] of [
        ['deactivate', 'deactivated', 401],
        ['activate', 'activated', 200],
        ['delete', 'deleted', 401],
        ['restore', 'restored', 200],
      ] as const) {
        expect((await bulk(ids, action)).body).toEqual({ done: ids, failed: [] });
        expect(await Promise.all(made.slice(0, 3).map(({ secret }) => statusWith(secret)))).toEqual(
          Array(3).fill(status),
        );
        const entries = await server.store.journal.latest(server.organization.id, 50);
        expect(entries.map(({ action: act }) => act)).toEqual(Array(50).fill(`api_token.${done}`));
        expect(entries.map(({ subject }) => subject.id).sort()).toEqual([...ids].sort());
      }
    });

    test('do not wait for those that cannot be changed, which are told with the reason', async () => {
      const [one, taken] = [await create(), await create({ name: `Taken ${database}` })];
      await server.core.deleteApiToken(server.asOwner, { id: taken.token.id });
      await create({ name: `Taken ${database}` });
      const { body } = await bulk([one.token.id, nobody, one.token.id, 'no id'], 'deactivate');
      expect(body.done).toEqual([one.token.id]);
      expect(body.failed.map(({ id }) => id)).toEqual([nobody, 'no id']);
      const restored = await bulk([taken.token.id], 'restore');
      expect(restored.status).toBe(200);
      expect(restored.body.failed).toEqual([{ id: taken.token.id, detail: expect.stringMatching(/already/) }]);
    });

    test("are one's own, or anyone's for who may, and never another organization's [S53] [S57]", async () => {
      const { token } = await create();
      const own = await server.core.createApiToken(server.member.caller, { permissions: [] });
      const member = await bearerOf(server, server.member, ['manage:own_api_key']);
      const { body } = await bulk([token.id, own.token.id], 'delete', member);
      expect(body).toMatchObject({ done: [own.token.id], failed: [{ id: token.id }] });
      const { secret: viewer } = await bearerWithRole(server, server.organization, 'viewer');
      expectForbidden(await bulk([token.id], 'delete', viewer), 'delete:organization_api_key');
      expectForbidden(await bulk([token.id], 'activate', viewer), 'update:organization_api_key');
      const stranger = await bearerOf(server, (await server.addOrganization(`elsewhere-${database}`)).owner);
      const before = await checksumOf(server.store, server.organization.id);
      for (const action of ['deactivate', 'activate', 'delete', 'restore']) {
        const outcome = (await bulk([token.id, own.token.id], action, stranger)).body;
        expect(outcome.done).toEqual([]);
        expect(new Set(outcome.failed.map(({ detail }) => detail)).size).toBe(1);
      }
      expect(await checksumOf(server.store, server.organization.id)).toBe(before);
    });

    test('are at least one and at most 200', async () => {
      expectFaults(await bulk([], 'delete'), '/body/ids');
      expectFaults(await bulk(Array(201).fill(nobody), 'delete'), '/body/ids');
      expectFaults(await bulk([nobody], 'explode'), '/body/action');
      expectFaults(await bulk('all', 'delete'), '/body/ids');
      expect((await bulk(Array(200).fill(nobody), 'delete')).body.failed).toHaveLength(1);
    });
  });

  describe('the end of a token', () => {
    test('can be set, moved, brought nearer and taken away', async () => {
      const { token, secret } = await create();
      for (const expiresAt of [
        '2099-01-01T00:00:00.000Z',
        '2098-01-01T00:00:00.000Z',
        '2099-06-01T00:00:00.000Z',
        null,
      ]) {
        expect((await patch(token.id, { expiresAt })).body.expiresAt).toBe(expiresAt);
        expect(await statusWith(secret)).toBe(200);
      }
      const soon = new Date(server.clock.now() + 1000).toISOString();
      expect((await patch(token.id, { expiresAt: soon })).status).toBe(200);
      server.clock.advance(1000);
      expect(await statusWith(secret)).toBe(401);
      expect((await patch(token.id, { expiresAt: null })).status).toBe(200);
      expect(await statusWith(secret)).toBe(200);
    });

    test('brought nearer ends the access tokens that would outlive it; moved away it ends none', async () => {
      const { token, secret } = await create();
      const first = await exchange(secret);
      await patch(token.id, { expiresAt: new Date(server.clock.now() + day).toISOString() });
      expect(await statusWith(first)).toBe(401);
      const second = await exchange(secret);
      await patch(token.id, { expiresAt: new Date(server.clock.now() + 2 * day).toISOString() });
      await patch(token.id, { name: `Still ${token.id}` });
      expect(await statusWith(second)).toBe(200);
    });
  });

  test('what a token is for can be changed; one that is no longer for exchange has no access tokens', async () => {
    const { token, secret } = await create();
    const access = await exchange(secret);
    expect((await patch(token.id, { use: 'direct' })).body.use).toBe('direct');
    expect([await statusWith(secret), await statusWith(access)]).toEqual([200, 401]);
    expect((await patch(token.id, { use: 'exchange' })).body.use).toBe('exchange');
    expect(await statusWith(secret)).toBe(401);
    expect(await statusWith(await exchange(secret))).toBe(200);
  });

  test('a list is narrowed by state, use, end, owner and permission; a bad filter is refused', async () => {
    const list = async (query: string, bearer = owner) =>
      call<TokenList>(server, 'GET', `/v1/tokens?limit=200&${query}`, bearer);
    const soon = new Date(server.clock.now() + 3 * day).toISOString();
    const names = { active: `active ${database}`, off: `off ${database}`, soon: `soon ${database}` };
    await create({ name: names.active, permissions: ['read:Funds'] });
    const { token: off } = await create({ name: names.off, permissions: ['read:funds'] });
    await server.core.deactivateApiToken(server.asOwner, { id: off.id });
    const { secret } = await create({ name: names.soon, expiresAt: Date.parse(soon) });
    const found = async (query: string) => {
      const { body } = await list(`${query}&search=${encodeURIComponent(database)}`);
      return body.items
        .map(({ name }) => name)
        .filter((name) => Object.values(names).includes(name))
        .sort();
    };
    const all = Object.values(names).sort();
    expect(await found('')).toEqual(all);
    expect(await found('state=active')).toEqual([names.active, names.soon]);
    expect(await found('state=inactive')).toEqual([names.off]);
    expect(await found('expiringDays=4')).toEqual([names.soon]);
    expect(await found('expiringDays=2')).toEqual([]);
    expect(await found('permission=read:funds')).toEqual([names.off]);
    expect(await found('permission=read:Funds')).toEqual([names.active]);
    expect(await found('permission=read:*')).toEqual([]);
    expect(await found('unusedDays=2')).toEqual([]);
    server.clock.advance(2 * day);
    expect(await found('unusedDays=2')).toEqual(all);
    expect(await statusWith(secret)).toBe(200);
    await server.restart();
    expect(await found('unusedDays=2')).toEqual([names.active, names.off].sort());
    server.clock.advance(day);
    expect(await found('state=expired')).toEqual([names.soon]);
    expect(await found(`whose=all&owner=${server.owner.id}`)).toEqual(all);
    expect(await found(`whose=all&owner=${server.member.id}`)).toEqual([]);
    expectFaults(await list(`owner=${server.member.id}`), '/query/owner');
    for (const bad of [
      'state=asleep',
      'unusedDays=0',
      'unusedDays=1.5',
      'expiringDays=99999',
      'permission=read',
      'sort=lastUsed',
    ]) {
      expectFaults(await list(bad), `/query/${bad.split('=')[0]}`);
    }
  });

  test('by end: those that end soonest first, then those that never do; cursors work for the order they came from [S82]', async () => {
    const globex = await server.addOrganization(`globex-${database}`);
    const bearer = await bearerOf(server, globex.owner);
    const ends = [5, 2, 9, null, 7, null, 2];
    for (const days of ends) {
      const expiresAt = days === null ? null : server.clock.now() + days * day;
      await server.core.createApiToken(globex.owner.caller, { permissions: [], expiresAt });
    }
    const walk = async (order: string) => {
      const found: (string | null)[] = [];
      let cursor = '';
      for (;;) {
        const query = `sort=expiresAt&order=${order}&limit=2${cursor === '' ? '' : `&cursor=${encodeURIComponent(cursor)}`}`;
        const { body } = await call<TokenList>(server, 'GET', `/v1/tokens?${query}`, bearer);
        found.push(...body.items.map(({ expiresAt }) => expiresAt));
        if (body.next === null) return { found, cursor };
        cursor = body.next;
      }
    };
    const never = [null, null, null];
    const { found, cursor } = await walk('asc');
    const sorted = found.filter((end) => end !== null).sort();
    expect(sorted).toHaveLength(5);
    expect(found).toEqual([...sorted, ...never]);
    expect((await walk('desc')).found).toEqual([...sorted.toReversed(), ...never]);
    for (const [query, who] of [
      ['sort=name', bearer],
      ['sort=expiresAt&order=desc', bearer],
      ['sort=expiresAt&order=asc', owner],
    ] as const) {
      const path = `/v1/tokens?${query}&cursor=${encodeURIComponent(cursor)}`;
      expectFaults(await call(server, 'GET', path, who), '/query/cursor');
    }
    const tampered = `${cursor.slice(0, -6)}AAAAAA`;
    expectFaults(await call(server, 'GET', `/v1/tokens?sort=expiresAt&cursor=${tampered}`, bearer), '/query/cursor');
  });
});
