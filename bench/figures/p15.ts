// P15: whether a limit is kept to the call: by one process under parallel calls, and by four nodes on one PostgreSQL.

import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { generateSealingKeys } from '../../server/src/core/sealer.ts';
import { startPostgres } from '../../test/postgres.ts';
import type { Contestant } from '../contestant.ts';
import { type Figure, shown } from '../figure.ts';
import { type Bench, type Demo, startDemo } from '../keyward.ts';
import { drive } from '../load.ts';
import { setLimit, signIn } from '../owner.ts';
import { summarise } from '../ratio.ts';
import { check, scaled } from '../works.ts';

const nodeCount = 4;
/** Until every node knows of a new plan: twice what a node may take to hear of a change. */
const heardMs = 1000;
const passes = 40;

export const p15: Figure = {
  title: 'limits kept',
  method:
    'Calls that `GET /v1/check` let in, over the limit of the plan (a new plan in each round, an hour long). One process on SQLite: 64 connections ask twice as often as the limit allows. Four nodes on one PostgreSQL, 16 connections each: they go on until no node lets in any more. Processor time is not measured.',
  async measure(bench) {
    const one = await ofOneProcess(bench);
    const four = await ofFourNodes(bench);
    return [
      {
        work: 'one process, 64 in parallel: admitted / limit',
        value: summarise(one.shares),
        digits: 4,
        budget: { floor: 1, goal: 1, better: 'more' },
        costs: { limit: String(one.limit) },
      },
      {
        work: 'one process: the most admitted in any round / limit',
        value: summarise([Math.max(...one.shares)]),
        digits: 4,
        budget: { floor: 1, goal: 1, better: 'less' },
        costs: { limit: String(one.limit) },
      },
      {
        work: 'four nodes: admitted / limit',
        value: summarise(four.shares),
        digits: 4,
        budget: { floor: 0, goal: 0.99, better: 'more' },
        costs: { limit: String(four.limit), 'asked in all': shown(summarise(four.asked).median, 'calls') },
      },
      {
        work: 'four nodes: the most admitted in any round / limit',
        value: summarise([Math.max(...four.shares)]),
        digits: 4,
        budget: { floor: 1, goal: 1, better: 'less' },
        costs: { limit: String(four.limit) },
      },
    ];
  },
};

interface Kept {
  limit: number;
  /** One for each round. */
  shares: number[];
  asked: number[];
}

async function ofOneProcess(bench: Bench): Promise<Kept> {
  const { server, demo } = await startDemo(bench, join(bench.scratch, 'p15'));
  const owner = await signIn(server.url, demo);
  const { requests: limit } = scaled(bench, { requests: 10_000 });
  const shares: number[] = [];
  for (let round = 0; round < bench.rounds; round += 1) {
    bench.progress(`one process, round ${round + 1} of ${bench.rounds}`);
    await setLimit(owner, limit, `one-${round}`);
    shares.push((await admitted(server, demo, 2 * limit, 64)) / limit);
  }
  await server.stop();
  return { limit, shares, asked: shares.map(() => 2 * limit) };
}

async function ofFourNodes(bench: Bench): Promise<Kept> {
  const postgres = await startPostgres({ isDurable: true });
  const nodes: Contestant[] = [];
  try {
    const environment = { KEYWARD_DATABASE: await postgres.createDatabase(), KEYWARD_SECRETS: generateSealingKeys() };
    const folder = join(bench.scratch, 'p15-nodes');
    mkdirSync(folder);
    // They share the folder of the demo's credentials, which is all that is in it.
    const { server: first, demo } = await startDemo(bench, folder, { environment });
    nodes.push(first);
    while (nodes.length < nodeCount) nodes.push((await startDemo(bench, folder, { environment })).server);
    const owner = await signIn(first.url, demo);
    const { requests: limit } = scaled(bench, { requests: 20_000 });
    const kept: Kept = { limit, shares: [], asked: [] };
    for (let round = 0; round < bench.rounds; round += 1) {
      bench.progress(`four nodes, round ${round + 1} of ${bench.rounds}`);
      await setLimit(owner, limit, `four-${round}`);
      await pause(heardMs);
      const some = Math.ceil(limit / nodeCount);
      const calls = await untilNoneIsAdmitted(nodes, demo, some);
      kept.shares.push(calls.admitted / limit);
      kept.asked.push(calls.asked);
    }
    return kept;
  } finally {
    await Promise.all(nodes.map((node) => node.stop()));
    await postgres.stop();
  }
}

/** Asks all nodes at once for `some` calls each, again and again, until three passes in a row let in nothing. */
async function untilNoneIsAdmitted(nodes: readonly Contestant[], demo: Demo, some: number) {
  const calls = { admitted: 0, asked: 0 };
  for (let pass = 0, without = 0; pass < passes && without < 3; pass += 1) {
    const share = pass === 0 ? some : Math.ceil(some / 4);
    const all = await Promise.all(nodes.map((node) => admitted(node, demo, share, 16)));
    const sum = all.reduce((total, one) => total + one, 0);
    calls.admitted += sum;
    calls.asked += share * nodes.length;
    without = sum === 0 ? without + 1 : 0;
    await pause(200);
  }
  return calls;
}

async function admitted({ url }: Contestant, { parsers }: Demo, requests: number, connections: number) {
  const { statuses } = await drive({ ...check([parsers.apiKey]), url, status: [200, 429], requests, connections });
  return statuses.get(200) ?? 0;
}
