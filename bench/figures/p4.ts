// P4: a JWT checked by the SDK in the process of the API itself: for the first time, and again.

import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { runScript } from '../contestant.ts';
import type { Task } from '../contestants/verifier.ts';
import { type Figure, shown } from '../figure.ts';
import { startDemo } from '../keyward.ts';
import { guardToken, jwtsEs256, jwtsRs256, setLimit, signIn } from '../owner.ts';
import { ratios, summarise } from '../ratio.ts';

/** All of an algorithm's must find room among the texts that a verifier remembers, and so must those that come again. */
const mostJwts = 10_000;
const mostAgain = 9000;
/** Each check is long, so it is late that the engine has seen enough of them. */
const warmUps = 10;

type First = Record<'raw' | 'first', number[]>;
type Again = Record<'mapGet' | 'again', number[]>;

export const p4: Figure = {
  title: 'checking a JWT in process',
  method:
    'CPU of `verifier.verifySync(jwt)` of JWTs that Keyward has made, each for the first time, over that of `crypto.verify` on the same bytes, a process for each algorithm; and of any of some 9,000 JWTs again, over that of `Map.get`. Nothing is spent of a limit.',
  async measure(bench) {
    const { server, demo } = await startDemo(bench, join(bench.scratch, 'p4'));
    const owner = await signIn(server.url, demo);
    await setLimit(owner);
    const parts = bench.rounds + warmUps;
    const part = Math.max(10, Math.floor((mostJwts * bench.share) / parts));
    bench.progress('making JWTs');
    const made = {
      RS256: await jwtsRs256(server.url, demo, part * parts),
      ES256: await jwtsEs256(server.url, demo, part * parts),
    };
    const credential = await guardToken(owner);
    const run = async <T>(kind: 'first' | 'again', jwts: string[]): Promise<T> => {
      const calls = Math.round(1_000_000 * bench.share);
      const task: Task = {
        url: server.url,
        credential,
        rounds: bench.rounds,
        warmUps: kind === 'first' ? warmUps : 3,
        tokens: 0,
        few: 0,
        calls,
        jwts,
      };
      const file = join(bench.scratch, 'p4.json');
      writeFileSync(file, JSON.stringify(task));
      return runScript<T>('verifier.ts', kind, file);
    };
    bench.progress('all rounds');
    const firsts = { RS256: await run<First>('first', made.RS256), ES256: await run<First>('first', made.ES256) };
    const some = Math.max(10, Math.floor((mostAgain / 2) * bench.share));
    const again = await run<Again>('again', [...made.RS256.slice(0, some), ...made.ES256.slice(0, some)]);
    await server.stop();
    const median = (costs: number[], unit: 'µs' | 'ns') =>
      shown(summarise(costs).median / (unit === 'µs' ? 1000 : 1), unit);
    const first = (algorithm: 'ES256' | 'RS256') => ({
      work: `first sight of a JWT, ${algorithm} / raw signature check`,
      value: summarise(ratios(firsts[algorithm].first, firsts[algorithm].raw)),
      budget: { floor: 1.25, goal: 1.1, better: 'less' } as const,
      costs: {
        'first sight': median(firsts[algorithm].first, 'µs'),
        'crypto.verify': median(firsts[algorithm].raw, 'µs'),
      },
    });
    return [
      first('RS256'),
      first('ES256'),
      {
        work: 'a JWT again / `Map.get`',
        value: summarise(ratios(again.again, again.mapGet)),
        budget: { floor: 6, goal: 3, better: 'less' },
        costs: { again: median(again.again, 'ns'), 'Map.get': median(again.mapGet, 'ns') },
      },
    ];
  },
};
