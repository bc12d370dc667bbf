// P13: whether calls that are checked wait for tokens that are signed beside them, in the same process.

import { startBare } from '../contestant.ts';
import { type Figure, shown } from '../figure.ts';
import { startDemo } from '../keyward.ts';
import { drive } from '../load.ts';
import { setLimit, signIn } from '../owner.ts';
import { pace } from '../paced.ts';
import { percentile, ratios, summarise } from '../ratio.ts';
import { interleave } from '../rounds.ts';
import { storedTokens } from '../stored-tokens.ts';
import { firstTokens } from '../tokens.ts';
import { bareGet, check, exchangeEs256, scaled } from '../works.ts';

const stored = 1000;
const exchangesPerSecond = 150;

export const p13: Figure = {
  title: 'checking beside signing',
  method:
    'The p99 of 64 connections that each send the next `GET /v1/check` as soon as the last one is answered, while 150 `POST /v1/access-tokens` a second are made beside them (ES256), over the p99 without. The p99 of bare node:http under the same load is for orientation.',
  async measure(bench) {
    const { server, demo } = await startDemo(bench, await storedTokens(bench, stored));
    await setLimit(await signIn(server.url, demo));
    const bare = await startBare('get');
    const work = { ...scaled(bench, { ...check(firstTokens(stored)), requests: 60_000 }), url: server.url };
    const bareWork = { ...scaled(bench, bareGet), url: bare.url };
    const { request, status } = exchangeEs256(demo);
    const p99 = async (load: typeof work) => percentile((await drive(load)).latenciesMs, 99);
    const perSecond: number[] = [];
    const waits = await interleave(
      { rounds: bench.rounds, warmUps: 3 },
      {
        bare: () => p99(bareWork),
        without: () => p99(work),
        async beside() {
          const began = performance.now();
          const beside = await pace({ url: server.url, request, status, perSecond: exchangesPerSecond });
          const wait = await p99(work);
          perSecond.push((await beside.stop()) / ((performance.now() - began) / 1000));
          return wait;
        },
      },
      bench.progress,
    );
    await Promise.all([server.stop(), bare.stop()]);
    const median = (name: keyof typeof waits) => shown(summarise(waits[name]).median, 'ms');
    const made = summarise(perSecond.slice(-bench.rounds)).median;
    return [
      {
        work: 'p99 of checks beside 150 exchanges a second / without',
        value: summarise(ratios(waits.beside, waits.without)),
        budget: { floor: 1.5, goal: 1.2, better: 'less' },
        costs: {
          beside: median('beside'),
          without: median('without'),
          'bare GET': median('bare'),
          'exchanges made': shown(made, 'a second'),
        },
      },
    ];
  },
};
