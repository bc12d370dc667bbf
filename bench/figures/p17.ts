// P17: what several limits cost a check, and what many organizations cost the SDK's verifier.

import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Contestant, costsWithLateWork, runScript } from '../contestant.ts';
import type { Task } from '../contestants/verifier.ts';
import { type Figure, type Row, shown } from '../figure.ts';
import { type Bench, startDemo } from '../keyward.ts';
import { drive } from '../load.ts';
import { guardToken, type Limit, setLimit, setLimits, signIn } from '../owner.ts';
import { ratios, summarise } from '../ratio.ts';
import { interleave } from '../rounds.ts';
import { storedTokens } from '../stored-tokens.ts';
import { firstTokens } from '../tokens.ts';
import { check, scaled } from '../works.ts';

const stored = 1000;
const organizations = 10_000;
const billion = 1_000_000_000;
const [minuteMs, hourMs, dayMs] = [60_000, 3_600_000, 24 * 3_600_000];

/** As docs/limits.md has them: so many a minute for each token, beside an hour's and a month's for all of them. */
const threeLimits: readonly Limit[] = [
  { limit: billion, windowMs: minuteMs, per: 'api_token' },
  { limit: billion, windowMs: hourMs, per: 'organization' },
  { limit: billion, windowMs: 30 * dayMs, per: 'organization' },
];

export const p17: Figure = {
  title: 'several limits, many organizations',
  method:
    "CPU of `GET /v1/check` under a plan with three limits (per token and minute, per organization and hour, per organization and 30 days) over that under one: 1,000 tokens, 64 connections, late work too. And of `verifier.verifySync(token)`, as in P3, of any of 10,000 tokens that are each of another organization, with a lease of each one's budget, over that of as many of one organization. Memory: what the verifier holds for each of the 10,000 once it knows them and has leased for them, the one credential of each included, after a collection of garbage.",
  measure: async (bench) => [...(await ofLimits(bench)), ...(await ofOrganizations(bench))],
};

async function ofLimits(bench: Bench): Promise<Row[]> {
  const begin = async (limits?: readonly Limit[]): Promise<Contestant> => {
    const { server, demo } = await startDemo(bench, await storedTokens(bench, stored));
    const owner = await signIn(server.url, demo);
    await (limits === undefined ? setLimit(owner) : setLimits(owner, limits));
    await drive({ ...check(firstTokens(stored), '', 'next'), url: server.url, requests: stored });
    return server;
  };
  const [one, three] = [await begin(), await begin(threeLimits)];
  const work = scaled(bench, check(firstTokens(stored)));
  const costOf = { one: costsWithLateWork(one), three: costsWithLateWork(three) };
  const costs = await interleave(
    { rounds: bench.rounds, warmUps: 3 },
    { one: () => costOf.one(work), three: () => costOf.three(work) },
    bench.progress,
  );
  await Promise.all([one.stop(), three.stop()]);
  const median = (name: keyof typeof costs) => shown(summarise(costs[name]).median, 'µs');
  return [
    {
      work: 'check with three limits / with one',
      value: summarise(ratios(costs.three, costs.one)),
      budget: { floor: 1.25, goal: 1.15, better: 'less' },
      costs: { three: median('three'), one: median('one') },
    },
  ];
}

interface OrganizationCosts {
  one: number[];
  many: number[];
  bytes: { one: number; many: number };
}

async function ofOrganizations(bench: Bench): Promise<Row[]> {
  const scale = (count: number) => Math.max(200, Math.round(count * bench.share));
  const few = scale(organizations);
  const { server, demo } = await startDemo(bench, await storedTokens(bench, 2 * few, few));
  const owner = await signIn(server.url, demo);
  await setLimit(owner);
  const task: Omit<Task, 'jwts' | 'tokens'> = {
    url: server.url,
    credential: await guardToken(owner),
    rounds: bench.rounds,
    warmUps: 3,
    few,
    calls: scale(400_000),
  };
  const file = join(bench.scratch, 'p17.json');
  writeFileSync(file, JSON.stringify(task));
  bench.progress('learning tokens, then all rounds');
  const costs = await runScript<OrganizationCosts>('verifier.ts', 'organizations', file);
  await server.stop();
  const median = (name: 'one' | 'many') => shown(summarise(costs[name]).median, 'ns');
  return [
    {
      work: `SDK verifier with ${few} organizations in use / with one`,
      value: summarise(ratios(costs.many, costs.one)),
      budget: { floor: 1.4, goal: 1.2, better: 'less' },
      costs: { many: median('many'), one: median('one') },
    },
    {
      work: 'memory per organization in it',
      value: summarise([costs.bytes.many]),
      unit: 'B',
      budget: { floor: 2000, goal: 1000, better: 'less' },
      costs: { 'a credential of one organization': shown(costs.bytes.one, 'B') },
    },
  ];
}
