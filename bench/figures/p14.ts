// P14: the same work done by others, in the same run. Their packages are bench/package.json's and are installed by
// bench/start.js; nothing else of the bench needs them.

import { generateKeyPairSync } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { signCompact } from '@keyward/rules/jws';
import { costsWithLateWork, startBare, startScript } from '../contestant.ts';
import { type Figure, type Row, shown } from '../figure.ts';
import { type Bench, startDemo } from '../keyward.ts';
import { jwtsRs256, setLimit, signIn } from '../owner.ts';
import { ratios, summarise } from '../ratio.ts';
import { interleave } from '../rounds.ts';
import { storedTokens } from '../stored-tokens.ts';
import { firstTokens } from '../tokens.ts';
import { bareGet, check, scaled, type Work } from '../works.ts';

/** Keys or JWTs that each of them knows. */
const credentials = 1000;

export const p14: Figure = {
  title: 'what others cost',
  method:
    "CPU of the other over the CPU of Keyward's `GET /v1/check`, all of them over HTTP with an empty answer, 64 connections, late work included, 1,000 credentials. Against better-auth: API tokens. Against those that check JWTs: JWTs signed RS256, each seen before; the last three rows compare them with a check of an API token instead. better-auth 1.7 on bare node:http, with `verifyApiKey` and its limit, on SQLite (WAL, synchronous=OFF) and with its secondary storage in a Map; fastify with @fastify/jwt and @fastify/rate-limit by the user, its cache off and on; express with jsonwebtoken and no limit.",
  async measure(bench) {
    demandPeers();
    const tokens = firstTokens(credentials);
    const { server, demo } = await startDemo(bench, await storedTokens(bench, credentials));
    await setLimit(await signIn(server.url, demo));
    const others = await startPeers(bench);
    const bare = await startBare('get');
    const keywardJwts = await jwtsRs256(server.url, demo, credentials);
    const works = {
      bare: [bare, bareGet],
      token: [server, check(tokens)],
      // The server that has just checked tokens checks these too; what it puts off is little with a thousand of them.
      jwt: [server, check(keywardJwts)],
      betterAuthSqlite: [others.sqlite, peerWork(others.sqliteKeys, 600)],
      betterAuthMemory: [others.memory, peerWork(others.memoryKeys, 1500)],
      fastifyEach: [others.fastifyEach, peerWork(others.jwts, 10_000)],
      fastifyCached: [others.fastifyCached, peerWork(others.jwts, 20_000)],
      express: [others.express, peerWork(others.jwts, 4000)],
    } as const;
    const meters = new Map(Object.values(works).map(([contestant]) => [contestant, costsWithLateWork(contestant)]));
    const samples = Object.entries(works).map(([name, [contestant, work]]) => {
      const costOf = meters.get(contestant);
      if (costOf === undefined) throw new Error('Every contestant has a meter.');
      return [name, () => costOf(scaled(bench, work))] as const;
    });
    const costs = await interleave(
      { rounds: bench.rounds, warmUps: 3 },
      Object.fromEntries(samples) as Record<keyof typeof works, () => Promise<number>>,
      bench.progress,
    );
    await Promise.all([...meters.keys()].map((contestant) => contestant.stop()));
    const median = (name: keyof typeof works) => shown(summarise(costs[name]).median, 'µs');
    const against = (
      work: string,
      peer: keyof typeof works,
      own: 'token' | 'jwt',
      marks?: [floor: number, goal: number],
    ): Row => ({
      work: `${work} / \`GET /v1/check\` of ${own === 'token' ? 'an API token' : 'a JWT'}`,
      value: summarise(ratios(costs[peer], costs[own])),
      ...(marks !== undefined && { budget: { floor: marks[0], goal: marks[1], better: 'more' } }),
      costs: { other: median(peer), check: median(own), 'bare GET': median('bare') },
    });
    return [
      against('better-auth verifyApiKey, SQLite', 'betterAuthSqlite', 'token', [25, 50]),
      against('better-auth verifyApiKey, in memory', 'betterAuthMemory', 'token', [9, 14]),
      against('fastify + jwt + rate-limit, RS256', 'fastifyEach', 'jwt', [2.8, 4.8]),
      against('fastify + jwt + rate-limit, cached', 'fastifyCached', 'jwt', [1.7, 2]),
      against('express + jsonwebtoken, RS256', 'express', 'jwt', [5.5, 7]),
      against('fastify + jwt + rate-limit, RS256', 'fastifyEach', 'token'),
      against('fastify + jwt + rate-limit, cached', 'fastifyCached', 'token'),
      against('express + jsonwebtoken, RS256', 'express', 'token'),
    ];
  },
};

async function startPeers(bench: Bench) {
  const { publicKey, privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
  const key = join(bench.scratch, 'peers.pem');
  writeFileSync(key, publicKey.export({ type: 'spki', format: 'pem' }));
  bench.progress('making keys at better-auth');
  const betterAuth = async (kind: 'sqlite' | 'memory') => {
    const folder = join(bench.scratch, `better-auth-${kind}`);
    mkdirSync(folder);
    const contestant = await startScript('better-auth.js', kind, folder, String(credentials));
    return { contestant, keys: JSON.parse(readFileSync(join(folder, 'keys.json'), 'utf8')) as string[] };
  };
  const sqlite = await betterAuth('sqlite');
  const memory = await betterAuth('memory');
  const iat = Math.floor(Date.now() / 1000);
  const jwts = Array.from({ length: credentials }, (_, index) => {
    const claims = { iss: 'http://127.0.0.1', aud: 'http://127.0.0.1', sub: `user-${index}`, iat, exp: iat + 3600 };
    return signCompact({ alg: 'RS256', typ: 'JWT', kid: 'bench' }, claims, privateKey);
  });
  return {
    sqlite: sqlite.contestant,
    sqliteKeys: sqlite.keys,
    memory: memory.contestant,
    memoryKeys: memory.keys,
    fastifyEach: await startScript('fastify-jwt.js', 'each', key),
    fastifyCached: await startScript('fastify-jwt.js', 'cached', key),
    express: await startScript('express-jwt.js', key),
    jwts,
  };
}

/** The same as a check, at the only path that they have. */
function peerWork(known: readonly string[], requests: number): Work {
  const work = check(known);
  return { ...work, request: { ...work.request, path: '/' }, requests };
}

function demandPeers(): void {
  if (existsSync(fileURLToPath(new URL('../node_modules/better-auth', import.meta.url)))) return;
  throw new Error('P14 needs the packages of bench/package.json: run `npm run bench -- P14`, or `npm ci` in bench/.');
}
