// Limits that nodes share over a real store of leases: SQLite with the test's clock, PostgreSQL with its own.

import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { CompiledQuery } from 'kysely';
import { afterAll, describe, expect, it } from 'vitest';
import { sharedPostgres } from '../../../test/postgres.ts';
import { limitKey, type WhenUnavailable } from '../core/checking/limit.ts';
import type { LeaseStore } from '../core/checking/ports.ts';
import { KeywardError } from '../core/errors.ts';
import type { Database } from '../storage/database.ts';
import { inOwnTransactions, openLeases } from '../storage/leases.ts';
import { migrateToLatest } from '../storage/migrate.ts';
import { openPostgres } from '../storage/postgres.ts';
import { openSqlite } from '../storage/sqlite.ts';
import { admittedOf, aKey, createClock, describeLimitStore, type TestClock } from './conformance.ts';
import { type LeasedLimits, leasedLimits } from './leased.ts';

const root = mkdtempSync(join(tmpdir(), 'keyward-leases-'));
const databases: Database[] = [];
afterAll(async () => {
  for (const database of databases) await database.close();
  rmSync(root, { recursive: true, force: true });
});

async function sqliteLeases(clock: TestClock): Promise<LeaseStore> {
  const folder = mkdtempSync(join(root, 'database-'));
  const database = openSqlite({ file: join(folder, 'keyward.db') });
  databases.push(database);
  await migrateToLatest(database);
  // Nothing here ends by a power cut.
  await database.atLeisure((db) => db.executeQuery(CompiledQuery.raw('pragma synchronous = off')));
  return openLeases(inOwnTransactions(database), clock);
}

describeLimitStore('leased limits', async (clock) => {
  const store = await sqliteLeases(clock);
  const asked = new Set<Promise<unknown>>();
  const noted = <T>(answer: Promise<T>): Promise<T> => {
    asked.add(answer);
    const forget = () => asked.delete(answer);
    answer.then(forget, forget);
    return answer;
  };
  const noting: LeaseStore = {
    grant: (...question) => noted(store.grant(...question)),
    grantAll: (questions) => noted(store.grantAll(questions)),
    reset: (beginnings) => store.reset(beginnings),
  };
  const answered = async () => {
    while (asked.size > 0) await Promise.allSettled(asked);
  };
  return Object.assign(leasedLimits({ store: noting, clock }), { answered });
});

/** A store that can be cut off, and counts its questions. */
async function cuttable(clock: TestClock) {
  const store = await sqliteLeases(clock);
  const line = { isCut: false, asked: 0, store: {} as LeaseStore };
  const ask = <T>(answer: () => Promise<T>): Promise<T> => {
    line.asked += 1;
    return line.isCut
      ? Promise.reject(new KeywardError('unavailable', 'The database cannot be used right now.'))
      : answer();
  };
  line.store = {
    grant: (...question) => ask(() => store.grant(...question)),
    grantAll: (questions) => ask(() => store.grantAll(questions)),
    reset: (beginnings) => ask(() => store.reset(beginnings)),
  };
  return line;
}

/** Of the longest limits but one: more of them, with `KEYWARD_WINDOWS`. */
const windows = Number(process.env.KEYWARD_WINDOWS ?? 1.5);

