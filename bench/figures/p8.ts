// P8: what many stored tokens cost a check, a list and the memory, and how many the index of digests holds.

import { type Contestant, costsWithLateWork, runScript, untilIdle } from '../contestant.ts';
import { residentBytes } from '../cpu.ts';
import { type Figure, type Row, shown } from '../figure.ts';
import { type Bench, startDemo } from '../keyward.ts';
import { drive } from '../load.ts';
import { type Owner, setLimit, signIn } from '../owner.ts';
import { ratios, summarise } from '../ratio.ts';
import { interleave } from '../rounds.ts';
import { storedTokens } from '../stored-tokens.ts';
import { anyTokens } from '../tokens.ts';
import { check, listTokens, scaled, type Work } from '../works.ts';

const few = 1000;
const inUse = 100_000;
/** So many that a round takes as long as it takes until last uses are written: each round then holds that work once. */
const [forMany, forAll] = [100_000, 40_000] as const;
/** More than a Map can hold. */
const mostDigests = 17_000_000;

interface Size {
  name: string;
  count: number;
  check: NonNullable<Row['budget']>;
  /** Of one that is seen for the first time. */
  first: NonNullable<Row['budget']>;
  bytes: NonNullable<Row['budget']>;
}

const less = 'less' as const;
const million: Size = {
  name: '1M',
  count: 1_000_000,
  check: { floor: 1.6, goal: 1.1, better: less },
  first: { floor: 4, goal: 2.5, better: less },
  bytes: { floor: 150, goal: 80, better: less },
};
const tenMillion: Size = {
  name: '10M',
  count: 10_000_000,
  check: { floor: 2.5, goal: 1.3, better: less },
  first: { floor: 7, goal: 4, better: less },
  bytes: { floor: 120, goal: 50, better: less },
};

export const p8: Figure = {
  title: 'many tokens',
  method:
    'CPU of `GET /v1/check` with so many tokens stored over that with 1,000, which are all in use; late work included. `a thousand in use`: any of a thousand of them; `100,000 in use`: any of as many; `any of all`: each request with any that is stored, so that nearly all are seen for the first time. Memory: resident when the index of digests is complete, beyond that with 1,000, for each token; then the same after all the checks. 10M only with `--big`: making them takes minutes, once, and 8 GB of the temporary folder.',
  async measure(bench) {
    const small = await startWith(bench, Math.min(few, scaledCount(bench, million.count)));
    const rows: Row[] = [];
    for (const size of bench.big ? [million, tenMillion] : [million]) {
      rows.push(...(await measureSize(bench, small, { ...size, count: scaledCount(bench, size.count) })));
    }
    await small.server.stop();
    return [...rows, ...(await digestIndex(bench))];
  },
};

interface Stored {
  server: Contestant;
  owner: Owner;
  tokens: string[];
  bytes: number;
  costOf: ReturnType<typeof costsWithLateWork>;
}

async function startWith(bench: Bench, count: number): Promise<Stored> {
  const folder = await storedTokens(bench, count);
  const { server, demo } = await startDemo(bench, folder);
  const owner = await signIn(server.url, demo);
  await setLimit(owner);
  bench.progress(`waiting for the index of ${count} tokens`);
  await untilIdle(server);
  const bytes = residentBytes(server.pid);
  return { server, owner, tokens: anyTokens(few, count), bytes, costOf: costsWithLateWork(server) };
}

async function measureSize(bench: Bench, small: Stored, { name, count, ...budgets }: Size): Promise<Row[]> {
  const great = await startWith(bench, count);
  const some = anyTokens(Math.min(inUse, count), count);
  const costOf = (stored: Stored, work: Work) => stored.costOf(scaled(bench, work));
  const freshly = () => ({
    ...check(anyTokens(scaled(bench, { requests: forAll }).requests, count), '', 'next'),
    requests: forAll,
  });
  const lists = { small: listTokens(small.owner.accessToken), great: listTokens(great.owner.accessToken) };
  const warm = (stored: Stored, work: Work) => drive({ ...work, url: stored.server.url });
  await warm(small, { ...check(small.tokens, '', 'next'), requests: few });
  await warm(great, { ...check(great.tokens, '', 'next'), requests: few });
  const round = { rounds: bench.rounds, warmUps: 2 };
  const costs = await interleave(
    round,
    {
      small: () => costOf(small, check(small.tokens)),
      thousand: () => costOf(great, check(great.tokens)),
      listSmall: () => costOf(small, lists.small),
      listGreat: () => costOf(great, lists.great),
    },
    bench.progress,
  );
  await warm(great, { ...check(some, '', 'next'), requests: some.length });
  const many = await interleave(
    round,
    {
      small: () => costOf(small, check(small.tokens)),
      inUse: () => costOf(great, { ...check(some), requests: forMany }),
    },
    bench.progress,
  );
  const all = await interleave(
    round,
    { small: () => costOf(small, check(small.tokens)), all: () => costOf(great, freshly()) },
    bench.progress,
  );
  const bytesAfter = residentBytes(great.server.pid);
  await great.server.stop();
  const median = (values: readonly number[], unit = 'µs') => shown(summarise(values).median, unit);
  const compared = (what: string, above: readonly number[], below: readonly number[], budget?: Row['budget']): Row => ({
    work: what,
    value: summarise(ratios(above, below)),
    ...(budget !== undefined && { budget }),
    costs: { [name]: median(above), '1,000': median(below) },
  });
  const perToken = (bytes: number) => summarise([Math.max(0, bytes - small.bytes) / count]);
  return [
    compared(`check with ${name} stored, a thousand in use / with 1,000`, costs.thousand, costs.small, budgets.check),
    compared(`check with ${name} stored, 100,000 in use / with 1,000`, many.inUse, many.small, budgets.check),
    compared(`check with ${name} stored, any of all / with 1,000`, all.all, all.small, budgets.first),
    compared(`list page with ${name} stored / with 1,000`, costs.listGreat, costs.listSmall, {
      floor: 2,
      goal: 1.5,
      better: less,
    }),
    {
      work: `memory per token with ${name} stored`,
      value: perToken(great.bytes),
      unit: 'B',
      budget: budgets.bytes,
      costs: { all: shown(great.bytes / 1e6, 'MB'), 'with 1,000': shown(small.bytes / 1e6, 'MB') },
    },
    {
      work: `the same after these checks, with what is remembered of them`,
      value: perToken(bytesAfter),
      unit: 'B',
      costs: { all: shown(bytesAfter / 1e6, 'MB') },
    },
  ];
}

/** The index alone, in a process of its own. */
async function digestIndex(bench: Bench): Promise<Row[]> {
  const count = scaledCount(bench, mostDigests);
  bench.progress('filling the index of digests');
  const result = await runScript<{ held: number; bytes: number; addNs: number; findNs: number; fewFindNs: number }>(
    'digest-index.ts',
    String(count),
  );
  return [
    {
      work: `digests that the index holds, of ${count} / all`,
      value: summarise([result.held / count]),
      digits: 6,
      budget: { floor: 1, goal: 1, better: 'more' },
      costs: {
        'memory of each': shown(result.bytes / count, 'B'),
        'adding one': shown(result.addNs, 'ns'),
        'looking for one': shown(result.findNs, 'ns'),
        'among 1,000': shown(result.fewFindNs, 'ns'),
      },
    },
  ];
}

function scaledCount({ share }: Bench, count: number): number {
  return Math.max(few, Math.round(count * share));
}
