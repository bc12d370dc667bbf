// P9: what it costs to say no: to tokens that nobody has, and to what is no token at all.

import { existsSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { type Contestant, requestCost, untilIdle } from '../contestant.ts';
import { type Figure, type Row, shown } from '../figure.ts';
import { type Bench, startDemo } from '../keyward.ts';
import { drive } from '../load.ts';
import { setLimit, signIn } from '../owner.ts';
import { ratios, type Summary, summarise } from '../ratio.ts';
import { interleave } from '../rounds.ts';
import { storedTokens } from '../stored-tokens.ts';
import { firstTokens, unknownToken } from '../tokens.ts';
import { check, refusedCheck, scaled } from '../works.ts';

const stored = 1000;
const counter = fileURLToPath(new URL('../contestants/count-statements.js', import.meta.url));

export const p9: Figure = {
  title: 'refusing what is no credential',
  method:
    'CPU of a refused `GET /v1/check` over that of one which lets in (1,000 tokens stored, limits included). Unknown: another token in each request, of the right shape and with the right checksum. Garbage: a wrong checksum, random text and a JWT that is none, in turn. Statements and log lines are counted in a server of their own: those while it refuses, less those of as long a time in which nobody asks (it reads its journal every second, whoever calls), to four digits.',
  async measure(bench) {
    const folder = await storedTokens(bench, stored);
    const { server, demo } = await startDemo(bench, folder);
    await setLimit(await signIn(server.url, demo));
    await untilIdle(server);
    const valid = scaled(bench, check(firstTokens(stored)));
    const { requests } = valid;
    let made = 0;
    const unknown = () => {
      made += requests;
      return Array.from({ length: requests }, (_, index) => unknownToken(made + index));
    };
    const costs = await interleave(
      { rounds: bench.rounds, warmUps: 3 },
      {
        valid: () => requestCost(server, valid),
        unknown: () => requestCost(server, { ...valid, ...refusedCheck(unknown()), requests }),
        garbage: () => requestCost(server, { ...valid, ...refusedCheck(garbage(requests)), requests }),
      },
      bench.progress,
    );
    await server.stop();
    const counted = await countWhileRefusing(bench, folder, requests);
    const median = (name: keyof typeof costs) => shown(summarise(costs[name]).median, 'µs');
    const none = { floor: 0, goal: 0, better: 'less' } as const;
    return [
      {
        work: 'an unknown token / a valid one',
        value: summarise(ratios(costs.unknown, costs.valid)),
        budget: { floor: 1.1, goal: 1, better: 'less' },
        costs: { unknown: median('unknown'), valid: median('valid') },
      },
      {
        work: 'garbage / a valid token',
        value: summarise(ratios(costs.garbage, costs.valid)),
        budget: { floor: 0.9, goal: 0.8, better: 'less' },
        costs: { garbage: median('garbage'), valid: median('valid') },
      },
      perRequest('SQL statements per garbage token', counted.statements, none),
      perRequest('log lines per garbage token', counted.lines, none),
      perRequest('SQL statements per unknown token', counted.statementsOfUnknown),
    ];
  },
};

function garbage(count: number): string[] {
  const kinds = [
    (token: string) => `${token.slice(0, -6)}${token.endsWith('aaaaaa') ? 'bbbbbb' : 'aaaaaa'}`,
    (token: string) => token.slice(26).repeat(2),
    (token: string) => `${token}.${token}.${token}`,
  ];
  return Array.from({ length: count }, (_, index) => {
    const token = unknownToken(Math.floor(Math.random() * 2 ** 40));
    return kinds[index % kinds.length]?.(token) ?? token;
  });
}

interface Counted {
  statements: Summary;
  statementsOfUnknown: Summary;
  lines: Summary;
}

async function countWhileRefusing(bench: Bench, folder: string, requests: number): Promise<Counted> {
  const file = join(bench.scratch, 'statements');
  const { server } = await startDemo(bench, folder, {
    node: ['--import', pathToFileURL(counter).href],
    environment: { BENCH_STATEMENTS: file },
  });
  await untilIdle(server);
  if ((await statementsOf(server, file)) === 0)
    throw new Error('No statement was counted, not even those of the start.');
  const counted = { statements: [] as number[], statementsOfUnknown: [] as number[], lines: [] as number[] };
  /** What comes of a load beyond what comes of nothing; to the digits that are shown. */
  const because = async (credentials: string[]) => {
    const began = performance.now();
    const before = { statements: await statementsOf(server, file), lines: server.lines() };
    await drive({ ...refusedCheck(credentials), url: server.url, requests });
    const after = { statements: await statementsOf(server, file), lines: server.lines() };
    await pause(performance.now() - began);
    const idle = {
      statements: (await statementsOf(server, file)) - after.statements,
      lines: server.lines() - after.lines,
    };
    const each = (name: 'statements' | 'lines') =>
      Math.round(((after[name] - before[name] - idle[name]) / requests) * 10_000) / 10_000;
    return { statements: each('statements'), lines: each('lines') };
  };
  for (let round = 0; round < bench.rounds; round += 1) {
    const ofGarbage = await because(garbage(requests));
    counted.statements.push(ofGarbage.statements);
    counted.lines.push(ofGarbage.lines);
    const unknown = Array.from({ length: requests }, (_, index) => unknownToken(2 ** 41 + round * requests + index));
    counted.statementsOfUnknown.push((await because(unknown)).statements);
  }
  await server.stop();
  return {
    statements: summarise(counted.statements),
    statementsOfUnknown: summarise(counted.statementsOfUnknown),
    lines: summarise(counted.lines),
  };
}

async function statementsOf({ pid }: Contestant, file: string): Promise<number> {
  rmSync(file, { force: true });
  process.kill(pid, 'SIGUSR2');
  while (!existsSync(file)) await pause(5);
  return Number(readFileSync(file, 'utf8'));
}

function perRequest(work: string, value: Summary, budget?: Row['budget']): Row {
  return { work, value, digits: 4, ...(budget !== undefined && { budget }), costs: {} };
}
