// P19: whether calls that are checked wait for connections that send more than they are answered.

import { type Figure, type Row, shown } from '../figure.ts';
import { startDemo } from '../keyward.ts';
import { drive } from '../load.ts';
import { setLimit, signIn } from '../owner.ts';
import { flood } from '../pipelined.ts';
import { percentile, ratios, summarise } from '../ratio.ts';
import { interleave } from '../rounds.ts';
import { storedTokens } from '../stored-tokens.ts';
import { firstTokens } from '../tokens.ts';
import { check, scaled } from '../works.ts';

const stored = 1000;
const bytesPerSecond = 1_000_000;

export const p19: Figure = {
  title: 'checking beside pipelining',
  method:
    'The median wait of 8 connections that each send the next `GET /v1/check` as soon as the last one is answered, while ten, fifty or two hundred connections without a credential send bursts of 64 kB, a megabyte a second in all, over the median wait without.',
  async measure(bench) {
    const { server, demo } = await startDemo(bench, await storedTokens(bench, stored));
    await setLimit(await signIn(server.url, demo));
    const work = {
      ...scaled(bench, { ...check(firstTokens(stored)), requests: 8_000, connections: 8 }),
      url: server.url,
    };
    const wait = async () => percentile((await drive(work)).latenciesMs, 50);
    const beside = async (connections: number) => {
      const end = flood({ url: server.url, connections, bytesPerSecond });
      try {
        return await wait();
      } finally {
        end();
      }
    };
    const waits = await interleave(
      { rounds: bench.rounds, warmUps: 3 },
      { without: wait, ten: () => beside(10), fifty: () => beside(50), twoHundred: () => beside(200) },
      bench.progress,
    );
    await server.stop();
    const median = (name: keyof typeof waits) => shown(summarise(waits[name]).median, 'ms');
    const row = (name: 'ten' | 'fifty' | 'twoHundred', count: number, budget: Row['budget']): Row => ({
      work: `wait of checks beside ${count} pipelining connections / without`,
      value: summarise(ratios(waits[name], waits.without)),
      ...(budget !== undefined && { budget }),
      costs: { beside: median(name), without: median('without') },
    });
    return [
      row('ten', 10, { floor: 5, goal: 2, better: 'less' }),
      row('fifty', 50, { floor: null, goal: 2, better: 'less' }),
      row('twoHundred', 200, { floor: null, goal: 2, better: 'less' }),
    ];
  },
};
