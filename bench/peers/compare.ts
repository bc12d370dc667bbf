// Peers and Keyward in one run, interleaved: what each spends on a request, as rows. It starts Keyward and bare node:http
// only; the peers are there already, and whoever started them ends them.

import { costsWithLateWork, startBare } from '../contestant.ts';
import { type Row, shown } from '../figure.ts';
import { type Bench, startDemo } from '../keyward.ts';
import { drive } from '../load.ts';
import { guardToken, jwtsEs256, jwtsRs256, setLimit, signIn } from '../owner.ts';
import { ratios, summarise } from '../ratio.ts';
import { interleave } from '../rounds.ts';
import { storedTokens } from '../stored-tokens.ts';
import { firstTokens } from '../tokens.ts';
import { bareGet, check, clientCredentials, introspect, scaled, type Work } from '../works.ts';
import { credentials, type OwnWork, ownWorks, type Peer } from './peer.ts';

/** Rows of all peers, those with marks first. */
export async function compare(bench: Bench, peers: readonly Peer[]): Promise<Row[]> {
  const { server, demo } = await startDemo(bench, await storedTokens(bench, credentials));
  const owner = await signIn(server.url, demo);
  await setLimit(owner);
  const bare = await startBare('get');
  // The server that has just checked tokens does the others too; what it puts off is little with a thousand of them.
  const own: Readonly<Record<OwnWork, Work>> = {
    token: check(firstTokens(credentials)),
    jwt: check(await jwtsRs256(server.url, demo, credentials)),
    grant: clientCredentials(demo),
    introspection: introspect(await guardToken(owner), await jwtsEs256(server.url, demo, credentials)),
  };
  const needed = new Set(peers.flatMap(({ against }) => against.map((one) => one.own)));
  for (const { name, contestant, work, warmUp } of peers) {
    if (warmUp === undefined) continue;
    bench.progress(`warming up: ${name}`);
    await drive({ ...scaled(bench, { ...work, requests: warmUp }), url: contestant.url });
  }
  const [ownCost, bareCost] = [costsWithLateWork(server), costsWithLateWork(bare)];
  const samples = peers.map(({ name, contestant, work }) => {
    const costOf = costsWithLateWork(contestant);
    return [name, () => costOf(scaled(bench, work))] as const;
  });
  const costs: Readonly<Record<string, number[]>> = await interleave(
    { rounds: bench.rounds, warmUps: 3 },
    {
      bare: () => bareCost(scaled(bench, bareGet)),
      ...Object.fromEntries([...needed].map((one) => [one, () => ownCost(scaled(bench, own[one]))])),
      ...Object.fromEntries(samples),
    },
    bench.progress,
  );
  await Promise.all([server.stop(), bare.stop()]);
  const rows = peers.flatMap((peer) => peer.against.map((one) => rowOf(peer.name, one, costs)));
  return rows.toSorted((a, b) => Number(a.budget === undefined) - Number(b.budget === undefined));
}

function rowOf(
  name: string,
  { own, marks }: Peer['against'][number],
  costs: Readonly<Record<string, readonly number[]>>,
): Row {
  const of = (contestant: string) => costs[contestant] ?? [];
  const median = (contestant: string) => shown(summarise(of(contestant)).median, 'µs');
  return {
    work: `${name} / ${ownWorks[own]}`,
    value: summarise(ratios(of(name), of(own))),
    ...(marks !== undefined && { budget: { floor: marks[0], goal: marks[1], better: 'more' } }),
    costs: { other: median(name), Keyward: median(own), 'bare GET': median('bare') },
  };
}
