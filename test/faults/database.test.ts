// A database that fails while calls come in: each call is answered in time, no credential is let in that should not be,
// none is called invalid that is not, and everything is well again by itself.

import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, statfsSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import pg from 'pg';
import { afterAll, afterEach, describe, expect, test } from 'vitest';
import { assemble, type Server } from '../../server/src/assemble.ts';
import type { Config } from '../../server/src/config/config.ts';
import { createLogger } from '../../server/src/http/log.ts';
import { within } from '../machine-time.ts';
import { startProxy } from './database-proxy.ts';
import { everySort, expectHonest, probe, recovers, shareOf, startLoad, tokens } from './load.ts';
import { lossesIn } from './losses.ts';
import { type PreparedDatabase, prepareDatabase, readDatabaseState } from './prepared-database.ts';

const folder = mkdtempSync(join(tmpdir(), 'keyward-faults-'));
const ends: (() => unknown)[] = [];

afterEach(async () => {
  for (const end of ends.splice(0).reverse()) await end();
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

async function serve(config: Config): Promise<Server> {
  const server = await assemble(config, { demo: true, logger: createLogger('silent') });
  ends.push(() => server.close());
  await server.listen();
  return server;
}

const endAll = `select pg_terminate_backend(pid) from pg_stat_activity
  where datname = current_database() and application_name = 'keyward' and pid <> pg_backend_pid()`;

describe('PostgreSQL', () => {
  test('ends every connection again and again: calls are answered within 2 s, none wrongly, and all is well again within 3 s', async () => {
    const { config, bearer } = await prepareDatabase(folder, 'postgres');
    const server = await serve(config);
    const load = await startLoad(server, await tokens(server, 40));
    const admin = new pg.Client({ connectionString: config.database ?? '' });
    await admin.connect();
    for (let time = 0; time < 15; time += 1) {
      await admin.query(endAll);
      await pause(100);
    }
    await admin.end();
    await recovers(server, bearer, 3000);
    // Calls that were under way as it recovered are not counted.
    const calls = load.answered.length + 50;
    await everySort(load.answered, calls, 50);
    await load.stop();
    expectHonest(load.answered, 2000);
    const after = load.answered.slice(calls);
    for (const what of ['valid', 'dead', 'unknown', 'write'] as const) expect(shareOf(after, what, 503)).toBe(0);
    expect(lossesIn(await readDatabaseState(config), [])).toEqual([]);
  });

  test('ends connections as they open, and the process lives', async () => {
    const { config, bearer } = await prepareDatabase(folder, 'postgres');
    const server = await serve(config);
    const load = await startLoad(server, await tokens(server, 10));
    const admin = new pg.Client({ connectionString: config.database ?? '' });
    await admin.connect();
    for (const end = performance.now() + 2000; performance.now() < end; await pause(Math.random() * 4)) {
      await admin.query(endAll);
    }
    await admin.end();
    await recovers(server, bearer, 3000);
    await load.stop();
    expectHonest(load.answered, 2000);
  });

  test('is still too slow for the checks that pile up: they are answered from memory as soon as the journal can be read again [S112]', async () => {
    const { config } = await prepareDatabase(folder, 'postgres');
    const server = await serve(config);
    const { valid } = await tokens(server, 60);
    const admin = new pg.Client({ connectionString: config.database ?? '' });
    const journal = new pg.Client({ connectionString: config.database ?? '' });
    await Promise.all([admin.connect(), journal.connect()]);
    ends.push(() => Promise.all([admin.end(), journal.end()]));
    // Each caller asks anew as soon as it is answered, so the pool is never free of them.
    let isOver = false;
    const callers = valid.map(async (token) => {
      while (!isOver) {
        await probe(server, token, 1);
      }
    });
    const isReady = async () => (await fetch(`${server.url}/readyz`)).status;
    const answers = async () =>
      new Set((await Promise.all(valid.map((token) => probe(server, token, 1)))).flat().map((one) => one.status));
    // Each is in memory before the tables are locked.
    expect(await answers()).toEqual(new Set([200]));
    await admin.query('begin; lock table api_tokens in access exclusive mode');
    await journal.query('begin; lock table journal in access exclusive mode');
    // Until no check is answered from memory any more, so that each of them waits for the table.
    await expect.poll(isReady).toBe(503);
    await expect.poll(answers).toEqual(new Set([503]));
    await journal.query('rollback');
    // The table is locked for good, so that whatever is answered is answered from memory.
    await within(3000, () => expect.poll(answers).toEqual(new Set([200])));
    isOver = true;
    await admin.query('rollback');
    await Promise.all(callers);
  });

  test('falls silent: no call is answered wrongly or never, and all is well again within 5 s after it speaks', async () => {
    const { config, bearer } = await prepareDatabase(folder, 'postgres');
    const database = new URL(config.database ?? '');
    const proxy = await startProxy({ host: database.hostname, port: Number(database.port) });
    ends.push(() => proxy.close());
    database.port = String(proxy.port);
    const server = await serve({ ...config, database: database.href });
    const own = await tokens(server, 40);
    const load = await startLoad(server, own);
    const beforeSilence = load.answered.length;
    proxy.silence();
    const known = await probe(server, own.valid[0] ?? '', 5000);
    proxy.heal();
    await recovers(server, bearer, 5000);
    await load.stop();
    // Each wait has its limit, but a change may wait for the batch before it, and then for its own.
    expectHonest(load.answered, 12_000);
    expect(shareOf(load.answered.slice(0, beforeSilence), 'valid', 200)).toBe(1);
    // What is in memory is answered until it may be stale, and then no more; it is never called invalid.
    const firstRefused = known.findIndex(({ status }) => status !== 200);
    expect(firstRefused).toBeGreaterThan(5);
    expect(new Set(known.slice(firstRefused).map(({ status }) => status))).toEqual(new Set([503]));
    expect(Math.max(...known.map(({ tookMs }) => tookMs))).toBeLessThan(3000);
  });
});

describe('SQLite on a disk that is full', () => {
  const disk = join(folder, 'disk');

  test('answers writes with 503, goes on checking, and writes again once there is room, without a restart [S111]', async (context) => {
    const problem = mount();
    if (problem !== undefined) context.skip(`No small disk could be mounted here (it takes root on Linux): ${problem}`);
    ends.push(() => execFileSync('umount', ['-l', disk]));
    const { config, bearer }: PreparedDatabase = await prepareDatabase(join(disk, 'data'), 'sqlite');
    const server = await serve(config);
    const load = await startLoad(server, await tokens(server, 40));
    const ballast = join(disk, 'ballast');
    writeFileSync(ballast, Buffer.alloc(statfsSync(disk).bavail * statfsSync(disk).bsize));
    await until(() => load.answered.at(-1)?.status === 503 || shareOf(load.answered.slice(-100), 'write', 503) > 0.9);
    const full = load.answered.length;
    await everySort(load.answered, full, 500);
    const meanwhile = load.answered.slice(full);
    expect(shareOf(meanwhile, 'write', 503)).toBeGreaterThan(0.9);
    expect(shareOf(meanwhile, 'valid', 200)).toBeGreaterThan(0.999);
    expect((await fetch(`${server.url}/healthz`)).status).toBe(200);

    rmSync(ballast);
    await recovers(server, bearer, 5000);
    await load.stop();
    expectHonest(load.answered, 2000);
    expect(lossesIn(await readDatabaseState(config), [])).toEqual([]);
  });

  function mount(): string | undefined {
    mkdirSync(disk, { recursive: true });
    try {
      execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=48m', 'tmpfs', disk], { stdio: 'pipe' });
      return undefined;
    } catch (error) {
      return error instanceof Error ? (error.message.split('\n').at(-2) ?? error.message) : String(error);
    }
  }
});

async function until(isSo: () => boolean): Promise<void> {
  while (!isSo()) await pause(20);
}