describe('nodes that share a limit', () => {
  it.each([0.9, 1, 10])(
    'four at load %f admit never more than it in any window, and at most a hundredth less [S93] [S94]',
    async (load) => {
      const clock = createClock();
      const store = await sqliteLeases(clock);
      const quota = { limit: 4000, windowMs: 60_000 };
      const key = aKey();
      // Their clocks have nothing in common; only the store's counts.
      const nodes = [0, 1e6, 5e7, 1e9].map((offset) => leasedLimits({ store, clock: () => clock() + offset }));
      const windows = 2.5;
      const times: number[] = [];
      let offered = 0;
      let tidied = clock();
      for (
        const end = clock() + windows * quota.windowMs;
        clock() < end;
        clock.move(quota.windowMs / (quota.limit * load))
      ) {
        const node = nodes[offered % 4];
        offered += 1;
        if ((await node?.spend(key, quota, 1))?.admitted) times.push(clock());
        if (clock() - tidied < 500) continue;
        tidied = clock();
        for (const one of nodes) await one.tidy();
      }
      expect(mostWithin(times, quota.windowMs)).toBeLessThanOrEqual(quota.limit);
      const possible = load > 1 ? quota.limit * Math.ceil(windows) : Math.min(offered, quota.limit * windows);
      expect(times.length / possible).toBeGreaterThanOrEqual(0.99);
    },
  );

  it.each([0.9, 1, 10])(
    'four at load %f under three limits let in no call that one of them has no room for, and nearly all others [S93] [S94]',
    async (load) => {
      const clock = createClock();
      const store = await sqliteLeases(clock);
      const nodes = [0, 1e6, 5e7, 1e9].map((offset) => leasedLimits({ store, clock: () => clock() + offset }));
      // The first is the narrowest at an even load; the second is too small to be leased.
      const charges = [
        { key: aKey(), quota: { limit: 2000, windowMs: 20_000 } },
        { key: aKey(), quota: { limit: 150, windowMs: 1000 } },
        { key: aKey(), quota: { limit: 3300, windowMs: 60_000 } },
      ];
      const times: number[] = [];
      /** When the best that knows all would have let calls in. */
      const best: number[] = [];
      const hasRoom = ({ quota: { limit, windowMs } }: (typeof charges)[number]) =>
        best.length < limit || clock() - (best.at(-limit) ?? 0) >= windowMs;
      let offered = 0;
      let tidied = clock();
      for (const end = clock() + windows * 20_000; clock() < end; clock.move(10 / load)) {
        const states = await nodes[offered % 4]?.spendAll(charges, 1);
        offered += 1;
        if (states?.every(({ admitted }) => admitted)) times.push(clock());
        if (charges.every(hasRoom)) best.push(clock());
        if (clock() - tidied < 500) continue;
        tidied = clock();
        for (const one of nodes) await one.tidy();
      }
      for (const { quota } of charges) expect(mostWithin(times, quota.windowMs)).toBeLessThanOrEqual(quota.limit);
      expect(times.length / best.length).toBeGreaterThanOrEqual(0.97);
    },
  );

  it('admit exactly as many of many calls at once as the limit has, to the last one [S93]', async () => {
    const clock = createClock();
    const store = await sqliteLeases(clock);
    for (const limit of [10, 150]) {
      const key = aKey();
      const nodes = Array.from({ length: 4 }, () => leasedLimits({ store, clock }));
      const rush = () => Promise.all(nodes.map((node) => admittedOf(node, key, { limit, windowMs: 60_000 }, 100)));
      const first = (await rush()).reduce((sum, count) => sum + count, 0);
      // What was leased and not spent comes back when it ends, and not before.
      expect(first).toBeLessThanOrEqual(limit);
      expect(first).toBeGreaterThanOrEqual(limit * 0.9);
      clock.move(4000);
      for (const node of nodes) await node.tidy();
      clock.move(1000);
      expect(first + (await rush()).reduce((sum, count) => sum + count, 0)).toBe(limit);
    }
  });

  it('leave to one another what a stopping node had not spent', async () => {
    const clock = createClock();
    const store = await sqliteLeases(clock);
    const [one, other] = [leasedLimits({ store, clock }), leasedLimits({ store, clock })];
    const [key, quota] = [aKey(), { limit: 1000, windowMs: 60_000 }];
    await one.spend(key, quota, 300);
    await one.close();
    expect(await admittedOf(other, key, quota, 800)).toBe(700);
    expect(await one.spend(key, quota, 1)).toMatchObject({ admitted: false, unavailable: 'local' });
  });
});

