// P10: what it costs to start, with few tokens and with a million, and how much memory an idle server takes.

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { type Contestant, startBare } from '../contestant.ts';
import { cpuTimes, residentBytes } from '../cpu.ts';
import { type Figure, shown } from '../figure.ts';
import { type Bench, fillFolder, startKeyward } from '../keyward.ts';
import { onServerCore } from '../pinning.ts';
import { ratios, summarise } from '../ratio.ts';
import { interleave } from '../rounds.ts';
import { storedTokens } from '../stored-tokens.ts';

/** Starts in one sample: the kernel counts in steps of 10 ms, so one alone would be coarse. */
const startsOfKeyward = 5;
const startsOfNode = 20;
const idleMs = 5000;

export const p10: Figure = {
  title: 'cold start, idle memory',
  method:
    'CPU from the start of `keyward serve` until `/healthz` has answered and the process is killed, over the CPU of `node -e 0`; files and compiled code are in caches, as from the second start on. Idle memory is resident memory 5 s after the start, beyond that of bare node:http.',
  async measure(bench) {
    const few = join(bench.scratch, 'p10');
    await fillFolder(bench, few);
    const many = await storedTokens(bench, 1_000_000);
    const wall = { few: [] as number[], many: [] as number[], node: [] as number[] };
    const costs = await interleave(
      { rounds: bench.rounds, warmUps: 1 },
      {
        node: () => startCost(startsOfNode, startNothing, wall.node),
        few: () => startCost(startsOfKeyward, () => startAndAsk(bench, few), wall.few),
        many: () => startCost(startsOfKeyward, () => startAndAsk(bench, many), wall.many),
        bareIdle: () => idleMegabytes(() => startBare('get')),
        keywardIdle: () => idleMegabytes(() => startKeyward(bench, few)),
        manyIdle: () => idleMegabytes(() => startKeyward(bench, many)),
      },
      bench.progress,
    );
    const cost = (name: keyof typeof costs, unit: string) => shown(summarise(costs[name]).median, unit);
    const waited = (name: keyof typeof wall) => shown(summarise(wall[name]).median, 'ms wall');
    const beyondBare = (name: 'keywardIdle' | 'manyIdle') =>
      summarise(costs[name].map((value, round) => value - (costs.bareIdle[round] ?? Number.NaN)));
    const start = (name: 'few' | 'many') => ({
      value: summarise(ratios(costs[name], costs.node)),
      costs: {
        'node -e 0': `${cost('node', 'ms CPU')}, ${waited('node')}`,
        'keyward serve': `${cost(name, 'ms CPU')}, ${waited(name)}`,
      },
    });
    return [
      { work: 'cold start / `node -e 0`', ...start('few'), budget: { floor: 4, goal: 2.5, better: 'less' } },
      {
        work: 'cold start with 1M tokens / `node -e 0`',
        ...start('many'),
        budget: { floor: 10, goal: 4, better: 'less' },
      },
      {
        work: 'idle memory - bare node:http',
        value: beyondBare('keywardIdle'),
        unit: 'MB',
        budget: { floor: 60, goal: 35, better: 'less' },
        costs: { 'bare node:http': cost('bareIdle', 'MB'), keyward: cost('keywardIdle', 'MB') },
      },
      {
        work: 'idle memory with 1M tokens - bare node:http',
        value: beyondBare('manyIdle'),
        unit: 'MB',
        costs: { keyward: cost('manyIdle', 'MB') },
      },
    ];
  },
};

/** Milliseconds of CPU of one start, its end included. Notes the wall time of each one too. */
async function startCost(starts: number, startOne: () => Promise<void>, wall: number[]): Promise<number> {
  const [cpuBefore, wallBefore] = [cpuTimes(process.pid).children, performance.now()];
  for (let count = 0; count < starts; count += 1) await startOne();
  wall.push((performance.now() - wallBefore) / starts);
  return (cpuTimes(process.pid).children - cpuBefore) / starts;
}

async function startNothing(): Promise<void> {
  const { command, args } = onServerCore(['-e', '0']);
  await once(spawn(command, args, { stdio: 'ignore' }), 'exit');
}

async function startAndAsk(bench: Bench, folder: string): Promise<void> {
  const server = await startKeyward(bench, folder);
  const answer = await fetch(`${server.url}/healthz`, { headers: { connection: 'close' } });
  await server.kill();
  if (!answer.ok) throw new Error(`/healthz answered ${answer.status}.`);
}

async function idleMegabytes(startOne: () => Promise<Contestant>): Promise<number> {
  const contestant = await startOne();
  await pause(idleMs);
  const bytes = residentBytes(contestant.pid);
  await contestant.kill();
  return bytes / 1e6;
}
