// Whatever was revoked after a backup, in whichever order: a restore revives none of it. `KEYWARD_HISTORIES=1000` for many.

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
import { newWorld, randomOf } from './history.ts';

const wanted = Number(process.env.KEYWARD_HISTORIES ?? 16);
const seed = Number(process.env.KEYWARD_SEED ?? Date.now() % 1_000_000);
const timeout = 60_000 + wanted * 30_000;
const progress = () => {};

describe.each([
  ['sqlite', wanted],
  ['postgres', Math.ceil(wanted / 4)],
] as const)('histories on %s', (database, histories) => {
  test(`of ${histories} no restore revives what had ended [S117, G19]`, { timeout }, async () => {
    const revived: string[] = [];
    const suspended: string[] = [];
    let asked = 0;
    for (let n = 0; n < histories; n += 1) {
      const which = seed + n;
      const folder = mkdtempSync(join(tmpdir(), 'keyward-history-'));
      const server = await startServer({ database, permissions: ['write:funds'] });
      try {
        const random = randomOf(which);
        const world = await newWorld(server, random);
        const acts: string[] = [];
        for (let act = random.below(4); act > 0; act -= 1) acts.push(await world.act());
        const copy = await copyOf(server, folder);
        for (let act = 1 + random.below(8); act > 0; act -= 1) acts.push(await world.act());
        const before = new Map<string, boolean>();
        for (const way of world.ways) {
          if (way.hasEnded === undefined) before.set(way.name, await way.ask());
          else before.set(way.name, !way.hasEnded());
        }
        const isKnown = random.below(3) > 0;
        const because = await copy.restore(isKnown);
        expect(because === null, `${because} ${acts}`).toBe(isKnown);
        for (const way of world.ways) {
          asked += 1;
          const lets = await way.ask();
          const may = !way.isPassing && isKnown && before.get(way.name) === true;
          if (lets && !may) revived.push(`${which}: ${way.name}, after ${acts.join(', ')}`);
          if (!lets && may) suspended.push(`${which}: ${way.name}, after ${acts.join(', ')}`);
        }
      } finally {
        await server.stop();
        rmSync(folder, { recursive: true, force: true });
      }
    }
    expect(revived, `of ${asked}, seed ${seed}`).toEqual([]);
    // A restore that refused everything would revive nothing either.
    expect(suspended.length, suspended.join('\n')).toBeLessThan(asked / 3);
  });
});

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
