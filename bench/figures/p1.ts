// P1: an API token checked over HTTP, its limit spent and said, against the least that an answer costs in Node.

import { costsWithLateWork, requestCost, requestCosts, startBare, startScript } from '../contestant.ts';
import { type Figure, shown } from '../figure.ts';
import { startDemo } from '../keyward.ts';
import { drive } from '../load.ts';
import { setLimit, signIn } from '../owner.ts';
import { percentile, ratios, summarise } from '../ratio.ts';
import { interleave } from '../rounds.ts';
import { storedTokens } from '../stored-tokens.ts';
import { firstTokens } from '../tokens.ts';
import { bareGet, check, scaled } from '../works.ts';

const stored = 100_000;

export const p1: Figure = {
  title: 'checking an API token',
  method:
    'CPU of bare node:http answering 100 bytes over the CPU of `GET /v1/check`: 100,000 tokens, each request with any of them, its limit spent and said in headers, 64 connections. All that the server does counts, also between its rounds, when it writes down who was last used and how often; the second row is without that.',
  async measure(bench) {
    const count = Math.max(1000, Math.round(stored * bench.share));
    const { server, demo } = await startDemo(bench, await storedTokens(bench, count));
    const [bare, fastify] = await Promise.all([startBare('get'), startScript('fastify-hello.js')]);
    await setLimit(await signIn(server.url, demo));
    const tokens = firstTokens(count);
    await drive({ ...check(tokens, '', 'next'), url: server.url, requests: count });
    const work = scaled(bench, { ...check(tokens), requests: 100_000 });
    const bareWork = scaled(bench, bareGet);
    const costOf = costsWithLateWork(server);
    const waited = { bare: [] as number[], check: [] as number[] };
    const soon: number[] = [];
    const costs = await interleave(
      { rounds: bench.rounds, warmUps: 3 },
      {
        async bare() {
          const { us, answers } = await requestCosts(bare, bareWork);
          waited.bare.push(percentile(answers.latenciesMs, 99));
          return us;
        },
        fastify: () => requestCost(fastify, bareWork),
        check: () =>
          costOf(work, ({ us, answers }) => {
            soon.push(us);
            waited.check.push(percentile(answers.latenciesMs, 99));
          }),
      },
      bench.progress,
    );
    await Promise.all([server.stop(), bare.stop(), fastify.stop()]);
    const kept = (values: number[]) => values.slice(-bench.rounds);
    const median = (values: readonly number[], unit = 'µs') => shown(summarise(values).median, unit);
    const [within, bareMs, checkMs] = [kept(soon), kept(waited.bare), kept(waited.check)];
    return [
      {
        work: 'bare GET / `GET /v1/check`',
        value: summarise(ratios(costs.bare, costs.check)),
        budget: { floor: 0.75, goal: 0.9, better: 'more' },
        costs: { 'bare GET': median(costs.bare), check: median(costs.check) },
      },
      {
        work: 'bare GET / `GET /v1/check`, without what is written down later',
        value: summarise(ratios(costs.bare, within)),
        costs: { 'bare GET': median(costs.bare), check: median(within) },
      },
      {
        work: 'p99 of `GET /v1/check` / of bare GET, each as fast as it can',
        value: summarise(ratios(checkMs, bareMs)),
        budget: { floor: null, goal: 1.3, better: 'less' },
        costs: { 'bare GET': median(bareMs, 'ms'), check: median(checkMs, 'ms') },
      },
      {
        work: 'bare GET / fastify answering the same 100 bytes',
        value: summarise(ratios(costs.bare, costs.fastify)),
        costs: { 'bare GET': median(costs.bare), fastify: median(costs.fastify) },
      },
    ];
  },
};
