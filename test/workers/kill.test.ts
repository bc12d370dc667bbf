// kill -9 of workers and of their supervisor in the middle of writes: what was acknowledged is there, nothing is half done,
// the other workers go on, and the place of a dead one is filled.

import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { afterAll, expect, test } from 'vitest';
import { build, type Program, start } from '../end-to-end/program.ts';
import { freshPlace } from '../end-to-end/run.ts';
import { startCallers } from '../faults/callers.ts';
import { type Acknowledged, lossesIn } from '../faults/losses.ts';
import { prepareDatabase, readDatabaseState } from '../faults/prepared-database.ts';
import { machineMs, slowness, watchMachine } from '../machine-time.ts';
import { callAnew } from './each-worker.ts';
import { isRunning, workersOf } from './worker-processes.ts';

const place = freshPlace();
const callers = 12;
/** A hundred: `KEYWARD_KILLS=100 npm test -- test/workers/kill.test.ts`. */
const kills = Number(process.env.KEYWARD_KILLS ?? 6);
let program: Program | undefined;

afterAll(async () => {
  await program?.kill();
  place.remove();
});

test('kill -9 of workers and of the supervisor loses nothing that was acknowledged, and the others go on [S110]', async () => {
  await build();
  await watchMachine();
  const { environment, bearer, config } = await prepareDatabase(join(place.folder, 'data'), 'sqlite');
  const acknowledged: Acknowledged[] = [];
  const readyMs: number[] = [];
  const open = () => start({ place, environment, args: ['--workers', '2'] });
  program = await open();
  for (let kill = 0; kill < kills; kill += 1) {
    const workers = await workersOf(program.pid, 2);
    const { ended } = startCallers(program.url, bearer, callers, acknowledged);
    const enough = acknowledged.length + 2 * callers;
    while (acknowledged.length < enough) await pause(5);
    await pause(Math.random() * 200);
    // Every third time the supervisor.
    if (kill % 3 === 2) {
      await program.stop('SIGKILL');
      await ended;
      for (const worker of workers) expect(isRunning(worker)).toBe(false);
      const began = performance.now();
      program = await open();
      expect((await callAnew(program.url, '/readyz', bearer)).status).toBe(200);
      readyMs.push(machineMs(began));
    } else {
      const [victim = 0] = kill % 2 === 0 ? workers : workers.toReversed();
      const began = performance.now();
      process.kill(victim, 'SIGKILL');
      // The other one answers meanwhile, but for calls that the dead one had not taken yet.
      expect(await firstAnswer(program.url, bearer)).toBe(200);
      const before = acknowledged.length;
      const again = startCallers(program.url, bearer, callers, acknowledged);
      while (acknowledged.length < before + callers) await pause(5);
      await workersOf(program.pid, 2, [victim]);
      readyMs.push(machineMs(began));
      again.stop();
      await again.ended;
      // Those whose worker died have ended; whoever was on the other goes on until it is killed.
      await program.stop('SIGTERM');
      await ended;
      program = await open();
    }
    expect(lossesIn(await readDatabaseState(config), acknowledged)).toEqual([]);
  }
  expect(acknowledged.length).toBeGreaterThan(kills * callers);
  expect(Math.max(...readyMs)).toBeLessThan(2000 * (await slowness()) + 2000);
}, 600_000);

async function firstAnswer(url: string, bearer: string): Promise<number> {
  for (;;) {
    const answer = await callAnew(url, '/v1/check', bearer).catch(() => null);
    if (answer !== null) return answer.status;
  }
}
