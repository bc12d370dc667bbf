// Nobody is ever taken for somebody else: a thousand identities call at once, on every way and in every form, while
// clients hang up, credentials change under the caches, and the database is cut off.

import { mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { Worker } from 'node:worker_threads';
import pg from 'pg';
import { afterEach, expect, test } from 'vitest';
import { assemble, type Server } from '../../server/src/assemble.ts';
import { loadConfig } from '../../server/src/config/config.ts';
import { type Caller, systemIn } from '../../server/src/core/caller/caller.ts';
import { principalOf } from '../../server/src/core/caller/principal.ts';
import { generateSealingKeys } from '../../server/src/core/sealer.ts';
import { createLogger } from '../../server/src/http/log.ts';
import { register } from '../assembled-server.ts';
import { sharedPostgres } from '../postgres.ts';
import type { Identity, Outcome, Task } from './identity-calls.ts';

const ends: (() => unknown)[] = [];
afterEach(async () => {
  for (const end of ends.splice(0).reverse()) await end();
});

interface IdentityFixture {
  server: Server;
  database: string | null;
  owners: Map<string, Caller>;
  identities: Identity[];
  askers: Record<string, string>;
}

async function startIdentityFixture(database: 'sqlite' | 'postgres', count: number): Promise<IdentityFixture> {
  const folder = mkdtempSync(join(tmpdir(), 'keyward-identity-'));
  ends.push(() => rmSync(folder, { recursive: true, force: true }));
  const api = createServer(({ headers }, response) => {
    const told = (name: string) => headers[`x-auth-${name}`];
    const body = { id: told('principal'), permission: told('permissions'), organization: told('organization') };
    const text = JSON.stringify(body);
    response.writeHead(200, { 'content-length': Buffer.byteLength(text) }).end(text);
  });
  await new Promise<void>((listening) => api.listen(0, '127.0.0.1', listening));
  ends.push(() => api.close().closeAllConnections());
  const upstream = `http://127.0.0.1:${(api.address() as AddressInfo).port}`;
  const url = database === 'postgres' ? await (await sharedPostgres()).createDatabase() : null;
  const config = loadConfig(
    {},
    {
      KEYWARD_PORT: '0',
      KEYWARD_DATA: folder,
      KEYWARD_TRUSTED_PROXIES: '127.0.0.1',
      ...(url !== null && { KEYWARD_DATABASE: url, KEYWARD_SECRETS: generateSealingKeys() }),
    },
    folder,
  );
  const route = { path: '/guarded/*', methods: ['GET'], permissions: [], dialect: null, upstream };
  const server = await assemble(config, { demo: true, routes: [route], logger: createLogger('silent') });
  ends.push(() => server.close());
  await server.listen();
  const fixture: IdentityFixture = { server, database: url, owners: new Map(), identities: [], askers: {} };
  for (const name of ['north', 'south', 'east', 'west']) await addOrganization(fixture, name, count / 4);
  return fixture;
}

/** Of its tokens one in twenty will flap; the others each have an access token too, of another form than the next one's. */
async function addOrganization(
  { server: { core, store }, owners, identities, askers }: IdentityFixture,
  name: string,
  count: number,
) {
  const organization = await core.createOrganization(systemIn(), { name, planId: 'enterprise', contributors: 10_000 });
  const person = { email: `owner@${name}.example`, name: `The owner of ${name}`, role: 'owner' };
  const { user } = await core.createUser(systemIn(organization), person);
  const record = await store.credentials.bySource({ type: 'user', id: user.id });
  if (record === null) throw new Error('There is no owner.');
  const owner = principalOf(record);
  owners.set(organization.id, owner);
  askers[organization.id] = (
    await core.createApiToken(owner, { permissions: ['verify:credential', 'follow:feed'] })
  ).secret;
  await core.createRole(systemIn(organization), { name: 'noise', permissions: [] });
  await register({ store }, ...Array.from({ length: count }, (_, at) => `read:${name}_${at}`));
  const forms = ['oauth', 'sealed', 'debricked', 'parsers'] as const;
  const make = async (_: unknown, at: number): Promise<Identity> => {
    const permission = `read:${name}_${at}`;
    const { token, secret } = await core.createApiToken(owner, { permissions: [permission] });
    const form = forms[at % 4] ?? 'oauth';
    const shape = () => ({ form, lifetimeMs: 3_600_000 });
    const exchanged = await core.exchange({ proof: { kind: 'api_token', secret }, shape });
    if (!exchanged.allowed) throw new Error(`Nothing was issued: ${exchanged.reason}`);
    const isFlapping = at % 20 === 0;
    return {
      id: token.id,
      organization: { id: organization.id, name },
      permission,
      credentials: isFlapping ? [secret] : [secret, exchanged.token],
      isFlapping,
    };
  };
  // A few at a time: more would wait longer for their turn than a write may, on a slow machine.
  for (let at = 0; at < count; at += 10) {
    identities.push(
      ...(await Promise.all(Array.from({ length: Math.min(10, count - at) }, (_, n) => make(_, at + n)))),
    );
  }
}

/** Changes something every few milliseconds, so that nothing stays in any memory for long. */
async function change(
  { server: { core }, owners, identities }: IdentityFixture,
  isOver: () => boolean,
): Promise<number> {
  const flapping = identities.filter(({ isFlapping }) => isFlapping);
  let changes = 0;
  while (!isOver()) {
    const { id, organization } = flapping[changes % flapping.length] as Identity;
    const owner = owners.get(organization.id) as Caller;
    // While the database is away a change fails, and the next one is tried.
    await core.deactivateApiToken(owner, { id }).catch(() => {});
    await pause(10);
    await core.activateApiToken(owner, { id }).catch(() => {});
    if (changes % 5 === 0) {
      await core
        .updateRole(owner, 'noise', { permissions: [changes % 2 === 0 ? 'read:journal' : 'read:usage'] })
        .catch(() => {});
    }
    await pause(10);
    changes += 1;
  }
  return changes;
}

/** Runs the calls in a thread of their own. */
function callAll(task: Task): Promise<Outcome> {
  const worker = new Worker(new URL('./identity-calls.ts', import.meta.url), { workerData: task });
  ends.push(() => worker.terminate());
  return new Promise((resolve, reject) => {
    worker.once('message', resolve).once('error', reject);
    worker.once('exit', (code) => reject(new Error(`The callers ended with code ${code}.`)));
  });
}

async function run(fixture: IdentityFixture, calls: number, isShaken: boolean): Promise<Outcome & { all: number }> {
  const { server, identities, askers } = fixture;
  let isOver = false;
  const changing = change(fixture, () => isOver);
  const began = performance.now();
  const outcome = await callAll({ url: server.url, identities, askers, calls, isShaken });
  isOver = true;
  const changes = await changing;
  const all = Object.values(outcome.answered).reduce((sum, count) => sum + count, 0);
  const seconds = ((performance.now() - began) / 1000).toFixed(1);
  const { wrong, ...counts } = outcome;
  console.log(`${all} calls in ${seconds} s, ${changes} changes, ${wrong.length} wrong:`, JSON.stringify(counts));
  return { ...outcome, all };
}

const https = { headers: { 'x-forwarded-proto': 'https' } };

/** A million of them take a quarter of an hour: `KEYWARD_CALLS=1000000 npm test -- test/faults/identity.test.ts`. */
const mixedCalls = Number(process.env.KEYWARD_CALLS ?? 20_000);

test('of tens of thousands of mixed calls of 1,000 identities, with callers that hang up, none is answered for another [S102, S104] [G14]', {
  timeout: 7_200_000,
}, async () => {
  const { wrong, all, answered, lost, brokenOff } = await run(
    await startIdentityFixture('sqlite', 1000),
    mixedCalls,
    false,
  );
  expect(wrong).toEqual([]);
  expect(all).toBeGreaterThanOrEqual(mixedCalls);
  expect(Object.keys(answered)).toHaveLength(7);
  expect(lost).toBe(0);
  expect(brokenOff).toBeGreaterThan(mixedCalls / 100);
});

test('nor while the database ends its connections all the time [S103, S104]', { timeout: 900_000 }, async () => {
  const fixture = await startIdentityFixture('postgres', 200);
  const admin = new pg.Client({ connectionString: fixture.database ?? '' });
  await admin.connect();
  let isOver = false;
  let ended = 0;
  const shaking = (async () => {
    while (!isOver) {
      await pause(250);
      const { rowCount } = await admin.query(`select pg_terminate_backend(pid) from pg_stat_activity
        where datname = current_database() and application_name = 'keyward'`);
      ended += rowCount ?? 0;
      // On a slow machine too, calls are answered before the next time.
      while (!isOver && (await fetch(`${fixture.server.url}/readyz`, https)).status !== 200) await pause(20);
    }
    await admin.end();
  })();
  const { wrong, all, unavailable, lost } = await run(fixture, 15_000, true).finally(() => {
    isOver = true;
    return shaking;
  });
  expect(wrong).toEqual([]);
  expect(all).toBeGreaterThan(3000);
  // It was shaken indeed, and calls have felt it.
  expect(ended).toBeGreaterThan(20);
  expect(unavailable).toBeGreaterThan(0);
  expect(lost).toBe(0);
});
