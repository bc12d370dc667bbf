// What all lists have in common: pages, order, search and cursors.

import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { systemIn } from '../../../server/src/core/caller/caller.ts';
import { startServer, type TestServer } from '../../server.ts';
import { bearerOf, call, expectFaults } from './calls.ts';

interface List {
  items: { id: string; name: string; createdAt: string }[];
  next: string | null;
}

const lists = ['organizations', 'users', 'api-users', 'tokens'] as const;

describe.each(['sqlite', 'postgres'] as const)('lists on %s', (database) => {
  let server: TestServer;
  let owner: string;
  let neighbour: string;
  beforeAll(async () => {
    server = await startServer({ database });
    const globex = await server.addOrganization('globex');
    owner = await bearerOf(server, server.owner);
    neighbour = await bearerOf(server, globex.owner);
    for (const name of ['alpha', 'beta', 'gamma', 'delta', 'epsilon']) {
      server.clock.advance(1);
      await server.core.createOrganization(systemIn(), { name });
      for (const caller of [server.asOwner, globex.owner.caller]) {
        const email = `${name}@${caller.organization.name}.example`;
        await server.core.createUser(caller, { email, name, role: 'member' });
        await server.core.createApiUser(caller, { name, role: 'member' });
        await server.core.createApiToken(caller, { name: `${name} ${caller.organization.name}`, permissions: [] });
      }
    }
  });
  afterAll(() => server?.stop());

  const read = (list: string, query: string, bearer = owner) =>
    call<List>(server, 'GET', `/v1/${list}${query}`, bearer);

  async function walk(list: string, query: string): Promise<List['items']> {
    const items: List['items'] = [];
    for (let cursor = ''; ; ) {
      const { body, status } = await read(list, `?limit=2&${query}${cursor}`);
      expect(status).toBe(200);
      expect(body.items.length).toBeLessThanOrEqual(2);
      items.push(...body.items);
      if (body.next === null) return items;
      cursor = `&cursor=${encodeURIComponent(body.next)}`;
    }
  }

  /** The token that asks is in use: when it was used last is written down now and then, between two pages too. */
  const withoutUse = (item: object) => ({ ...item, lastUsed: undefined });

  describe.each(lists)('GET /v1/%s', (list) => {
    test.each(['', 'order=asc', 'sort=name', 'sort=name&order=desc', 'search=a', 'sort=name&search=ta'])(
      'walks in pages through exactly what it shows whole: %s',
      async (query) => {
        const whole = (await read(list, `?limit=200&${query}`)).body;
        expect(whole.next).toBeNull();
        expect(whole.items.length).toBeGreaterThan(1);
        expect((await walk(list, query)).map(withoutUse)).toEqual(whole.items.map(withoutUse));
      },
    );

    test('sorts by name, and by age unless said otherwise', async () => {
      const names = (await read(list, '?limit=200&sort=name')).body.items.map(({ name }) => name);
      const { compare } = new Intl.Collator('und');
      expect(names).toEqual([...names].sort(compare));
      const down = (await read(list, '?limit=200&sort=name&order=desc')).body.items.map(({ name }) => name);
      expect(down).toEqual([...names].sort((a, b) => compare(b, a)));
      const ages = (await read(list, '?limit=200')).body.items.map(({ createdAt }) => createdAt);
      expect(ages).toEqual([...ages].sort().reverse());
    });

    test('finds what holds the text, in either case, and takes no character for a pattern', async () => {
      const found = (await read(list, '?search=DELTA')).body.items;
      expect(found.map(({ name }) => name.split(' ')[0])).toEqual(['delta']);
      for (const search of ['%25', '_', '%5C', "'", '%22', 'no such thing']) {
        const { status, body } = await read(list, `?search=${search}`);
        expect([status, body.items]).toEqual([200, []]);
      }
    });

    test.each(['0', '-1', '201', '1.5', '1e1', '0x10', '', ' 5', '٥', '2147483648', '9007199254740993', 'null'])(
      'refuses the limit "%s" [S79]',
      async (limit) => {
        expectFaults(await read(list, `?limit=${encodeURIComponent(limit)}`), '/query/limit');
      },
    );

    test('refuses what it does not know', async () => {
      expectFaults(await read(list, '?sort=password_hash'), '/query/sort');
      expectFaults(await read(list, '?order=up'), '/query/order');
      expectFaults(await read(list, '?page=2'), '/query/page');
      expectFaults(await read(list, '?organizationId=x'), '/query/organizationId');
      expectFaults(await read(list, `?search=${'x'.repeat(201)}`), '/query/search');
      for (const query of ['?limit=1&limit=2', '?limit[]=1', '?__proto__=1', '?search=%ff', '?search=%00']) {
        expect((await read(list, query)).status).toBe(400);
      }
    });

    test('gives out cursors that work for itself, in this order and organization, and nowhere else [S82]', async () => {
      const next = (await read(list, '?limit=2')).body.next ?? '';
      const cursor = encodeURIComponent(next);
      expect((await read(list, `?limit=2&cursor=${cursor}`)).status).toBe(200);
      for (const query of ['&sort=name', '&order=asc', '&sort=name&order=asc']) {
        expectFaults(await read(list, `?cursor=${cursor}${query}`), '/query/cursor');
      }
      for (const other of lists.filter((one) => one !== list)) {
        expectFaults(await read(other, `?cursor=${cursor}`), '/query/cursor');
      }
      if (list !== 'organizations') expectFaults(await read(list, `?cursor=${cursor}`, neighbour), '/query/cursor');
    });

    test('refuses a cursor of which one character was changed, cut or added [S82]', async () => {
      const next = (await read(list, '?limit=2')).body.next ?? '';
      const forged = Buffer.from(JSON.stringify([0, ''])).toString('base64url');
      const changed = [...next].map((one, at) => next.slice(0, at) + (one === 'A' ? 'B' : 'A') + next.slice(at + 1));
      const wrong = [
        '',
        '.',
        'x',
        forged,
        `${forged}.`,
        `${forged}.${next.split('.')[1]}`,
        `${next}.`,
        `${next}A`,
        next.slice(1),
      ];
      for (const cursor of [...wrong, ...changed.filter((one) => one !== next)]) {
        expectFaults(await read(list, `?cursor=${encodeURIComponent(cursor)}`), '/query/cursor');
      }
    });
  });

  test("keeps cursors of one's own tokens and of everyone's apart [S82]", async () => {
    const next = (await read('tokens', '?limit=2&whose=all')).body.next ?? '';
    expectFaults(await read('tokens', `?cursor=${encodeURIComponent(next)}`), '/query/cursor');
    expectFaults(await read('tokens', `?whose=all&deleted=only&cursor=${encodeURIComponent(next)}`), '/query/cursor');
  });
});
