// P1, as far as there is anything to measure yet: an API token checked by the holder's own question, `GET /v1/self`.

import { join } from 'node:path';
import { requestCost, startBare } from '../contestant.ts';
import { type Figure, shown } from '../figure.ts';
import { startDemo } from '../keyward.ts';
import { ratios, summarise } from '../ratio.ts';
import { interleave } from '../rounds.ts';
import { bareGet, readSelf } from '../works.ts';

export const p1: Figure = {
  title: 'checking an API token',
  method:
    'Not P1 itself, which is `/v1/check` with its limit and 100,000 tokens: `GET /v1/self`, which checks the same token and answers JSON. For comparison only.',
  async measure(bench) {
    const { server, demo } = await startDemo(bench, join(bench.scratch, 'p1'));
    const bare = await startBare('get');
    const work = readSelf(demo);
    const costs = await interleave(
      { rounds: bench.rounds, warmUps: 3 },
      { bare: () => requestCost(bare, bareGet), self: () => requestCost(server, work) },
      bench.progress,
    );
    await Promise.all([server.stop(), bare.stop()]);
    const median = (name: keyof typeof costs) => shown(summarise(costs[name]).median, 'µs');
    return [
      {
        work: 'bare GET / `GET /v1/self` with an API token',
        value: summarise(ratios(costs.bare, costs.self)),
        costs: { 'bare GET': median('bare'), self: median('self') },
      },
    ];
  },
};
