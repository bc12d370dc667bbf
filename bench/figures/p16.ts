// P16: what a second worker adds to the checks of a second, and what workers cost each check.

import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import type { Contestant } from '../contestant.ts';
import { cpuTimes } from '../cpu.ts';
import { type Figure, shown } from '../figure.ts';
import { type Bench, startDemo } from '../keyward.ts';
import { drive } from '../load.ts';
import { setLimit, signIn } from '../owner.ts';
import { isPinned } from '../pinning.ts';
import { ratios, summarise } from '../ratio.ts';
import { interleave } from '../rounds.ts';
import { storedTokens } from '../stored-tokens.ts';
import { firstTokens } from '../tokens.ts';
import { check, scaled, type Work } from '../works.ts';

const stored = 1000;

export const p16: Figure = {
  title: 'all cores',
  method:
    'CPU of `GET /v1/check`: 1,000 tokens, limits included, 64 connections, as the kernel deals them out. Checks a second are those of the CPU of the busiest process, each having a core of its own: so the share of the load, which runs on the same two cores, is subtracted, and what is dealt out unevenly counts. CPU per check is that of the supervisor and all workers.',
  async measure(bench) {
    const alone = await begin(bench, []);
    const one = await begin(bench, ['--workers', '1']);
    const two = await begin(bench, ['--workers', '2']);
    const work = scaled(bench, check(firstTokens(stored)));
    const busiest: number[] = [];
    const costs = await interleave(
      { rounds: bench.rounds, warmUps: 3 },
      {
        alone: async () => (await costsOf(alone, work)).all,
        one: async () => (await costsOf(one, work)).all,
        two: async () => {
          const spent = await costsOf(two, work);
          busiest.push(spent.busiest);
          return spent.all;
        },
      },
      bench.progress,
    );
    await Promise.all([alone, one, two].map((server) => server.stop()));
    const ofBusiest = busiest.slice(-costs.two.length);
    const median = (values: readonly number[]) => shown(summarise(values).median, 'µs');
    return [
      {
        work: 'checks a second with 2 workers / with 1',
        value: summarise(ratios(costs.one, ofBusiest)),
        budget: { floor: 1.7, goal: 1.9, better: 'more' },
        costs: { 'with 1': median(costs.one), 'the busiest of 2': median(ofBusiest) },
      },
      {
        work: 'CPU per check with 2 workers / alone',
        value: summarise(ratios(costs.two, costs.alone)),
        budget: { floor: 1.15, goal: 1.05, better: 'less' },
        costs: { 'with 2': median(costs.two), alone: median(costs.alone) },
      },
      {
        work: 'CPU per check with `--workers 1` / without the setting',
        value: summarise(ratios(costs.one, costs.alone)),
        costs: { 'with 1': median(costs.one), alone: median(costs.alone) },
      },
    ];
  },
};

async function begin(bench: Bench, flags: readonly string[]): Promise<Contestant> {
  const { server, demo } = await startDemo(bench, await storedTokens(bench, stored), { flags });
  await setLimit(await signIn(server.url, demo));
  for (const pid of processesOf(server)) if (isPinned) spawnSync('taskset', ['-a', '-c', '-p', '0,1', String(pid)]);
  return server;
}

/** Microseconds of CPU for each request: of all processes of a server, and of the one that spent most. */
async function costsOf(server: Contestant, work: Work): Promise<{ all: number; busiest: number }> {
  const pids = processesOf(server);
  const before = pids.map((pid) => cpuTimes(pid).own);
  await drive({ ...work, url: server.url });
  const spent = pids.map((pid, place) => ((cpuTimes(pid).own - (before[place] ?? 0)) * 1000) / work.requests);
  return { all: spent.reduce((sum, one) => sum + one, 0), busiest: Math.max(...spent) };
}

function processesOf({ pid }: Contestant): number[] {
  const children = readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').trim();
  return [pid, ...children.split(' ').filter(Boolean).map(Number)];
}
