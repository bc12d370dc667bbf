// P18: how long a change takes to reach ten thousand followers of one node, and what each of them keeps in memory.

import { connect, type Socket } from 'node:net';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import Sqlite from 'better-sqlite3';
import { residentBytes } from '../cpu.ts';
import { type Figure, shown } from '../figure.ts';
import { startDemo } from '../keyward.ts';
import { setLimit, setLimits, signIn } from '../owner.ts';
import { percentile, summarise } from '../ratio.ts';
import { storedTokens } from '../stored-tokens.ts';
import { tokenAt } from '../tokens.ts';

const followers = 10_000;
const organizations = 20;
const openedAtOnce = 50;
const heardWithinMs = 30_000;

interface Follower {
  socket: Socket;
  /** Resolves at the first byte of what is waited for, with `performance.now()`. */
  hears(text: string): Promise<number>;
}

export const p18: Figure = {
  title: 'followers of the feed',
  method:
    '10,000 connections over loopback that follow the feed of one node, 500 of each of 20 organizations. The time is from the request of a change that concerns every organization until each has read of it, the p99 of all of them in each round, their own work on the other core included. They acknowledge nothing. Memory: what is resident with all of them, after some heartbeats, beyond what was before, for each.',
  notes: ['Needs `ulimit -n 11000` or more, for the server and for the load.'],
  async measure(bench) {
    const count = Math.max(2 * organizations, Math.round(followers * bench.share));
    const folder = await storedTokens(bench, organizations, organizations);
    letFollow(folder);
    const { server, demo } = await startDemo(bench, folder);
    const owner = await signIn(server.url, demo);
    await setLimit(owner);
    const before = residentBytes(server.pid);
    const all: Follower[] = [];
    const p99s: number[] = [];
    const slowest: number[] = [];
    try {
      while (all.length < count) {
        bench.progress(`${all.length} of ${count} follow`);
        const some = Math.min(openedAtOnce, count - all.length);
        all.push(...(await Promise.all(Array.from({ length: some }, (_, at) => follow(server.url, all.length + at)))));
      }
      await Promise.all(all.map((one) => one.hears('event: heartbeat')));
      await pause(bench.share < 1 ? 0 : 5000);
      const bytes = (residentBytes(server.pid) - before) / count;
      for (let round = 1 - 2; round <= bench.rounds; round += 1) {
        bench.progress(round < 1 ? 'warming up' : `round ${round} of ${bench.rounds}`);
        const plan = `p18-${round + 1}-end`;
        const heard = all.map((one) => one.hears(`"id":"${plan}"`));
        const askedAt = performance.now();
        await setLimits(owner, [{ limit: 1_000_000_000, windowMs: 3_600_000, per: 'organization' }], plan);
        const times = Float64Array.from(await Promise.all(heard), (at) => at - askedAt);
        if (round < 1) continue;
        p99s.push(percentile(times, 99));
        slowest.push(percentile(times, 100));
      }
      return [
        {
          work: `a change to ${count} followers, p99`,
          value: summarise(p99s),
          unit: 'ms',
          budget: { floor: 1000, goal: 300, better: 'less' },
          costs: { 'the slowest of all': shown(summarise(slowest).median, 'ms') },
        },
        {
          work: 'memory per follower',
          value: summarise([bytes]),
          unit: 'B',
          budget: { floor: 100_000, goal: 60_000, better: 'less' },
          costs: { before: shown(before / 1e6, 'MB') },
        },
      ];
    } finally {
      for (const { socket } of all) socket.destroy();
      await server.stop();
    }
  },
};

/** The stored tokens are copies of one that follows nothing. */
function letFollow(folder: string): void {
  const db = new Sqlite(join(folder, 'keyward.db'));
  db.prepare('update api_tokens set permissions = ? where id >= ? and id < ?').run(
    JSON.stringify(['follow:feed']),
    '00000000-0000-4000-8000-000000000000',
    '00000000-0000-4000-8001-000000000000',
  );
  db.close();
}

/** Resolves once it is told where it begins. */
async function follow(url: string, number: number): Promise<Follower> {
  const { hostname, port, host } = new URL(url);
  const socket = connect({ host: hostname, port: Number(port), noDelay: true });
  let rest = '';
  let wanted: { text: string; heard(at: number): void; failed(error: Error): void } | null = null;
  socket.on('data', (chunk) => {
    const text = rest + chunk.toString('latin1');
    // What is waited for is shorter than this, and may be cut in two.
    rest = text.slice(-100);
    if (wanted === null || !text.includes(wanted.text)) return;
    rest = '';
    wanted.heard(performance.now());
    wanted = null;
  });
  const end = (why: string) => wanted?.failed(new Error(`A follower's connection ended: ${why || rest}`));
  socket.on('error', ({ message }) => end(message));
  socket.on('close', () => end(''));
  const hears = (text: string) =>
    new Promise<number>((heard, failed) => {
      wanted = { text, heard, failed };
      const timer = setTimeout(() => failed(new Error(`A follower did not hear ${text} in time.`)), heardWithinMs);
      const done = wanted.heard;
      wanted.heard = (at) => {
        clearTimeout(timer);
        done(at);
      };
    });
  const began = hears('event: hello');
  const query = `verifier=follower-${number}`;
  const authorization = `Bearer ${tokenAt(number % organizations)}`;
  socket.write(`GET /v1/feed?${query} HTTP/1.1\r\nhost: ${host}\r\nauthorization: ${authorization}\r\n\r\n`);
  await began;
  return { socket, hears };
}
