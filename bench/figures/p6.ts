// P6: a credential that was presented to someone else, verified for them, and an access token introspected.

import { costsWithLateWork, requestCost, startBare } from '../contestant.ts';
import { type Figure, shown } from '../figure.ts';
import { startDemo } from '../keyward.ts';
import { drive } from '../load.ts';
import { guardToken, jwtsEs256, setLimit, signIn } from '../owner.ts';
import { ratios, summarise } from '../ratio.ts';
import { interleave } from '../rounds.ts';
import { storedTokens } from '../stored-tokens.ts';
import { firstTokens } from '../tokens.ts';
import { bareLongPost, barePost, introspect, scaled, verify } from '../works.ts';

const stored = 1000;

export const p6: Figure = {
  title: 'verifying and introspecting for someone else',
  method:
    'CPU of bare node:http that reads a small JSON body and answers 100 bytes, over the CPU of `POST /v1/verify`: 1,000 tokens, limits included, 64 connections, late work too. The answer holds the principal and the limit, some 500 bytes. Introspection (`POST /oauth/introspect`, a bearer asks): 1,000 JWTs signed ES256, over bare node:http that reads as long a body.',
  async measure(bench) {
    const { server, demo } = await startDemo(bench, await storedTokens(bench, stored));
    const owner = await signIn(server.url, demo);
    await setLimit(owner);
    const bare = await startBare('post');
    const guard = await guardToken(owner);
    const work = scaled(bench, verify(guard, firstTokens(stored)));
    const asked = scaled(bench, introspect(guard, await jwtsEs256(server.url, demo, stored)));
    await drive({ ...work, url: server.url });
    await drive({ ...asked, url: server.url });
    const costOf = costsWithLateWork(server);
    const costs = await interleave(
      { rounds: bench.rounds, warmUps: 3 },
      {
        bare: () => requestCost(bare, scaled(bench, barePost)),
        verify: () => costOf(work),
        long: () => requestCost(bare, scaled(bench, bareLongPost)),
        introspect: () => costOf(asked),
      },
      bench.progress,
    );
    await Promise.all([server.stop(), bare.stop()]);
    const median = (name: keyof typeof costs) => shown(summarise(costs[name]).median, 'µs');
    return [
      {
        work: 'bare POST / `POST /v1/verify`',
        value: summarise(ratios(costs.bare, costs.verify)),
        budget: { floor: 0.65, goal: 0.85, better: 'more' },
        costs: { 'bare POST': median('bare'), verify: median('verify') },
      },
      {
        work: 'bare POST / `POST /oauth/introspect`',
        value: summarise(ratios(costs.long, costs.introspect)),
        budget: { floor: 0.6, goal: 0.75, better: 'more' },
        costs: { 'bare POST': median('long'), introspect: median('introspect') },
      },
    ];
  },
};