describe('a node', () => {
  it('asks seldom while there is enough, and not at all while there is nothing', async () => {
    const clock = createClock();
    const line = await cuttable(clock);
    const limits = leasedLimits({ store: line.store, clock });
    const [key, quota] = [aKey(), { limit: 10_000, windowMs: 60_000 }];
    let atOnce = 0;
    for (let call = 0; call < 8000; call += 1) {
      const answer = limits.spend(key, quota, 1);
      if (!('then' in answer)) atOnce += 1;
      expect((await answer).admitted).toBe(true);
      clock.move(1);
    }
    expect(atOnce).toBeGreaterThan(7900);
    expect(line.asked).toBeLessThan(150);
    await admittedOf(limits, key, quota, 3000);
    line.asked = 0;
    for (let call = 0; call < 5000; call += 1) {
      expect(limits.spend(key, quota, 1)).toMatchObject({ admitted: false });
      clock.move(1);
    }
    // Once, to report what it had spent last.
    expect(line.asked).toBeLessThanOrEqual(1);
  });

  it('gives back a lease that has ended, without being called', async () => {
    const clock = createClock();
    const line = await cuttable(clock);
    const limits = leasedLimits({ store: line.store, clock });
    const [key, quota] = [aKey(), { limit: 1000, windowMs: 60_000 }];
    await limits.spend(key, quota, 1);
    await limits.tidy();
    expect(line.asked).toBe(1);
    clock.move(3500);
    await limits.tidy();
    await limits.tidy();
    expect(line.asked).toBe(2);
    const look = { holder: 'x', lease: 'x/1', needed: 0, atLeast: 0, wanted: 0, settled: [] };
    expect(await line.store.grant(key, quota, look)).toMatchObject({ remaining: 999 });
  });

  it.each<[WhenUnavailable | undefined, leased: boolean, afterwards: boolean]>([
    [undefined, true, false],
    ['local', true, false],
    ['deny', false, false],
    ['allow', true, true],
  ])(
    'with the policy %s and no answer from the store spends what it has: %s, and more: %s [S100]',
    async (policy, leased, afterwards) => {
      const clock = createClock();
      const line = await cuttable(clock);
      const limits = leasedLimits({ store: line.store, clock });
      const quota = { limit: 100_000, windowMs: 60_000, ...(policy !== undefined && { whenUnavailable: policy }) };
      const key = aKey();
      await limits.spend(key, quota, 1);
      await limits.spend(key, quota, 90);
      line.isCut = true;
      // Another key finds out.
      const found = await limits.spend(aKey(), quota, 1);
      expect(found).toMatchObject({ admitted: afterwards, unavailable: policy ?? 'local' });
      if (!afterwards) expect(found.retryAfterMs).toBeGreaterThan(0);
      expect(limits.isDown()).toBe(true);
      expect((await limits.spend(key, quota, 1)).admitted).toBe(leased);
      const rest = await Promise.all(Array.from({ length: 5000 }, async () => limits.spend(key, quota, 1)));
      expect(rest.at(-1)).toMatchObject({ admitted: afterwards, unavailable: policy ?? 'local' });
      expect(line.asked).toBeLessThan(5);

      line.isCut = false;
      expect(await limits.spend(key, quota, 1)).toMatchObject({ unavailable: policy ?? 'local' });
      clock.move(1000);
      expect(await limits.spend(key, quota, 1)).toMatchObject({ admitted: true });
      expect(await limits.spend(key, quota, 1)).not.toHaveProperty('unavailable');
      expect(limits.isDown()).toBe(false);
    },
  );

  it('asks a store that did not answer by one call at a time [S100]', async () => {
    const clock = createClock();
    const line = await cuttable(clock);
    const quota = { limit: 1000, windowMs: 60_000 };
    const hanging = { grant: line.store.grant };
    const limits = leasedLimits({
      store: { ...line.store, grant: (...question) => hanging.grant(...question) },
      clock,
    });
    line.isCut = true;
    await limits.spend(aKey(), quota, 1);
    clock.move(1000);
    const answer = Promise.withResolvers<never>();
    let asked = 0;
    hanging.grant = () => {
      asked += 1;
      return answer.promise;
    };
    const first = limits.spend(aKey(), quota, 1);
    for (let call = 0; call < 50; call += 1) {
      expect(limits.spend(aKey(), quota, 1)).toMatchObject({ admitted: false, unavailable: 'local' });
    }
    expect(asked).toBe(1);
    answer.reject(new KeywardError('unavailable', 'Too late.'));
    expect(await first).toMatchObject({ admitted: false, unavailable: 'local' });
  });

  it('serves those who wait in their order, and refuses none for what another lacks', async () => {
    const clock = createClock();
    const limits = leasedLimits({ store: await sqliteLeases(clock), clock });
    const [key, quota] = [aKey(), { limit: 20, windowMs: 60_000 }];
    const costs = [10, 6, 5, 3, 2, 1];
    const answers = await Promise.all(costs.map(async (cost) => limits.spend(key, quota, cost)));
    expect(answers.map(({ admitted }) => admitted)).toEqual([true, true, false, true, false, true]);
  });

  it('holds the limit over an outage in which it went on spending [S100]', async () => {
    const clock = createClock();
    const line = await cuttable(clock);
    const limits = leasedLimits({ store: line.store, clock });
    const [key, quota] = [aKey(), { limit: 1000, windowMs: 60_000 }];
    let admitted = await admittedOf(limits, key, quota, 700);
    line.isCut = true;
    clock.move(100);
    admitted += await admittedOf(limits, key, quota, 700);
    line.isCut = false;
    clock.move(3000);
    admitted += await admittedOf(limits, key, quota, 700);
    clock.move(5000);
    admitted += await admittedOf(limits, key, quota, 700);
    expect(admitted).toBe(1000);
  });

  it('passes on a bug of the store to those who asked, and answers the next [S100]', async () => {
    const clock = createClock();
    const inner = await sqliteLeases(clock);
    let isBroken = true;
    const grant: LeaseStore['grant'] = async (...question) => {
      if (isBroken) throw new TypeError('a bug');
      return inner.grant(...question);
    };
    const limits = leasedLimits({ store: { ...inner, grant }, clock });
    const [key, quota] = [aKey(), { limit: 10, windowMs: 60_000 }];
    const calls = await Promise.allSettled([1, 2, 3].map(async () => limits.spend(key, quota, 1)));
    expect(calls.every((call) => call.status === 'rejected' && call.reason instanceof TypeError)).toBe(true);
    expect(limits.isDown()).toBe(false);
    isBroken = false;
    expect(await limits.spend(key, quota, 1)).toMatchObject({ admitted: true });
  });

  it('keeps no more open keys in memory than it may, and none that it has no use for [S95]', async () => {
    const clock = createClock();
    const limits = leasedLimits({ store: await sqliteLeases(clock), clock, mostOpenKeys: 50 });
    const quota = { limit: 20, windowMs: 1000 };
    const address = (index: number) => limitKey('address', 'anonymous', String(index));
    const flood = async (from: number, count: number) =>
      Promise.all(Array.from({ length: count }, async (_, index) => limits.spend(address(from + index), quota, 1)));
    const answers = await flood(0, 80);
    expect(answers.filter(({ unavailable }) => unavailable === 'local')).toHaveLength(30);
    expect((await limits.spend(aKey(), quota, 1)).admitted).toBe(true);
    expect(limits.size()).toBe(51);
    clock.move(5000);
    await limits.tidy();
    clock.move(5000);
    await flood(1000, 40);
    expect(limits.size()).toBeLessThanOrEqual(51);
    expect((await limits.spend(address(5000), quota, 1)).admitted).toBe(true);
  });
});

