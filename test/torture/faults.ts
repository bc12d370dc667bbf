// What goes wrong in the test bed. Each fault is over, and every node ready again, when it resolves.

import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { workersOf } from '../workers/worker-processes.ts';
import type { Bed, BedNode } from './bed.ts';

export type FaultName =
  | 'node killed'
  | 'node stopped'
  | 'worker killed'
  | 'database restarted'
  | 'database crashed'
  | 'connection silent'
  | 'pooler restarted'
  | 'clock changed';

type Fault = (bed: Bed, random: () => number) => Promise<void>;

export const faults: Record<FaultName, Fault> = {
  async 'node killed'({ nodes }, random) {
    const node = one(nodes, random);
    await node.program.stop('SIGKILL');
    await node.start();
  },
  async 'node stopped'({ nodes }, random) {
    const node = one(nodes, random);
    await node.program.stop('SIGTERM');
    await node.start();
  },
  async 'worker killed'({ nodes }, random) {
    const { program, workers } = one(
      nodes.filter((node) => node.workers > 1),
      random,
    );
    const victim = one(await workersOf(program.pid, workers), random);
    process.kill(victim, 'SIGKILL');
    await workersOf(program.pid, workers, [victim]);
  },
  'database restarted': ({ postgres }) => postgres.restart('fast'),
  'database crashed': ({ postgres }) => postgres.restart('immediate'),
  async 'connection silent'({ nodes }, random) {
    const { proxy } = one(nodes, random);
    proxy.silence();
    await pause(1500 + 2500 * random());
    proxy.heal();
  },
  /** What stands between the nodes and the database ends all connections. */
  async 'pooler restarted'({ nodes }) {
    for (const { proxy } of nodes) proxy.heal();
  },
  async 'clock changed'({ nodes }, random) {
    const node = one(nodes, random);
    await node.program.stop('SIGTERM');
    const offset = random() < 0.5 ? '-1h' : '+1h';
    await node.start({ LD_PRELOAD: faketime() ?? '', FAKETIME: offset, DONT_FAKE_MONOTONIC: '1' });
    await pause(1000);
    await node.program.stop('SIGTERM');
    await node.start();
  },
};

/** The library that turns a program's clock; null where it is not installed. */
export function faketime(): string | null {
  if (!existsSync('/usr/lib')) return null;
  const folders = ['', ...readdirSync('/usr/lib').filter((name) => name.includes('linux-gnu'))];
  const files = folders.map((folder) => join('/usr/lib', folder, 'faketime', 'libfaketime.so.1'));
  return files.find((file) => existsSync(file)) ?? null;
}

/** Waits until every node is ready, for two minutes at most. */
export async function allReady(nodes: readonly BedNode[]): Promise<void> {
  const until = performance.now() + 120_000;
  for (const { url, program } of nodes) {
    for (;;) {
      const answer = await fetch(`${url}/readyz`, { signal: AbortSignal.timeout(5000) }).catch(() => null);
      await answer?.arrayBuffer();
      if (answer?.status === 200) break;
      if (performance.now() > until) throw new Error(`${url} is not ready again.\n${program.output().slice(-2000)}`);
      await pause(50);
    }
  }
}

function one<T>(list: readonly T[], random: () => number): T {
  const found = list[Math.floor(random() * list.length)];
  if (found === undefined) throw new Error('There is none to choose.');
  return found;
}
