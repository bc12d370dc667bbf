// What only PostgreSQL can show: several nodes on one database, and connections that break. What every database must do
// is in conformance.ts.

import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';
import pg from 'pg';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { within } from '../../../test/machine-time.ts';
import { sharedPostgres } from '../../../test/postgres.ts';
import { verifyChain } from '../core/journal/chain.ts';
import type { Store } from '../core/ports.ts';
import { describeStore } from './conformance.ts';
import { migrations } from './migrations/all.ts';
import { migrate, openStore } from './open.ts';
import { anEntry, anOrganization, aUser, populate } from './records.test-support.ts';

/** Passes connections on to `port`; `silence` makes those that are open lose everything, without ending them. */
async function silentLine(port: number) {
  const sockets = new Set<Socket>();
  const server = createServer((near) => {
    const far = connect(port, '127.0.0.1');
    for (const socket of [near, far]) {
      sockets.add(socket);
      socket.on('error', () => socket.destroy());
    }
    near.pipe(far).pipe(near);
  });
  await once(server.listen(0, '127.0.0.1'), 'listening');
  const silence = () => {
    for (const socket of sockets) socket.unpipe().pause();
  };
  const close = () => {
    for (const socket of sockets) socket.destroy();
    server.close();
  };
  return { port: (server.address() as AddressInfo).port, silence, close };
}

// Generous, as the machine that runs the tests may be busy.
const timeoutMs = 10_000;
const newUrl = async () => (await sharedPostgres()).createDatabase();

describeStore('PostgreSQL', async () => openStore({ postgres: { url: await newUrl(), timeoutMs }, migrate: true }));

