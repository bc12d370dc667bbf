// Which core does what: servers on core 0, the load on core 1, so that neither takes time from the other. Without
// taskset, or with one core, nothing is pinned and the results say so.

import { spawnSync } from 'node:child_process';
import { availableParallelism } from 'node:os';

export const isPinned = availableParallelism() > 1 && spawnSync('taskset', ['--version']).status === 0;

/** The command that starts `node …args`, or another program, where servers run. */
export function onServerCore(
  args: readonly string[],
  program: string = process.execPath,
): { command: string; args: string[] } {
  if (!isPinned) return { command: program, args: [...args] };
  return { command: 'taskset', args: ['-c', '0', program, ...args] };
}

/** Moves this process, which makes the load, off the core of the servers. */
export function moveToLoadCore(): void {
  if (isPinned) spawnSync('taskset', ['-a', '-c', '-p', '1', String(process.pid)]);
}
