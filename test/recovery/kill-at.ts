// Loaded into a command before all else (`node --import`): counts what it does to files, to SQLite and to PostgreSQL, and ends it as
// kill -9 or TEST_KILL_BY does, before the step that TEST_KILL_AT names. Without that it writes the number of steps to TEST_STEPS.

import fs from 'node:fs';
import promises from 'node:fs/promises';
import { syncBuiltinESMExports } from 'node:module';
import net from 'node:net';
import Sqlite from 'better-sqlite3';

const { TEST_KILL_AT: killAt, TEST_KILL_BY: signal = 'SIGKILL', TEST_STEPS: stepsFile } = process.env;
const { writeFileSync } = fs;
let steps = 0;

function step(): void {
  steps += 1;
  if (steps === Number(killAt)) process.kill(process.pid, signal);
}

/** Counts the calls of these methods, wherever they are called from. */
function count(owner: object, names: readonly string[]): void {
  for (const name of names) {
    const before = Reflect.get(owner, name) as (...given: unknown[]) => unknown;
    Reflect.defineProperty(owner, name, {
      configurable: true,
      writable: true,
      value(this: unknown, ...given: unknown[]) {
        step();
        return Reflect.apply(before, this, given);
      },
    });
  }
}

count(fs, ['writeFileSync', 'writeSync', 'fsyncSync', 'renameSync', 'linkSync', 'copyFileSync', 'rmSync', 'mkdirSync']);
count(promises, ['open', 'rename']);
syncBuiltinESMExports();
count(net.Socket.prototype, ['write']);
const memory = new Sqlite(':memory:');
count(Object.getPrototypeOf(memory.prepare('select 1')) as object, ['run']);
memory.close();
count(Sqlite.prototype as object, ['exec', 'pragma', 'backup']);

process.on('exit', () => {
  if (stepsFile !== undefined) writeFileSync(stepsFile, String(steps));
});
