// Ledgers in both databases: atomic however many ask at once, and on PostgreSQL from however many nodes.

import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { LeaseRequest } from '@keyward/rules/ledger';
import { CompiledQuery } from 'kysely';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { sharedPostgres } from '../../../test/postgres.ts';
import type { Database } from './database.ts';
import { inOwnTransactions, openLeases, type StoredLeases } from './leases.ts';
import { migrateToLatest } from './migrate.ts';
import { openPostgres } from './postgres.ts';
import { openSqlite } from './sqlite.ts';

const rule = { limit: 1000, windowMs: 3_600_000 };
let named = 0;

/** Asks for `needed` under a name of its own. */
function asking(needed: number, wanted: Partial<LeaseRequest> = {}): LeaseRequest {
  named += 1;
  const holder = wanted.holder ?? `holder${named % 3}`;
  return { holder, lease: `${holder}/${named}`, needed, atLeast: needed, wanted: 0, settled: [], ...wanted };
}

const root = mkdtempSync(join(tmpdir(), 'keyward-leases-'));
afterAll(() => rmSync(root, { recursive: true, force: true }));
/** Ahead of all real time, to show whose clock counts. */
let now = 4e12;

const kinds: [string, () => Promise<Database[]>][] = [
  ['SQLite', async () => [openSqlite({ file: join(root, 'keyward.db') })]],
  [
    'two nodes on one PostgreSQL',
    async () => {
      const url = await (await sharedPostgres()).createDatabase();
      return Promise.all([0, 1].map(() => openPostgres({ url, timeoutMs: 10_000 })));
    },
  ],
];

describe.each(kinds)('ledgers in %s', (name, open) => {
  let databases: Database[] = [];
  let nodes: StoredLeases[] = [];
  beforeAll(async () => {
    databases = await open();
    for (const database of databases) await migrateToLatest(database);
    nodes = databases.map((database) => openLeases(inOwnTransactions(database), () => now));
  });
  afterAll(async () => {
    for (const node of nodes) await node.close();
    for (const database of databases) await database.close();
  });
  const node = (index = 0) => {
    const one = nodes[index % nodes.length];
    if (one === undefined) throw new Error('The database did not open.');
    return one;
  };
  const rows = async () => {
    const { rows } = (await databases[0]?.reads.executeQuery(CompiledQuery.raw('select key from leases'))) ?? {
      rows: [],
    };
    return rows.length;
  };

  it('grant exactly the limit, however many ask at once, and of keys that nobody has asked for before [S93]', async () => {
    const requests = Array.from({ length: 300 }, (_, index) => ({ key: `race ${index % 5}`, index }));
    const granted = await Promise.all(
      requests.map(async ({ key, index }) => ({ key, ...(await node(index).grant(key, rule, asking(30))) })),
    );
    for (const key of new Set(requests.map((one) => one.key))) {
      const sum = granted.filter((one) => one.key === key).reduce((total, one) => total + one.granted, 0);
      expect(sum).toBe(990);
    }
  });

  it('are not held up for ever by nodes that ask for the same keys in another order', async () => {
    const keys = Array.from({ length: 20 }, (_, index) => `order ${index}`);
    for (let round = 0; round < 10; round += 1) {
      const order = round % 2 === 0 ? keys : keys.toReversed();
      await Promise.all([
        ...order.map((key) => node(0).grant(key, rule, asking(1))),
        ...order.toReversed().map((key) => node(1).grant(key, rule, asking(1))),
      ]);
    }
    for (const key of keys) expect(await node().grant(key, rule, asking(0))).toMatchObject({ remaining: 980 });
  });

  it('take back what one node settles, and let the other have it', async () => {
    const request = asking(1000);
    expect(await node(0).grant('settled', rule, request)).toMatchObject({ granted: 1000, remaining: 0 });
    expect(await node(1).grant('settled', rule, asking(1))).toMatchObject({ granted: 0 });
    const settled = [{ lease: request.lease, spent: [[5, 400] as const] }];
    await node(0).grant('settled', rule, asking(0, { holder: request.holder, settled }));
    expect(await node(1).grant('settled', rule, asking(1))).toMatchObject({ granted: 1, remaining: 599 });
  });

  it('let a request that is at fault fail alone', async () => {
    const wrong = node().grant('wrong', { limit: 0, windowMs: 1 }, asking(1));
    const right = node().grant('right', rule, asking(1));
    await expect(wrong).rejects.toThrow(RangeError);
    expect(await right).toMatchObject({ granted: 1 });
  });

  it('are deleted once nothing in them counts, and never before', async () => {
    const short = { limit: 10, windowMs: 1 };
    const before = await rows();
    await node().grant('short', short, asking(1));
    expect(await rows()).toBe(before + 1);
    now += 100;
    await new Promise((resolve) => setTimeout(resolve, 100));
    await node().deleteEnded(1000);
    // The ledgers of an hour stay; the one that was made for the request at fault goes with the short one.
    expect(await rows()).toBe(before - 1);
    expect(await node(1).grant('race 0', rule, asking(11))).toMatchObject({ granted: 0 });
    expect(await node(1).grant('short', short, asking(10))).toMatchObject({ granted: 10 });
  });

  it(`count by the clock of ${name === 'SQLite' ? 'this process' : 'the database, whatever the nodes think'}`, async () => {
    await node().grant('clock', rule, asking(1000));
    now += 2 * rule.windowMs;
    const { granted } = await node().grant('clock', rule, asking(1));
    expect(granted).toBe(name === 'SQLite' ? 1 : 0);
  });

  it('are unavailable when the database is', async () => {
    const leases = openLeases(async () => {
      throw Object.assign(new Error('connect'), { code: 'ECONNREFUSED' });
    }, Date.now);
    await expect(leases.grant('key', rule, asking(1))).rejects.toMatchObject({ code: 'unavailable' });
    await leases.close();
    await expect(leases.grant('key', rule, asking(1))).rejects.toMatchObject({ code: 'unavailable' });
  });
});
