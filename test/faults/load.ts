// Callers of every sort that never pause, while something is wrong with the database; and what may be said to them then.

import { setTimeout as pause } from 'node:timers/promises';
import { expect } from 'vitest';
import type { Server } from '../../server/src/assemble.ts';
import { principalOf } from '../../server/src/core/caller/principal.ts';
import { generateApiToken, newId } from '../../server/src/core/secret.ts';
import { type Connection, openConnection, type Reply } from '../bad-input/http-client.ts';
import { machineMs, watchMachine } from '../machine-time.ts';

export interface Answered {
  what: 'valid' | 'dead' | 'unknown' | 'write';
  status: number;
  /** By the machine's time. */
  tookMs: number;
}

export interface Load {
  answered: Answered[];
  stop(): Promise<void>;
}

/** Tokens that stand and tokens that were deactivated or deleted; known to the server's memory or not. */
export async function tokens({ core, store }: Server, count: number) {
  const [user] = (await store.users.list(await acme(store), { limit: 1, sort: 'createdAt', descending: false })).items;
  const record = await store.credentials.bySource({ type: 'user', id: user?.id ?? '' });
  if (record === null) throw new Error('There is no owner.');
  const owner = principalOf(record);
  const made = (name: string) => core.createApiToken(owner, { name, permissions: ['*:*'] });
  const lifecycle = await Promise.all(Array.from({ length: count }, (_, at) => made(`standing-${at}`)));
  const dead = await Promise.all(Array.from({ length: count }, (_, at) => made(`dead-${at}`)));
  for (const [at, { token }] of dead.entries()) {
    await (at % 2 === 0 ? core.deactivateApiToken(owner, token) : core.deleteApiToken(owner, { id: token.id }));
  }
  return { valid: lifecycle.map(({ secret }) => secret), dead: dead.map(({ secret }) => secret) };
}

async function acme(store: Server['store']): Promise<string> {
  return (await store.organizations.findByName('acme'))?.id ?? '';
}

/** Eight callers that never pause: checks of all sorts of tokens, and writes. Resolves once each sort was answered. */
export async function startLoad(server: Server, own: Awaited<ReturnType<typeof tokens>>): Promise<Load> {
  await watchMachine();
  const answered: Answered[] = [];
  let stopped = false;
  const work = async (first: number) => {
    const connection = openConnection(server.url);
    for (let at = first; !stopped; at += 1) {
      const what = (['valid', 'dead', 'valid', 'unknown', 'write'] as const)[at % 5] ?? 'valid';
      const pick = (list: readonly string[]) => list[(at * 7) % list.length] ?? '';
      // Its checksum is right, so that the database is asked.
      const bearer =
        what === 'dead' ? pick(own.dead) : what === 'unknown' ? generateApiToken(newId()) : pick(own.valid);
      const before = performance.now();
      const reply = await (what === 'write' ? write(connection, bearer) : check(connection, bearer));
      answered.push({ what, status: reply.status, tookMs: machineMs(before) });
      // Answers from memory must not keep the others from the processor.
      if (at % 10 === 0) await pause(1);
    }
    connection.close();
  };
  const working = Promise.all([0, 1, 2, 3, 4, 5, 6, 7].map(work));
  // Told when it is stopped, not before: a test that has failed already ends the server under it.
  working.catch(() => {});
  await Promise.race([working, everySort(answered, 0, 10)]);
  return {
    answered,
    stop: async () => {
      stopped = true;
      await working;
    },
  };
}

function check(connection: Connection, bearer: string): Promise<Reply> {
  return connection.send({ method: 'GET', target: '/v1/self', headers: [['Authorization', `Bearer ${bearer}`]] });
}

let written = 0;

function write(connection: Connection, bearer: string): Promise<Reply> {
  written += 1;
  const headers = [
    ['Authorization', `Bearer ${bearer}`],
    ['Content-Type', 'application/json'],
  ] as const;
  const body = Buffer.from(JSON.stringify({ name: `read:written-${written}`, description: 'x'.repeat(900) }));
  return connection.send({ method: 'POST', target: '/v1/permissions', headers, body });
}

const allowed: Record<Answered['what'], readonly number[]> = {
  valid: [200, 503],
  dead: [401, 503],
  unknown: [401, 503],
  write: [201, 503],
};

/** No wrong allow, no valid credential called invalid, nothing but 503 for what could not be done. */
export function expectHonest(answered: readonly Answered[], withinMs: number): void {
  const wrong = answered.filter(({ what, status }) => !allowed[what].includes(status));
  expect(wrong.slice(0, 5)).toEqual([]);
  expect(Math.max(...answered.map(({ tookMs }) => tookMs))).toBeLessThan(withinMs);
}

export function shareOf(answered: readonly Answered[], what: Answered['what'], status: number): number {
  const of = answered.filter((one) => one.what === what);
  return of.filter((one) => one.status === status).length / of.length;
}

/** Checks one token every 50 ms, each time on a connection of its own. */
export async function probe(server: Server, bearer: string, forMs: number): Promise<Answered[]> {
  const asked: Promise<Answered>[] = [];
  for (const end = performance.now() + forMs; performance.now() < end; await pause(50)) {
    const connection = openConnection(server.url);
    const before = performance.now();
    const answer = check(connection, bearer).then(({ status }) => {
      connection.close();
      return { what: 'valid' as const, status, tookMs: machineMs(before) };
    });
    asked.push(answer);
  }
  return Promise.all(asked);
}

/** Waits until checks and writes are as they should be, by the machine's time at most so long. */
export async function recovers(server: Server, bearer: string, withinMs: number): Promise<void> {
  const connection = openConnection(server.url);
  const began = performance.now();
  for (;;) {
    const statuses = [await write(connection, bearer), await check(connection, bearer)].map(({ status }) => status);
    if (statuses[0] === 201 && statuses[1] === 200) break;
    expect(machineMs(began), `still ${statuses}`).toBeLessThan(withinMs);
    await pause(50);
  }
  connection.close();
}

/** Waits until `count` more calls of each sort than the first `from` were answered. */
export async function everySort(answered: readonly Answered[], from: number, count: number): Promise<void> {
  const sorts = Object.keys(allowed);
  const of = (sort: string) => answered.slice(from).filter(({ what }) => what === sort).length;
  while (!sorts.every((sort) => of(sort) >= count)) await pause(10);
}
