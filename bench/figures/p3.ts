// P3: an API token checked by the SDK in the process of the API itself, without waiting for anything.

import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { runScript } from '../contestant.ts';
import type { Task } from '../contestants/verifier.ts';
import { type Figure, shown } from '../figure.ts';
import { startDemo } from '../keyward.ts';
import { guardToken, setLimit, signIn } from '../owner.ts';
import { ratios, summarise } from '../ratio.ts';
import { storedTokens } from '../stored-tokens.ts';

/** As many as a verifier remembers, and those of them whose text it remembers, by default. */
const remembered = 100_000;
const rememberedByText = 10_000;

type Costs = Record<'seen' | 'mapGetFew' | 'hashed' | 'hash' | 'mapGet', number[]>;

export const p3: Figure = {
  title: 'checking an API token in process',
  method:
    "CPU of `verifier.verifySync(token)`, limit spent from a lease, in a process that follows a real Keyward, over that of `Map.get` (seen before: any of 10,000 tokens, which the verifier remembers by their text) and of one `crypto.hash('sha256', token)` (any of 100,000, of which nine in ten are found by their hash). Lots of 20,000 calls; between them the feed is heard.",
  async measure(bench) {
    const scale = (count: number) => Math.max(200, Math.round(count * bench.share));
    const [tokens, few] = [scale(remembered), scale(rememberedByText)];
    const { server, demo } = await startDemo(bench, await storedTokens(bench, tokens));
    const owner = await signIn(server.url, demo);
    await setLimit(owner);
    const task: Omit<Task, 'jwts'> = {
      url: server.url,
      credential: await guardToken(owner),
      rounds: bench.rounds,
      warmUps: 3,
      tokens,
      few,
      calls: scale(400_000),
    };
    const file = join(bench.scratch, 'p3.json');
    writeFileSync(file, JSON.stringify(task));
    bench.progress('learning tokens, then all rounds');
    const costs = await runScript<Costs>('verifier.ts', 'tokens', file);
    await server.stop();
    const median = (name: keyof Costs) => shown(summarise(costs[name]).median, 'ns');
    return [
      {
        work: 'seen before / `Map.get`',
        value: summarise(ratios(costs.seen, costs.mapGetFew)),
        budget: { floor: 8, goal: 5.5, better: 'less' },
        costs: { 'seen before': median('seen'), 'Map.get': median('mapGetFew') },
      },
      {
        work: 'through the hash / `crypto.hash`',
        value: summarise(ratios(costs.hashed, costs.hash)),
        budget: { floor: 2.2, goal: 1.8, better: 'less' },
        costs: {
          'through the hash': median('hashed'),
          'crypto.hash': median('hash'),
          'Map.get among as many': median('mapGet'),
        },
      },
    ];
  },
};
