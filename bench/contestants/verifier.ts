// The SDK's verifier in a process of its own, following a real Keyward: what a check costs there, in nanoseconds of CPU,
// against the least that it could. Run as `node verifier.ts tokens|first|again|organizations <file>`; the file is JSON (see `Task`),
// and so is what it prints: costs by name, one for each round.

import { createPublicKey, hash, type JsonWebKey, type KeyObject, verify } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { createVerifier, type Requirement, type Verifier } from '@keyward/sdk';
import { interleave } from '../rounds.ts';
import { firstTokens, tokenAt } from '../tokens.ts';

export interface Task {
  url: string;
  /** Of someone who may verify, follow and lease. */
  credential: string;
  rounds: number;
  warmUps: number;
  /** API tokens that are known to the verifier. */
  tokens: number;
  /** Those of them that are remembered by their text, too. */
  few: number;
  /** Calls in a sample. */
  calls: number;
  jwts: string[];
}

/** So many between two looks at the feed and the lease. */
const callsAtOnce = 20_000;
/** Likewise of JWTs that are seen for the first time: each costs a signature's check. */
const jwtsAtOnce = 500;
/** More than what the calls of any round come to for one of the organizations. */
const leasedForEach = 5000;
/** Nothing is spent. */
const look: Requirement = { cost: 0 };

const [kind, file = ''] = process.argv.slice(2);
const task: Task = JSON.parse(readFileSync(file, 'utf8'));
const verifiers: Verifier[] = [];
// Whoever has waited too long wants to know for what.
process.once('SIGTERM', () => {
  console.error(JSON.stringify(verifiers.map((verifier) => verifier.stats())));
  process.exit(1);
});
const kinds = { tokens: tokenCosts, first: firstCosts, again: againCosts, organizations: organizationCosts };
console.log(JSON.stringify(await kinds[kind as keyof typeof kinds](task)));
for (const verifier of verifiers) await verifier.close();

async function follow(): Promise<Verifier> {
  const verifier = createVerifier({ url: task.url, credential: { apiToken: task.credential } });
  verifiers.push(verifier);
  await verifier.ready();
  return verifier;
}

/** Two verifiers: what one finds by its hash would take the place of what it remembers by its text. */
async function tokenCosts({ rounds, warmUps, tokens: count, few, calls }: Task) {
  const tokens = firstTokens(count);
  const [small, great] = [await follow(), await follow()];
  await learn(small, tokens.slice(0, few));
  await learn(great, tokens);
  const entries = new Map(tokens.map((token) => [token, { token }]));
  const fewEntries = new Map(tokens.slice(0, few).map((token) => [token, { token }]));
  const check = (verifier: Verifier) => (token: string) => verifier.verifySync(token)?.allowed === true;
  return interleave(
    { rounds, warmUps },
    {
      mapGetFew: () => cost(calls, tokens, few, (token) => fewEntries.get(token) !== undefined),
      seen: () => cost(calls, tokens, few, check(small), small),
      hash: () => cost(calls, tokens, count, (token) => hash('sha256', token, 'binary').length === 32),
      hashed: () => cost(calls, tokens, count, check(great), great),
      mapGet: () => cost(calls, tokens, count, (token) => entries.get(token) !== undefined),
    },
  );
}

/**
 * As many tokens of one organization, and of as many organizations: two verifiers, each of which has leased for all of its
 * calls before they are made. Also what each token then takes of memory, with its text, in bytes.
 */
async function organizationCosts({ rounds, warmUps, few, calls }: Task) {
  const [one, many] = [await follow(), await follow()];
  const texts = (from: number): Texts => ({ length: few, at: (number) => tokenAt(from + number) });
  // What the first verifier takes that learns is not for tokens.
  await learn(await follow(), { ...texts(0), length: Math.min(few, 1000) });
  const bytes = {
    one: await bytesOf(() => learn(one, texts(0)), few),
    many: await bytesOf(() => learnAndLease(many, texts(few)), few),
  };
  const tokens = { one: firstTokens(few), many: firstTokens(2 * few).slice(few) };
  const check = (verifier: Verifier) => (token: string) => verifier.verifySync(token)?.allowed === true;
  const costs = await interleave(
    { rounds, warmUps },
    {
      one: () => cost(calls, tokens.one, few, check(one), one),
      many: () => cost(calls, tokens.many, few, check(many)),
    },
  );
  return { ...costs, bytes };
}

/** Of each of so many, what is held afterwards and was not before. */
async function bytesOf(act: () => Promise<void>, count: number): Promise<number> {
  const before = heldBytes();
  await act();
  return (heldBytes() - before) / count;
}

/** In the heap and beside it, without what nobody holds any more. */
function heldBytes(): number {
  setFlagsFromString('--expose-gc');
  runInNewContext('gc')();
  const { heapUsed, external } = process.memoryUsage();
  return heapUsed + external;
}