describe('two nodes on one PostgreSQL', () => {
  it('admit never more than the limit in any window, and nearly all of it, in real time [S93] [S94]', async () => {
    const url = await (await sharedPostgres()).createDatabase();
    const stores = await Promise.all([0, 1].map(async () => openPostgres({ url, timeoutMs: 10_000 })));
    databases.push(...stores);
    for (const database of stores) await migrateToLatest(database);
    const nodes = stores.map((database) => {
      // This clock is never asked: the nodes have no time in common but the database's.
      const store = openLeases(inOwnTransactions(database), () => Number.NaN);
      const offset = Math.random() * 120_000 - 60_000;
      return leasedLimits({ store, clock: () => 1e6 + offset + performance.now() });
    });
    const [key, quota] = [aKey(), { limit: 1000, windowMs: 4000 }];
    const times: number[] = [];
    const end = performance.now() + 2 * quota.windowMs;
    const work = async (limits: LeasedLimits) => {
      while (!isOver) {
        const { admitted, retryAfterMs } = await limits.spend(key, quota, 1);
        if (admitted) times.push(performance.now());
        await (admitted ? undefined : pause(Math.min(20, retryAfterMs)));
      }
    };
    // Two windows at least, and then until one was used up but for the 2 % that even spending may leave.
    let isOver = false;
    const isUsed = () =>
      mostWithin(
        times.toSorted((a, b) => a - b),
        quota.windowMs,
      ) >
      quota.limit * 0.98;
    const judge = async () => {
      const last = end + 15 * quota.windowMs;
      while (performance.now() < end || (performance.now() < last && !isUsed())) await pause(250);
      isOver = true;
    };
    const tidy = setInterval(() => nodes.map((node) => node.tidy()), 100);
    await Promise.all([judge(), ...nodes.flatMap((node) => Array.from({ length: 10 }, () => work(node)))]);
    clearInterval(tidy);
    await Promise.all(nodes.map((node) => node.close()));
    times.sort((a, b) => a - b);
    expect(mostWithin(times, quota.windowMs)).toBeLessThanOrEqual(quota.limit);
    expect(mostWithin(times, quota.windowMs)).toBeGreaterThan(quota.limit * 0.98);
  });
});

/** The most of `times`, which are in order, that any half-open window holds. */
function mostWithin(times: readonly number[], windowMs: number): number {
  let from = 0;
  let most = 0;
  for (const [index, time] of times.entries()) {
    while (time - (times[from] ?? time) >= windowMs) from += 1;
    most = Math.max(most, index - from + 1);
  }
  return most;
}
