// Two nodes on one PostgreSQL: a change made through one reaches who follows through the other.

import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pg from 'pg';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { assemble, type Server } from '../../server/src/assemble.ts';
import { loadConfig } from '../../server/src/config.ts';
import { type Caller, principalOf, systemIn } from '../../server/src/core/caller.ts';
import { generateSealingKeys } from '../../server/src/core/seal.ts';
import { createLogger } from '../../server/src/http/log.ts';
import { sharedPostgres } from '../postgres.ts';
import { follow } from './follow.ts';

const folder = mkdtempSync(join(tmpdir(), 'keyward-nodes-'));
let nodes: { server: Server; url: string }[];
let organization: { id: string; name: string };
let owner: Caller;
let bearer: string;
let database: string;

beforeAll(async () => {
  database = await (await sharedPostgres()).createDatabase();
  const environment = {
    KEYWARD_PORT: '0',
    KEYWARD_DATABASE: database,
    KEYWARD_SECRETS: generateSealingKeys(),
    KEYWARD_LOG_LEVEL: 'silent',
  };
  const config = loadConfig({}, environment, folder);
  const start = async () => {
    const server = await assemble(config, { demo: true, logger: createLogger('silent') });
    return { server, url: await server.listen() };
  };
  nodes = [await start(), await start()];
  const { core, store } = node(0).server;
  organization = await core.createOrganization(systemIn(), { name: 'acme' });
  const { user } = await core.createUser(systemIn(organization), { email: 'o@acme.example', name: 'O', role: 'owner' });
  const holder = await store.holders.bySource({ type: 'user', id: user.id });
  if (holder === null) throw new Error('There is no owner.');
  owner = principalOf(holder);
  bearer = (await core.createApiToken(owner, { permissions: ['follow:feed'] })).secret;
});
afterAll(async () => {
  for (const { server } of nodes ?? []) await server.close();
  rmSync(folder, { recursive: true, force: true });
});

function node(index: number) {
  const found = nodes[index];
  if (found === undefined) throw new Error(`There is no node ${index}.`);
  return found;
}

test('changes of both nodes come in one order, without a gap, on either [S116]', async () => {
  const start = await node(0).server.store.journal.head();
  const feeds = await Promise.all(nodes.map(({ url }) => follow(url, bearer, { cursor: start })));
  await Promise.all(
    Array.from({ length: 200 }, (_, n) =>
      node(n % 2).server.core.createRole(systemIn(organization), { name: `role-${n}`, permissions: [] }),
    ),
  );
  for (const feed of feeds) {
    await expect.poll(() => feed.changes.length, { timeout: 5000 }).toBe(200);
    expect(feed.changes.map(({ data }) => data.seq)).toEqual(Array.from({ length: 200 }, (_, n) => start + n + 1));
    await feed.kill();
  }
});

test('a change reaches followers of the other node in less than a second [G7]', async () => {
  const feed = await follow(node(1).url, bearer);
  const delays: number[] = [];
  for (let n = 0; n < 20; n += 1) {
    const { token } = await node(0).server.core.createApiToken(owner, { permissions: [] });
    await node(0).server.core.deactivateApiToken(owner, { id: token.id });
    const began = performance.now();
    const isTold = () =>
      feed.changes.some(({ data }) => data.subject.id === token.id && data.action === 'api_token.deactivated');
    await expect.poll(isTold, { interval: 5, timeout: 5000 }).toBe(true);
    delays.push(performance.now() - began);
  }
  expect(Math.max(...delays)).toBeLessThan(1000);
  await feed.kill();
});

test('a cursor of one node goes on at the other', async () => {
  const { token } = await node(0).server.core.createApiToken(owner, { permissions: [] });
  const one = await follow(node(0).url, bearer);
  await one.kill();
  const other = await follow(node(1).url, bearer, { cursor: one.hello.cursor });
  expect(other.hello).toMatchObject({ cursor: one.hello.cursor, reset: false });
  await node(0).server.core.deleteApiToken(owner, { id: token.id });
  await expect.poll(() => other.changes.map(({ data }) => data.subject.id)).toEqual([token.id]);
  await other.kill();
});

test('a node that cannot read the journal is not ready and sends no heartbeat, until it can again [S116]', async () => {
  const client = new pg.Client({ connectionString: database });
  await client.connect();
  const ready = async () => (await fetch(`${node(0).url}/readyz`)).status;
  const feed = await follow(node(0).url, bearer);
  try {
    await expect.poll(() => feed.heartbeats.length, { timeout: 3000 }).toBeGreaterThan(0);
    expect(await ready()).toBe(200);
    await client.query('alter table journal rename to elsewhere');
    const heard = feed.heartbeats.length;
    await expect.poll(ready, { timeout: 5000 }).toBe(503);
    await new Promise((resolve) => setTimeout(resolve, 1500));
    // One may have been under way.
    expect(feed.heartbeats.length).toBeLessThanOrEqual(heard + 1);
    const silent = feed.heartbeats.length;
    await client.query('alter table elsewhere rename to journal');
    await expect.poll(ready, { timeout: 5000 }).toBe(200);
    await expect.poll(() => feed.heartbeats.length, { timeout: 5000 }).toBeGreaterThan(silent);
  } finally {
    await client.end();
    await feed.kill();
  }
});