describe('two nodes on one PostgreSQL', () => {
  let nodes: [Store, Store];
  let url = '';
  beforeAll(async () => {
    url = await newUrl();
    const open = () => openStore({ postgres: { url, timeoutMs }, migrate: true });
    // Both find the database empty and both want to make its tables.
    nodes = await Promise.all([open(), open()]);
  });
  afterAll(() => Promise.all(nodes.map((node) => node.close())));

  it('number and chain one journal without gaps, in the order of their commits', async () => {
    const told: number[][] = nodes.map(() => []);
    nodes.forEach((node, index) => {
      node.onCommit((entries) => told[index]?.push(...entries.map(({ seq }) => seq)));
    });
    const head = await nodes[0].journal.head();
    const write = (index: number) => {
      const node = nodes[index % 2] ?? nodes[0];
      return node.write(async (changes) => changes.journal(anEntry(null)));
    };
    // In waves, so that the nodes commit many times each.
    for (let wave = 0; wave < 20; wave += 1) {
      await Promise.all(Array.from({ length: 20 }, (_, index) => write(index)));
    }
    const seqs = (await nodes[0].journal.after(head, 1000)).map(({ seq }) => seq);
    expect(seqs).toEqual(Array.from({ length: 400 }, (_, index) => head + 1 + index));
    expect(await verifyChain(nodes[1].journal)).toMatchObject({ intact: true, entries: head + 400 });
    for (const own of told) expect(own).toEqual(own.toSorted((a, b) => a - b));
    expect(told.flat().toSorted((a, b) => a - b)).toEqual(seqs);
  });

  it('let exactly one of many racing deactivations and creates win', async () => {
    const { organization, token } = await populate(nodes[0]);
    const race = async (verb: (node: Store) => Promise<boolean>) => {
      const tries = Array.from({ length: 50 }, (_, index) => verb(nodes[index % 2] ?? nodes[0]));
      return (await Promise.all(tries)).filter(Boolean).length;
    };
    const deactivate = (node: Store) => node.write((c) => c.apiTokens.deactivate(organization.id, token.id, 1));
    expect(await race(deactivate)).toBe(1);
    const email = `${randomUUID()}@example.com`;
    const create = (node: Store) => node.write((c) => c.users.insert(aUser(organization.id, { email }), 'x'));
    expect(await race(create)).toBe(1);
    const rename = { name: 'the same', updatedAt: 1 };
    const { token: second, machineToken: third, organization: other } = await populate(nodes[0]);
    const renamed = await Promise.all([
      nodes[0].write((c) => c.apiTokens.update(other.id, second.id, rename)),
      nodes[1].write((c) => c.apiTokens.update(other.id, third.id, rename)),
    ]);
    expect(renamed.filter(Boolean)).toHaveLength(1);
  });

  it('do not both take away the last owner', async () => {
    for (let round = 0; round < 10; round += 1) {
      const { organization, user } = await populate(nodes[0]);
      const second = aUser(organization.id);
      await nodes[0].write((c) => c.users.insert(second, 'x'));
      const leave = (node: Store, id: string) =>
        node.write(async (c) => {
          if ((await c.users.countAbleToSignIn(organization.id, 'owner')) < 2) throw new Error('The last owner stays.');
          await c.users.deactivate(organization.id, id, 1);
        });
      const left = await Promise.allSettled([leave(nodes[0], user.id), leave(nodes[1], second.id)]);
      expect(left.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
      expect(await nodes[0].users.countAbleToSignIn(organization.id, 'owner')).toBe(1);
    }
  });

  it('run a change again that a deadlock ended', async () => {
    const { organization, token, machineToken } = await populate(nodes[0]);
    let arrived = 0;
    const runs = [0, 0];
    const both = async () => {
      arrived += 1;
      for (let waits = 0; arrived < 2 && waits < 200; waits += 1)
        await new Promise((resolve) => setTimeout(resolve, 5));
    };
    const cross = (index: 0 | 1, first: string, second: string) =>
      nodes[index].write(async (c) => {
        runs[index] = (runs[index] ?? 0) + 1;
        await c.apiTokens.update(organization.id, first, { description: `first ${index}`, updatedAt: 1 });
        await both();
        await c.apiTokens.update(organization.id, second, { description: `second ${index}`, updatedAt: 1 });
        c.journal(anEntry(organization.id));
      });
    await Promise.all([cross(0, token.id, machineToken.id), cross(1, machineToken.id, token.id)]);
    expect(runs.toSorted()).toEqual([1, 2]);
    expect(await nodes[0].journal.latest(organization.id, 10)).toHaveLength(2);
  });

  it('outlive connections that the server ends, idle or in the middle of a change [S112]', async () => {
    const client = new pg.Client({ connectionString: url });
    await client.connect();
    const endOthers = () =>
      client.query(`select pg_terminate_backend(pid) from pg_stat_activity
        where datname = current_database() and application_name = 'keyward' and pid <> pg_backend_pid()`);
    const organization = anOrganization();
    const interrupted = nodes[0].write(async (changes) => {
      await changes.organizations.insert(organization);
      await endOthers();
      await changes.organizations.find(organization.id);
    });
    const bystander = nodes[0].write((changes) => changes.plans.list());
    await expect(interrupted).rejects.toMatchObject({ code: 'unavailable' });
    await expect(bystander).rejects.toMatchObject({ code: 'unavailable' });
    for (const node of nodes) {
      await expect.poll(() => node.ping().then(() => 'answers', String)).toBe('answers');
      expect(await node.organizations.find(organization.id)).toBeNull();
      expect(await node.write((changes) => changes.organizations.insert(anOrganization()))).toBe(true);
    }
    await endOthers();
    await expect.poll(() => nodes[0].ping().then(() => 'answers', String)).toBe('answers');
    await client.end();
  });
});

describe('a PostgreSQL database', () => {
  it('is refused when its tables are older without leave to migrate, or newer', async () => {
    const postgres = { url: await newUrl(), timeoutMs };
    await expect(openStore({ postgres })).rejects.toMatchObject({ code: 'conflict', message: /keyward migrate/ });
    expect(await migrate({ postgres })).toEqual(Object.keys(migrations));
    expect(await migrate({ postgres })).toEqual([]);
    await (await openStore({ postgres })).close();
    const client = new pg.Client({ connectionString: postgres.url });
    await client.connect();
    await client.query("insert into schema_migrations values ('9999-later', '2030-01-01T00:00:00.000Z')");
    await client.end();
    for (const options of [{ postgres }, { postgres, migrate: true }]) {
      await expect(openStore(options)).rejects.toMatchObject({ code: 'conflict', message: /newer Keyward/ });
    }
  });

  it('is refused when a commit in it would not survive a power cut [S109]', async () => {
    const url = await newUrl();
    await migrate({ postgres: { url, timeoutMs } });
    const careless = new URL(url);
    careless.searchParams.set('options', '-c synchronous_commit=off');
    await expect(openStore({ postgres: { url: careless.href, timeoutMs } })).rejects.toMatchObject({
      code: 'unavailable',
      cause: { message: expect.stringContaining('synchronous_commit') },
    });
  });

  it('that does not answer ends in unavailable, in time and without a crash [S112]', async () => {
    const url = await newUrl();
    const store = await openStore({ postgres: { url, timeoutMs: 1500 }, migrate: true });
    const { organization, token } = await populate(store);
    const client = new pg.Client({ connectionString: url });
    await client.connect();
    await client.query('begin');
    await client.query('lock table api_tokens in access exclusive mode');
    const update = () => store.write((c) => c.apiTokens.deactivate(organization.id, token.id, 1));
    await within(5000, async () => {
      await expect(update()).rejects.toMatchObject({ code: 'unavailable' });
      await expect(store.credentials.byDigest(token.digest)).rejects.toMatchObject({ code: 'unavailable' });
    });
    await client.query('rollback');
    await client.end();
    expect(await update()).toBe(true);
    await store.close();
  });

  it('has news of the journal for whoever follows it while all other reads are stuck [S112]', async () => {
    const url = await newUrl();
    const store = await openStore({ postgres: { url, timeoutMs, poolSize: 2 }, migrate: true });
    const { token } = await populate(store);
    await store.write(async (changes) => changes.journal(anEntry(null)));
    const client = new pg.Client({ connectionString: url });
    await client.connect();
    await client.query('begin; lock table api_tokens in access exclusive mode');
    let stuck = 20;
    const reads = Array.from({ length: stuck }, async () => {
      await store.credentials.byDigest(token.digest);
      stuck -= 1;
    });
    for (let n = 0; n < 3; n += 1) expect(await store.news.after(0, 10)).toHaveLength(1);
    expect(stuck).toBe(20);
    await client.query('rollback');
    await Promise.all([...reads, client.end()]);
    await store.close();
  });

  it('is asked on a new connection after an old one fell silent [S112]', async () => {
    const target = new URL(await newUrl());
    const line = await silentLine(Number(target.port));
    target.port = String(line.port);
    const store = await openStore({ postgres: { url: target.href, timeoutMs: 1500, poolSize: 1 }, migrate: true });
    line.silence();
    await expect(store.ping()).rejects.toMatchObject({ code: 'unavailable' });
    await store.ping();
    line.silence();
    const insert = () => store.write((changes) => changes.organizations.insert(anOrganization()));
    await expect(insert()).rejects.toMatchObject({ code: 'unavailable' });
    expect(await insert()).toBe(true);
    await store.close();
    line.close();
  });

  it('that cannot be reached is unavailable', async () => {
    const postgres = { url: 'postgres://nobody@127.0.0.1:1/none', timeoutMs: 1000 };
    await expect(openStore({ postgres })).rejects.toMatchObject({ code: 'unavailable' });
  });
});
