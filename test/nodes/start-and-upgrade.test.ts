// Many nodes and one PostgreSQL: they start in any order and all at once, a start that is killed is gone on with, and the
// version before goes on beside the next one.

import { spawn } from 'node:child_process';
import pg from 'pg';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Server } from '../../server/src/assemble.ts';
import { systemIn } from '../../server/src/core/caller/caller.ts';
import { verifyChain } from '../../server/src/core/journal/chain.ts';
import { pendingMigrations } from '../../server/src/storage/migrate.ts';
import { migrations } from '../../server/src/storage/migrations/all.ts';
import { openDatabase } from '../../server/src/storage/open.ts';
import { addOrganization, assembleAt, newPlace, register, type TestPlace } from '../assembled-server.ts';
import { build } from '../end-to-end/program.ts';
import { bin } from '../end-to-end/run.ts';
import { changesOf, columnsOf } from './columns.ts';

const places: TestPlace[] = [];
afterAll(() => {
  for (const place of places) place.remove();
});
async function aPlace(isEmpty: boolean) {
  const place = await newPlace('postgres', { isEmpty });
  places.push(place);
  const client = new pg.Client({ connectionString: place.databaseUrl ?? '' });
  await client.connect();
  return { place, client };
}

describe('an empty database', () => {
  test('is made once by ten nodes that start on it at once, and each of them serves [S120]', async () => {
    const { place, client } = await aPlace(true);
    const nodes = await Promise.all(Array.from({ length: 10 }, () => assembleAt({ place })));
    const { rows } = await client.query('select name, count(*)::int as times from schema_migrations group by name');
    expect(new Map(rows.map(({ name, times }) => [name, times]))).toEqual(
      new Map(Object.keys(migrations).map((name) => [name, 1])),
    );
    const keys = await Promise.all(nodes.map(async ({ core }) => core.publicKeys()));
    expect(new Set(keys.map((one) => JSON.stringify(one))).size).toBe(1);
    await Promise.all(
      nodes.map(({ core }, at) => core.createOrganization(systemIn(), { name: `of-node-${at}`, planId: 'enterprise' })),
    );
    const plans = await client.query("select count(*)::int as made from journal where action = 'plan.created'");
    expect(plans.rows[0].made).toBe((await nodes[0]?.core.listPlans(systemIn()))?.length);
    for (const { store } of nodes) expect(await verifyChain(store.journal)).toMatchObject({ intact: true });
    await Promise.all(nodes.map((node) => node.close()));
    await client.end();
  }, 300_000);

  test('whose making is killed at any point is made by whoever comes next [S120]', async () => {
    await build();
    for (const statements of [1, 20, 60]) {
      const { place, client } = await aPlace(true);
      const env = { ...process.env, ...place.environment };
      const child = spawn(process.execPath, [bin, 'migrate'], { cwd: place.folder, env, stdio: 'ignore' });
      const ended = new Promise((resolve) => child.once('close', resolve));
      let seen = 0;
      while (seen < statements && child.exitCode === null) {
        const { rowCount } = await client.query(
          "select from pg_stat_activity where datname = current_database() and application_name = 'keyward' and xact_start is not null",
        );
        if (rowCount !== null && rowCount > 0) seen += 1;
      }
      child.kill('SIGKILL');
      await ended;
      const server = await assembleAt({ place });
      expect(await server.core.listPlans(systemIn())).not.toEqual([]);
      await server.close();
      await client.end();
    }
  }, 300_000);
});

describe('a node beside one of the next version, which added to every table', () => {
  let first: Server;
  let second: Server;
  let client: pg.Client;
  let place: TestPlace;
  beforeAll(async () => {
    ({ place, client } = await aPlace(false));
    [first, second] = [await assembleAt({ place }), await assembleAt({ place })];
    await register(first, 'read:x');
    const { rows } = await client.query("select tablename from pg_tables where schemaname = 'public'");
    for (const { tablename } of rows) {
      if (tablename.startsWith('schema_migrations')) continue;
      await client.query(`alter table "${tablename}" add column of_the_next text`);
    }
    await client.query('create table of_the_next (id text primary key)');
    await client.query("insert into schema_migrations values ('9999-next', '2030-01-01T00:00:00.000Z')");
  }, 60_000);
  afterAll(async () => {
    await Promise.all([first?.close(), second?.close(), client?.end()]);
  });

  test('goes on to create, check and revoke [S120]', async () => {
    const { owner } = await addOrganization(first, { name: 'acme', planId: 'enterprise', contributors: 100 });
    const made = await first.core.createApiToken(owner, { name: 'made', permissions: ['read:x'] });
    const checked = async (server: Server) => {
      const headers = { authorization: `Bearer ${made.secret}` };
      return (await server.inject({ method: 'GET', path: '/v1/check', headers })).status;
    };
    expect([await checked(first), await checked(second)]).toEqual([200, 200]);
    await second.core.deactivateApiToken(owner, { id: made.token.id });
    expect(await checked(second)).toBe(401);
    await expect.poll(() => checked(first)).toBe(401);
    await second.core.createRole(owner, { name: 'reader', permissions: ['read:x'] });
    expect(await verifyChain(first.store.journal)).toMatchObject({ intact: true });
  });

  test('is not started anew, and is told why [S120]', async () => {
    await expect(assembleAt({ place })).rejects.toThrow(/written by a newer Keyward\. Run that version/);
  });
});

describe('migrations', () => {
  /** From here on versions run side by side, so a migration may add and nothing else. */
  const firstSideBySide = '0040';

  test('only add to what is there, so that the version before goes on [S120]', async () => {
    const { place, client } = await aPlace(true);
    const database = await openDatabase({ postgres: { url: place.databaseUrl ?? '' } }, false);
    expect(await pendingMigrations(database.reads)).toEqual(Object.keys(migrations));
    const broken = new Map<string, string[]>();
    await database.atLeisure(async (db) => {
      let before = await columnsOf(client);
      for (const [name, { up }] of Object.entries(migrations)) {
        await up(db);
        const after = await columnsOf(client);
        const changes = changesOf(before, after);
        if (changes.length > 0) broken.set(name, changes);
        before = after;
      }
    });
    expect([...broken.keys()].filter((name) => name >= firstSideBySide)).toEqual([]);
    // What would not do is found.
    const before = await columnsOf(client);
    await client.query('alter table plans drop column name');
    await client.query('alter table roles rename column description to words');
    await client.query('alter table users alter column created_at type text');
    await client.query('alter table journal add column demanded text not null');
    const found = ['plans.name is gone', 'roles.description is gone', 'users.created_at is of another type'];
    const demanded = ['roles.words is new and required', 'journal.demanded is new and required'];
    expect(changesOf(before, await columnsOf(client)).toSorted()).toEqual([...found, ...demanded].toSorted());
    await Promise.all([database.close(), client.end()]);
  }, 60_000);
});
