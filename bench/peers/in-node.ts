// What others make for Node, each in a small server of contestants/. Their packages are bench/package.json's and are
// installed by bench/start.js; nothing else of the bench needs them.

import { generateKeyPairSync } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { signCompact } from '@keyward/rules/jws';
import { type Contestant, startScript } from '../contestant.ts';
import type { Bench } from '../keyward.ts';
import { check, type Work } from '../works.ts';
import { grant, introspection } from './introspection.ts';
import { credentials, type Peer, type Peers } from './peer.ts';

/** Throws unless their packages are installed. */
export function demandPackages(): void {
  if (existsSync(fileURLToPath(new URL('../node_modules/better-auth', import.meta.url)))) return;
  throw new Error('P14 needs the packages of bench/package.json: run `npm run bench -- P14`, or `npm ci` in bench/.');
}

/** better-auth with its keys on SQLite and in memory; fastify and express with JWTs; oidc-provider's tokens and introspection. */
export async function startInNode(bench: Bench): Promise<Peers> {
  const started: Contestant[] = [];
  const script = async (name: string, ...args: string[]) => {
    const contestant = await startScript(name, ...args);
    started.push(contestant);
    return contestant;
  };
  bench.progress('making keys at better-auth');
  const betterAuth = async (kind: 'sqlite' | 'memory') => {
    const folder = join(bench.scratch, `better-auth-${kind}`);
    mkdirSync(folder);
    const contestant = await script('better-auth.js', kind, folder, String(credentials));
    return { contestant, keys: JSON.parse(readFileSync(join(folder, 'keys.json'), 'utf8')) as string[] };
  };
  const [sqlite, memory] = [await betterAuth('sqlite'), await betterAuth('memory')];
  const { key, jwts } = signedJwts(bench);
  const ofKeys = (
    name: string,
    { contestant, keys }: typeof sqlite,
    requests: number,
    marks: [number, number],
  ): Peer => ({
    name: `better-auth verifyApiKey, ${name}`,
    contestant,
    work: atRoot(keys, requests),
    against: [{ own: 'token', marks }],
  });
  const ofJwts = (name: string, contestant: Contestant, requests: number, marks: [number, number]): Peer => ({
    name,
    contestant,
    work: atRoot(jwts, requests),
    against: [{ own: 'jwt', marks }, { own: 'token' }],
  });
  const each = await script('fastify-jwt.js', 'each', key);
  const cached = await script('fastify-jwt.js', 'cached', key);
  const express = await script('express-jwt.js', key);
  const client = { id: 'bench', secret: 'only-for-measuring-0123456789abcdef' };
  const provider = await script('oidc-provider.js', client.id, client.secret);
  const server = {
    tokenUrl: `${provider.url}/token`,
    client,
    introspectionUrl: `${provider.url}/token/introspection`,
    asker: { client_id: client.id, client_secret: client.secret },
  };
  return {
    peers: [
      ofKeys('SQLite', sqlite, 600, [25, 50]),
      ofKeys('in memory', memory, 1500, [9, 14]),
      ofJwts('fastify + jwt + rate-limit, RS256', each, 10_000, [2.8, 4.8]),
      ofJwts('fastify + jwt + rate-limit, cached', cached, 20_000, [1.7, 2]),
      ofJwts('express + jsonwebtoken, RS256', express, 4000, [5.5, 7]),
      {
        name: 'oidc-provider token ES256',
        contestant: provider,
        work: grant(server, 1500, { resource: 'urn:bench', scope: 'read:orders' }),
        against: [{ own: 'grant', marks: [2, 3.4] }],
      },
      {
        name: 'oidc-provider introspect',
        contestant: provider,
        work: await introspection(bench, server, 2000),
        against: [{ own: 'token', marks: [6, 9] }, { own: 'introspection' }],
      },
    ],
    stop: async () => void (await Promise.all(started.map((one) => one.stop()))),
  };
}

/** JWTs, and the file with the key that checks them. */
function signedJwts({ scratch }: Bench): { key: string; jwts: string[] } {
  const { publicKey, privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
  const key = join(scratch, 'peers.pem');
  writeFileSync(key, publicKey.export({ type: 'spki', format: 'pem' }));
  const iat = Math.floor(Date.now() / 1000);
  const jwts = Array.from({ length: credentials }, (_, index) => {
    const claims = { iss: 'http://127.0.0.1', aud: 'http://127.0.0.1', sub: `user-${index}`, iat, exp: iat + 3600 };
    return signCompact({ alg: 'RS256', typ: 'JWT', kid: 'bench' }, claims, privateKey);
  });
  return { key, jwts };
}

/** The same as a check, at the only path that they have. */
function atRoot(known: readonly string[], requests: number): Work {
  const work = check(known);
  return { ...work, request: { ...work.request, path: '/' }, requests };
}
