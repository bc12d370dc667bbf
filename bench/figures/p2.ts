// P2: what a proxy's question costs, asked directly and by nginx, and whether nginx keeps its connections.

import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { requestCost, startBare } from '../contestant.ts';
import { cpuTimes } from '../cpu.ts';
import { type Figure, type Row, shown } from '../figure.ts';
import { type Bench, startDemo } from '../keyward.ts';
import { drive } from '../load.ts';
import { hasNginx, startNginx, startRelay } from '../nginx.ts';
import { setLimit, signIn } from '../owner.ts';
import { ratios, summarise } from '../ratio.ts';
import { interleave } from '../rounds.ts';
import { storedTokens } from '../stored-tokens.ts';
import { firstTokens } from '../tokens.ts';
import { bareGet, forwardAuth, proxyAddress, scaled, type Work } from '../works.ts';

const stored = 1000;

export const p2: Figure = {
  title: 'forward-auth',
  method: `CPU of bare node:http answering 100 bytes over the CPU of \`/forward-auth\`, asked directly; and the CPU of nginx and bare node:http with an empty answer over that of the same nginx and Keyward, each set up as in \`examples/proxies/nginx.conf\`, with a file of 100 bytes in place of the API. 1,000 tokens, limits included, 64 connections.${hasNginx ? '' : ' nginx is not installed on this machine, so there is nothing about it.'}`,
  async measure(bench) {
    const { server, demo } = await startDemo(bench, await storedTokens(bench, stored), {
      flags: ['--trusted-proxies', proxyAddress],
    });
    await setLimit(await signIn(server.url, demo));
    const [bare, empty] = await Promise.all([startBare('get'), startBare('empty')]);
    const tokens = firstTokens(stored);
    const work = scaled(bench, forwardAuth(demo, tokens));
    const bareWork = scaled(bench, bareGet);
    const path = demo.parsers.guardedPath;
    const call: Work = { ...work, request: { ...work.request, path, headers: {} } };
    const proxy = await startProxy(bench, path, [server.url, empty.url]);
    const costs = await interleave(
      { rounds: bench.rounds, warmUps: 3 },
      {
        bare: () => requestCost(bare, bareWork),
        direct: () => requestCost(server, work),
        throughToBare: () => proxy?.cost(1, [empty.pid], call) ?? notMeasured(),
        throughToKeyward: () => proxy?.cost(0, [server.pid], call) ?? notMeasured(),
        connections: () =>
          proxy?.newConnections(2, { ...call, requests: Math.ceil(call.requests / 4) }) ?? notMeasured(),
      },
      bench.progress,
    );
    await proxy?.stop();
    await Promise.all([server.stop(), bare.stop(), empty.stop()]);
    const median = (name: keyof typeof costs) => shown(summarise(costs[name]).median, 'µs');
    const direct: Row = {
      work: 'bare GET / forward-auth, directly',
      value: summarise(ratios(costs.bare, costs.direct)),
      budget: { floor: 0.9, goal: 1, better: 'more' },
      costs: { 'bare GET': median('bare'), 'forward-auth': median('direct') },
    };
    if (proxy === null) return [direct];
    return [
      direct,
      {
        work: 'through nginx: bare node:http, empty / forward-auth',
        value: summarise(ratios(costs.throughToBare, costs.throughToKeyward)),
        budget: { floor: 0.75, goal: 0.9, better: 'more' },
        costs: { 'nginx and bare': median('throughToBare'), 'nginx and Keyward': median('throughToKeyward') },
      },
      {
        work: 'new connections from nginx to Keyward per 1,000 calls',
        value: summarise(costs.connections),
        budget: { floor: 0, goal: 0, better: 'less' },
        costs: {},
      },
    ];
  },
};

/** nginx in front of these, and of the first once more through a relay that counts connections; null without nginx. */
async function startProxy(bench: Bench, path: string, asked: readonly string[]) {
  if (!hasNginx) return null;
  const ports = asked.map((url) => Number(new URL(url).port));
  const relay = await startRelay(ports[0] ?? 0);
  const folder = join(bench.scratch, 'nginx');
  mkdirSync(folder);
  const nginx = await startNginx(folder, path, [...ports, relay.port]);
  const urlOf = (place: number) => nginx.urls[place] ?? '';
  return {
    /** Microseconds of CPU, of nginx and of whom it asks. */
    async cost(place: number, pids: readonly number[], work: Work): Promise<number> {
      const all = [nginx.pid, ...pids];
      const spent = () => all.reduce((sum, pid) => sum + cpuTimes(pid).own, 0);
      const before = spent();
      await drive({ ...work, url: urlOf(place) });
      return ((spent() - before) * 1000) / work.requests;
    },
    async newConnections(place: number, work: Work): Promise<number> {
      const before = relay.connections();
      await drive({ ...work, url: urlOf(place) });
      return ((relay.connections() - before) * 1000) / work.requests;
    },
    async stop() {
      await nginx.stop();
      relay.stop();
    },
  };
}

async function notMeasured(): Promise<number> {
  return Number.NaN;
}
