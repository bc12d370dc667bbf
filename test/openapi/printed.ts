// What the command line prints, as a program of its own without a server, a database or settings.

import { execFileSync } from 'node:child_process';
import { join } from 'node:path';

const main = join(import.meta.dirname, '../../server/src/main.ts');

/** The standard output of `keyward <args>`. Throws if it ends with anything but 0. */
export function runProgram(...args: readonly string[]): string {
  const command = ['--conditions=keyward-source', main, ...args];
  return execFileSync(process.execPath, command, { encoding: 'utf8', maxBuffer: 1 << 26, cwd: import.meta.dirname });
}