/** Each of them is of another organization, and has so much leased afterwards that no call of the rounds asks for more. */
async function learnAndLease(verifier: Verifier, tokens: Texts): Promise<void> {
  await learn(verifier, tokens);
  for (let number = 0; number < tokens.length; number += 1) {
    if (number % 1000 === 0) await hearFeed();
    // Nothing is leased yet: what it would have cost is what is asked for.
    verifier.verifySync(tokens.at(number), { cost: leasedForEach });
  }
  for (let tries = 0; verifier.stats().leased < leasedForEach * tokens.length; tries += 1) {
    if (tries > 6000) throw new Error('Not all leases were to be had.');
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}

/** Each JWT once, in lots that are as long in each round; the first lots are for the engine to learn from. */
async function firstCosts({ rounds, warmUps, jwts }: Task) {
  const verifier = await follow();
  const keys = await keysOf(task.url);
  const part = Math.floor(jwts.length / (rounds + warmUps));
  const raw = rawChecks(jwts, keys);
  // Whose they are is known from the first; that is asked of Keyward, and not measured.
  await verifier.verify(jwts[0], look);
  const inLots = <T>(all: readonly T[], act: (one: T) => boolean) => {
    let from = 1;
    return async () => {
      const some = all.slice(from, from + part - 1);
      from += part;
      let spent = 0;
      for (let at = 0; at < some.length; at += jwtsAtOnce) {
        const few = some.slice(at, at + jwtsAtOnce);
        await hearFeed();
        spent += nanoseconds(() => few.every(act));
      }
      return spent / some.length;
    };
  };
  return interleave(
    { rounds, warmUps },
    {
      raw: inLots(raw, ({ input, key, signature }) => verify('sha256', input, key, signature)),
      first: inLots(jwts, (jwt) => verifier.verifySync(jwt, look)?.allowed === true),
    },
  );
}

async function againCosts({ rounds, warmUps, calls, jwts }: Task) {
  const verifier = await follow();
  for (const jwt of jwts) await verifier.verify(jwt, look);
  const entries = new Map(jwts.map((jwt) => [jwt, { jwt }]));
  return interleave(
    { rounds, warmUps },
    {
      mapGet: () => cost(calls, jwts, jwts.length, (jwt) => entries.get(jwt) !== undefined),
      again: () => cost(calls, jwts, jwts.length, (jwt) => verifier.verifySync(jwt, look)?.allowed === true),
    },
  );
}

/** Nanoseconds of CPU for one call with any of the first `among`; every one must come out true. With a verifier a limit is spent. */
async function cost(
  calls: number,
  credentials: readonly string[],
  among: number,
  act: (credential: string) => boolean,
  verifier?: Verifier,
): Promise<number> {
  let spent = 0;
  for (let done = 0; done < calls; done += callsAtOnce) {
    const some = Array.from({ length: callsAtOnce }, () => credentials[Math.floor(Math.random() * among)] ?? '');
    await hearFeed();
    if (verifier !== undefined) await refill(verifier, some[0] ?? '');
    spent += nanoseconds(() => {
      let isGood = true;
      for (const credential of some) isGood = act(credential) && isGood;
      return isGood;
    });
  }
  return spent / Math.ceil(calls / callsAtOnce) / callsAtOnce;
}

/** A verifier that hears nothing of the feed, because it is kept busy, stops to answer by itself. */
function hearFeed(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, 1));
}

function nanoseconds(act: () => boolean): number {
  const before = process.cpuUsage();
  const isGood = act();
  const { user, system } = process.cpuUsage(before);
  if (!isGood) throw new Error('A check did not come out as it must.');
  return (user + system) * 1000;
}

/** Lets the feed be heard, and leases anew where too little is left for the next calls. */
async function refill({ stats, verify: ask }: Verifier, token: string): Promise<void> {
  for (let tries = 0; tries < 1000; tries += 1) {
    await new Promise((resolve) => setTimeout(resolve, 1));
    if (stats().leased > 2 * callsAtOnce) return;
    // More than is left: the lease is replaced by a greater one.
    await ask(token, { cost: Math.max(1, stats().leased) });
  }
  throw new Error('No lease is to be had that is great enough.');
}

/** Texts by their number. */
interface Texts {
  length: number;
  at(number: number): string | undefined;
}

async function learn({ verify: ask }: Verifier, tokens: Texts): Promise<void> {
  let next = 0;
  const learnSome = async () => {
    while (next < tokens.length) {
      next += 1;
      const verdict = await ask(tokens.at(next - 1), look);
      if (!verdict.allowed) throw new Error(`A token was refused: ${verdict.reason}.`);
    }
  };
  await Promise.all(Array.from({ length: 64 }, learnSome));
}

async function keysOf(url: string): Promise<Map<string, KeyObject>> {
  const answer = await fetch(`${url}/.well-known/jwks.json`);
  const { keys } = (await answer.json()) as { keys: (JsonWebKey & { kid: string })[] };
  return new Map(keys.map((key) => [key.kid, createPublicKey({ key, format: 'jwk' })]));
}

/** Each JWT as node:crypto takes it, with nothing left to do but to check the signature. */
function rawChecks(jwts: readonly string[], keys: ReadonlyMap<string, KeyObject>) {
  return jwts.map((jwt) => {
    const [header = '', payload = '', signature = ''] = jwt.split('.');
    const { alg, kid } = JSON.parse(Buffer.from(header, 'base64url').toString());
    const key = keys.get(kid);
    if (key === undefined) throw new Error('A JWT names a key that is not published.');
    const bytes = Buffer.from(signature, 'base64url');
    const input = Buffer.from(`${header}.${payload}`, 'latin1');
    return { input, key, signature: alg === 'ES256' ? derOf(bytes) : bytes };
  });
}

/** The two numbers of an ECDSA signature as OpenSSL wants them (RFC 3279 section 2.2.3). */
function derOf(signature: Buffer): Buffer {
  const numbers = [signature.subarray(0, 32), signature.subarray(32)].map((bytes) => {
    const first = bytes.findIndex((byte) => byte !== 0);
    const least = bytes.subarray(first);
    const padded = (least[0] ?? 0) >= 0x80 ? Buffer.concat([Buffer.from([0]), least]) : least;
    return Buffer.concat([Buffer.from([0x02, padded.length]), padded]);
  });
  const body = Buffer.concat(numbers);
  return Buffer.concat([Buffer.from([0x30, body.length]), body]);
}
