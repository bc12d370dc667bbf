// P4: a JWT checked by the SDK in the process of the API itself: for the first time, and again.

import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { runScript } from '../contestant.ts';
import type { Task } from '../contestants/verifier.ts';
import { type Figure, shown } from '../figure.ts';
import { startDemo } from '../keyward.ts';
import { guardToken, jwtsEs256, jwtsRs256, setLimit, signIn } from '../owner.ts';
import { ratios, summarise } from '../ratio.ts';

/** All of an algorithm's must find room among the texts that a verifier remembers, and so must those of both again. */
const mostJwts = 10_000;
const mostAgain = 4500;
const warmUps = 3;

type Costs = Record<'rawES256' | 'ES256' | 'rawRS256' | 'RS256' | 'mapGet' | 'again', number[]>;

export const p4: Figure = {
  title: 'checking a JWT in process',
  method:
    'CPU of `verifier.verifySync(jwt)` of JWTs that Keyward has made, each for the first time, over that of `crypto.verify` on the same bytes; and of any of some 9,000 JWTs again, over that of `Map.get`. Nothing is spent of a limit.',
  async measure(bench) {
    const { server, demo } = await startDemo(bench, join(bench.scratch, 'p4'));
    const owner = await signIn(server.url, demo);
    await setLimit(owner);
    const parts = bench.rounds + warmUps;
    const part = Math.max(10, Math.floor((mostJwts * bench.share) / parts));
    bench.progress('making JWTs');
    const task: Task = {
      url: server.url,
      credential: await guardToken(owner),
      rounds: bench.rounds,
      tokens: 0,
      few: 0,
      calls: Math.round(1_000_000 * bench.share),
      again: Math.max(10, Math.floor(mostAgain * bench.share)),
      jwts: {
        ES256: await jwtsEs256(server.url, demo, part * parts),
        RS256: await jwtsRs256(server.url, demo, part * parts),
      },
    };
    const file = join(bench.scratch, 'p4.json');
    writeFileSync(file, JSON.stringify(task));
    bench.progress('all rounds');
    const costs = await runScript<Costs>('verifier.ts', 'jwts', file);
    await server.stop();
    const median = (name: keyof Costs, unit: 'µs' | 'ns') =>
      shown(summarise(costs[name]).median / (unit === 'µs' ? 1000 : 1), unit);
    const first = (algorithm: 'ES256' | 'RS256') => ({
      work: `first sight of a JWT, ${algorithm} / raw signature check`,
      value: summarise(ratios(costs[algorithm], costs[`raw${algorithm}`])),
      budget: { floor: 1.25, goal: 1.1, better: 'less' } as const,
      costs: { 'first sight': median(algorithm, 'µs'), 'crypto.verify': median(`raw${algorithm}`, 'µs') },
    });
    return [
      first('RS256'),
      first('ES256'),
      {
        work: 'a JWT again / `Map.get`',
        value: summarise(ratios(costs.again, costs.mapGet)),
        budget: { floor: 6, goal: 3, better: 'less' },
        costs: { again: median('again', 'ns'), 'Map.get': median('mapGet', 'ns') },
      },
    ];
  },
};
