// P5: exchanging a credential for an access token, against what it cannot do without: a bare POST and the signature.

import { join } from 'node:path';
import { operationCost, requestCost, startBare } from '../contestant.ts';
import { type Figure, shown } from '../figure.ts';
import { startDemo } from '../keyward.ts';
import { ratios, summarise, together } from '../ratio.ts';
import { interleave } from '../rounds.ts';
import { barePost, clientCredentials, exchangeEs256, exchangeRs256, exchangeSealed, scaled } from '../works.ts';

export const p5: Figure = {
  title: 'exchange',
  method:
    "CPU of a bare POST and of one raw signature (`crypto.sign('sha256', data, privateKey)`, 300 bytes, a KeyObject, no options) together, over the CPU of the exchange. Sealed: of a bare POST alone.",
  async measure(bench) {
    const { server, demo } = await startDemo(bench, join(bench.scratch, 'p5'));
    const bare = await startBare('post');
    const works = {
      es256: exchangeEs256(demo),
      rs256: exchangeRs256(demo),
      sealed: exchangeSealed(demo),
      oauth: clientCredentials(demo),
    };
    const share = (count: number) => Math.ceil(count * bench.share);
    const costs = await interleave(
      { rounds: bench.rounds, warmUps: 5 },
      {
        bare: () => requestCost(bare, scaled(bench, barePost)),
        es256: () => requestCost(server, scaled(bench, works.es256)),
        signEs256: async () => operationCost('es256', share(30_000)),
        rs256: () => requestCost(server, scaled(bench, works.rs256)),
        signRs256: async () => operationCost('rs256', share(3000)),
        sealed: () => requestCost(server, scaled(bench, works.sealed)),
        oauth: () => requestCost(server, scaled(bench, works.oauth)),
        gcm: async () => operationCost('gcm', share(100_000)),
      },
      bench.progress,
    );
    await Promise.all([server.stop(), bare.stop()]);
    const median = (name: keyof typeof costs) => shown(summarise(costs[name]).median, 'µs');
    return [
      {
        work: '(bare POST + ES256) / exchange, `POST /v1/access-tokens`',
        value: summarise(ratios(together(costs.bare, costs.signEs256), costs.es256)),
        budget: { floor: 0.6, goal: 0.8, better: 'more' },
        costs: { 'bare POST': median('bare'), 'raw ES256': median('signEs256'), exchange: median('es256') },
      },
      {
        work: '(bare POST + ES256) / client credentials, `POST /oauth/token`',
        value: summarise(ratios(together(costs.bare, costs.signEs256), costs.oauth)),
        budget: { floor: 0.6, goal: 0.8, better: 'more' },
        costs: { 'bare POST': median('bare'), 'raw ES256': median('signEs256'), exchange: median('oauth') },
      },
      {
        work: '(bare POST + RS256) / exchange, `POST /api/login_refresh`',
        value: summarise(ratios(together(costs.bare, costs.signRs256), costs.rs256)),
        budget: { floor: 0.9, goal: 0.96, better: 'more' },
        costs: { 'bare POST': median('bare'), 'raw RS256': median('signRs256'), exchange: median('rs256') },
      },
      {
        work: 'bare POST / sealed exchange, `POST /api/v1/authorize`',
        value: summarise(ratios(costs.bare, costs.sealed)),
        budget: { floor: 0.5, goal: 0.7, better: 'more' },
        costs: { 'bare POST': median('bare'), exchange: median('sealed'), 'of it raw AES-256-GCM': median('gcm') },
      },
    ];
  },
};
