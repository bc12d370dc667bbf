// Whatever was revoked after a backup, in whichever order: a restore revives none of it. Ten customers of one server have each a history
// of their own, and are restored together. `KEYWARD_HISTORIES=1000` for many, which tells how far it is.

import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pg from 'pg';
import { describe, expect, test } from 'vitest';
import { backUp } from '../../server/src/assemble/recovery/backup.ts';
import { restoreFile, restoreInPlace } from '../../server/src/assemble/recovery/restore.ts';
import { openShipping } from '../../server/src/assemble/recovery/ship.ts';
import { sharedPostgres } from '../postgres.ts';
import { startServer, type TestServer } from '../server.ts';
import { newWorld, type World } from './history.ts';
import { randomOf, type Way } from './ways.ts';

/** Of them a quarter on PostgreSQL. */
const wanted = Number(process.env.KEYWARD_HISTORIES ?? 16);
const seed = Number(process.env.KEYWARD_SEED ?? Date.now() % 1_000_000);
const together = 10;
const timeout = 120_000 + wanted * 20_000;
const progress = () => {};
/** A second factor has another code then, and a code of an application still counts. */
const nextCodeMs = 30_000;

interface Found {
  asked: number;
  revived: string[];
  suspended: string[];
}

test('whatever is asked for after a restore is let in before anything has happened', async () => {
  const server = await startServer({ permissions: ['write:funds'] });
  try {
    const { ways } = await newWorld(server, randomOf(seed));
    server.clock.advance(nextCodeMs);
    const refused: string[] = [];
    for (const { name, ask } of ways) if (!(await ask())) refused.push(name);
    expect(refused).toEqual([]);
    expect(ways.length).toBeGreaterThan(40);
  } finally {
    await server.stop();
  }
});

describe.each([
  ['sqlite', wanted - Math.floor(wanted / 4)],
  ['postgres', Math.floor(wanted / 4)],
] as const)('histories on %s', (database, histories) => {
  test(`of ${histories} no restore revives what had ended [S117, G19]`, { timeout }, async () => {
    const found: Found = { asked: 0, revived: [], suspended: [] };
    const began = performance.now();
    for (let done = 0; done < histories; done += together) {
      // Every third time there is no later journal; the first time there is.
      const isKnown = done === 0 || randomOf(seed + done).below(3) > 0;
      const seeds = Array.from({ length: Math.min(together, histories - done) }, (_, n) => seed + done + n);
      await restoreAll(database, seeds, isKnown, found);
      tell(done + seeds.length, performance.now() - began);
    }
    expect(found.revived, `of ${found.asked}, seed ${seed}`).toEqual([]);
    // A restore that refused everything would revive nothing either.
    expect(found.suspended.length, found.suspended.join('\n')).toBeLessThan(found.asked / 3);
  });

  function tell(done: number, tookMs: number): void {
    if (wanted < 100 || (done % (5 * together) !== 0 && done < histories)) return;
    const left = Math.round(((tookMs / done) * (histories - done)) / 1000);
    console.log(`${done} of ${histories} histories on ${database}, ${left} s to go`);
  }
});

/** Histories of these seeds, at once, and one restore. */
async function restoreAll(database: 'sqlite' | 'postgres', seeds: readonly number[], isKnown: boolean, found: Found) {
  const folder = mkdtempSync(join(tmpdir(), 'keyward-history-'));
  const server = await startServer({ database, permissions: ['write:funds'] });
  try {
    const worlds = await fewAtOnce(seeds, async (which) => {
      const random = randomOf(which);
      const world = await newWorld(server, random);
      const acts = await actsOf(world, random.below(4));
      return { which, world, acts, later: 1 + random.below(8) };
    });
    const copy = await copyOf(server, folder);
    for (const { world } of worlds) world.backedUp();
    const all = await fewAtOnce(worlds, async ({ later, ...one }) => {
      one.acts.push(...(await actsOf(one.world, later)));
      const had = new Map<Way, boolean>();
      for (const way of one.world.ways) had.set(way, way.hasEnded === undefined ? await way.ask() : !way.hasEnded());
      return { ...one, had };
    });
    server.clock.advance(nextCodeMs);
    const because = await copy.restore(isKnown);
    expect(because === null, `${because} ${all.map(({ acts }) => acts)}`).toBe(isKnown);
    await fewAtOnce(all, async ({ which, world, acts, had }) => {
      for (const way of world.ways) {
        found.asked += 1;
        const lets = await way.ask();
        const may = !way.isPassing && isKnown && had.get(way) === true;
        const text = `${which}: ${way.name}, after ${acts.join(', ')}`;
        if (lets && !may) found.revived.push(text);
        if (!lets && may) found.suspended.push(text);
      }
    });
  } finally {
    await server.stop();
    rmSync(folder, { recursive: true, force: true });
  }
}

async function actsOf(world: World, count: number): Promise<string[]> {
  const acts: string[] = [];
  for (let act = 0; act < count; act += 1) acts.push(await world.act());
  return acts;
}

/** Four at a time: hashes of passwords are made beside the requests of others. */
async function fewAtOnce<T, R>(all: readonly T[], work: (one: T) => Promise<R>): Promise<R[]> {
  const results: R[] = [];
  const waiting = [...all.entries()];
  const worker = async () => {
    for (let next = waiting.shift(); next !== undefined; next = waiting.shift()) results[next[0]] = await work(next[1]);
  };
  await Promise.all(Array.from({ length: 4 }, worker));
  return results;
}

/** A copy of the database as it is now, and how the server is restored to it; answers why everything is suspended. */
async function copyOf(server: TestServer, folder: string) {
  const journal = join(folder, 'journal');
  const ship = async (place: { data: string; database: string | null }) => {
    const shipping = await openShipping(place, journal);
    await shipping.step();
    await shipping.close();
  };
  if ('sqlite' in server.database) {
    const place = { data: join(server.database.sqlite.file, '..'), database: null };
    const file = join(folder, 'backup.db');
    await backUp(place, file, progress);
    return {
      async restore(isKnown: boolean): Promise<string | null> {
        let because: string | null = null;
        await server.restart({}, async (config) => {
          const report = await restoreFile(config, file, { journal: isKnown ? null : false, progress });
          because = report.suspendedBecause;
        });
        return because;
      },
    };
  }
  // As pg_dump and pg_restore leave one: another database, which this server is then told to use.
  const { url } = server.database.postgres;
  const copied = await copyPostgres(server, url);
  return {
    async restore(isKnown: boolean): Promise<string | null> {
      let because: string | null = null;
      if (isKnown) await ship({ data: folder, database: url });
      await server.restart({ database: copied }, async (config) => {
        const report = await restoreInPlace(config, { journal: isKnown ? journal : false, progress });
        because = report.suspendedBecause;
      });
      return because;
    },
  };
}

/** PostgreSQL copies only what nobody uses. */
async function copyPostgres(server: TestServer, url: string): Promise<string> {
  let copied = '';
  await server.restart({}, async () => {
    copied = await (await sharedPostgres()).createDatabase(new URL(url).pathname.slice(1));
    const client = new pg.Client({ connectionString: copied });
    await client.connect();
    // The nodes of the other one are not nodes of this.
    await client.query('delete from verifiers');
    await client.end();
  });
  return copied;
}
