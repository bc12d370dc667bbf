// P7: making an API token that survives a power cut, journal entry included, 64 connections at a time.

import { join } from 'node:path';
import { requestCost, startBare } from '../contestant.ts';
import { type Figure, shown } from '../figure.ts';
import { startDemo } from '../keyward.ts';
import { ratios, summarise } from '../ratio.ts';
import { interleave } from '../rounds.ts';
import { barePost, createToken, scaled } from '../works.ts';

export const p7: Figure = {
  title: 'create an API token, durably',
  method:
    'CPU of a bare POST over the CPU of `POST /v1/tokens`: SQLite, synchronous=FULL, 64 connections, so that up to 64 share a commit.',
  async measure(bench) {
    const { server, demo } = await startDemo(bench, join(bench.scratch, 'p7'));
    const bare = await startBare('post');
    const work = createToken(demo);
    const costs = await interleave(
      { rounds: bench.rounds, warmUps: 5 },
      {
        bare: () => requestCost(bare, scaled(bench, barePost)),
        create: () => requestCost(server, scaled(bench, work)),
      },
      bench.progress,
    );
    await Promise.all([server.stop(), bare.stop()]);
    const median = (name: keyof typeof costs) => shown(summarise(costs[name]).median, 'µs');
    return [
      {
        work: 'bare POST / `POST /v1/tokens`',
        value: summarise(ratios(costs.bare, costs.create)),
        budget: { floor: 0.5, goal: 0.65, better: 'more' },
        costs: { 'bare POST': median('bare'), create: median('create') },
      },
    ];
  },
};
