// The processes of a server's workers, as the system knows them. For tests on Linux.

import { readFileSync } from 'node:fs';
import { setTimeout as pause } from 'node:timers/promises';

/** The ids of the processes that this one has started and that run. */
export function childrenOf(pid: number): number[] {
  try {
    const text = readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8');
    return text.split(' ').filter(Boolean).map(Number);
  } catch {
    return [];
  }
}

export function isRunning(pid: number): boolean {
  try {
    // The state stands behind the name, which may hold anything: a zombie runs no more.
    return !/\) [ZX] /.test(readFileSync(`/proc/${pid}/stat`, 'utf8'));
  } catch {
    return false;
  }
}

/** Resolves when the supervisor has so many workers that are not among `gone`; rejects after two minutes. */
export async function workersOf(pid: number, count: number, gone: readonly number[] = []): Promise<number[]> {
  const until = performance.now() + 120_000;
  for (;;) {
    const found = childrenOf(pid).filter((one) => !gone.includes(one) && isRunning(one));
    if (found.length >= count) return found;
    if (performance.now() > until) throw new Error(`There are ${found.length} workers, not ${count}.`);
    await pause(10);
  }
}
