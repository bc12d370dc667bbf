// kill -9 in the middle of writes, again and again on the same database: what was acknowledged is there, nothing is half
// done, and the program starts as if nothing had been. The real program, over HTTP.

import { copyFileSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import Sqlite from 'better-sqlite3';
import { afterAll, describe, expect, test } from 'vitest';
import { build, start } from '../end-to-end/program.ts';
import { freshPlace } from '../end-to-end/run.ts';
import { machineMs, slowness, watchMachine } from '../machine-time.ts';
import { startCallers } from './callers.ts';
import { type Acknowledged, lossesIn } from './losses.ts';
import { type PreparedDatabase, prepareDatabase, readDatabaseState } from './prepared-database.ts';

const place = freshPlace();
const callers = 16;
/** Half as many on PostgreSQL. A thousand: `KEYWARD_KILLS=1000 npm test -- test/faults/kill.test.ts`. */
const kills = Number(process.env.KEYWARD_KILLS ?? 10);
const killsOnPostgres = Math.ceil(kills / 2);

afterAll(() => place.remove());

interface KillHistory {
  prepared: PreparedDatabase;
  acknowledged: Acknowledged[];
  losses: string[];
  /** The machine's milliseconds from the start of each process until it was ready. */
  startsMs: number[];
}

/** Starts, lets callers write, kills at a random moment, judges after the next start. */
async function killAgainAndAgain(prepared: PreparedDatabase, kills: number): Promise<KillHistory> {
  const history: KillHistory = { prepared, acknowledged: [], losses: [], startsMs: [] };
  const { environment, bearer, config } = prepared;
  await build();
  await watchMachine();
  for (let kill = 0; kill <= kills; kill += 1) {
    const program = await start({ place, environment });
    const listening = performance.now();
    const ready = await fetch(`${program.url}/readyz`);
    history.startsMs.push(program.startMs + machineMs(listening));
    expect(ready.status).toBe(200);
    history.losses.push(...lossesIn(await readDatabaseState(config), history.acknowledged));
    if (kill < kills) {
      const { ended } = startCallers(program.url, bearer, callers, history.acknowledged);
      // On a slow machine too, the kill comes into the midst of writes.
      const enough = history.acknowledged.length + 2 * callers;
      while (history.acknowledged.length < enough) await pause(10);
      await pause(Math.random() * 300);
      await program.stop('SIGKILL');
      await ended;
    } else {
      await program.stop('SIGKILL');
    }
  }
  return history;
}

function median(numbers: readonly number[]): number {
  return numbers.toSorted((a, b) => a - b)[Math.floor(numbers.length / 2)] ?? 0;
}

describe('kill -9 in the middle of writes', () => {
  let history: KillHistory;

  test('many times on SQLite loses nothing that was acknowledged, leaves nothing half done and needs no repair [S110]', async () => {
    history = await killAgainAndAgain(await prepareDatabase(join(place.folder, 'data'), 'sqlite'), kills);
    expect(history.losses).toEqual([]);
    expect(history.acknowledged.length).toBeGreaterThan(kills * callers);
    expect(median(history.startsMs)).toBeLessThan(2000 * (await slowness()));
  });

  test('half as many times on PostgreSQL loses nothing that was acknowledged and leaves nothing half done [S110]', async () => {
    const { losses, acknowledged, startsMs } = await killAgainAndAgain(
      await prepareDatabase(place.folder, 'postgres'),
      killsOnPostgres,
    );
    expect(losses).toEqual([]);
    expect(acknowledged.length).toBeGreaterThan(killsOnPostgres * callers);
    expect(median(startsMs)).toBeLessThan(5000 * (await slowness()));
  });

  test.each<[string, string, RegExp]>([
    ['a token', "delete from api_tokens where id = '@'", /lacks @/],
    [
      'a standing',
      "update api_tokens set deactivated_at = case when deactivated_at is null then 1 end where id = '@'",
      /@: inactive is/,
    ],
    ['an entry of the journal', "delete from journal where subject_id = '@'", /The chain/],
    [
      'the end of the journal',
      'delete from journal where seq > (select max(seq) - 40 from journal)',
      /was acknowledged, and is not/,
    ],
  ])('the judgement notices that %s is lost', async (what, sql, expected) => {
    const copy = join(place.folder, what.replaceAll(' ', '-'));
    mkdirSync(copy);
    for (const file of ['keyward.db', 'keyward.db-wal', 'secrets.key']) {
      copyFileSync(join(place.folder, 'data', file), join(copy, file));
    }
    const made = history.acknowledged.filter(({ action }) => action === 'api_token.created');
    const id = made[Math.floor(made.length / 2)]?.id ?? '';
    const config = { ...history.prepared.config, data: copy };
    const file = new Sqlite(join(copy, 'keyward.db'));
    expect(lossesIn(await readDatabaseState(config), history.acknowledged)).toEqual([]);
    file.exec(sql.replace('@', id));
    file.close();
    expect(lossesIn(await readDatabaseState(config), history.acknowledged).join('\n')).toMatch(
      new RegExp(expected.source.replace('@', id)),
    );
  });
});
