// PostgreSQL that was restored by its own tools: an older copy is recognised by the head outside it and not served before it was decided
// about, as SQLite's file is. A copy by `create database … template` stands for pg_dump and pg_restore, which npm's PostgreSQL lacks:
// both leave a database of another name with the same rows.

import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PassThrough, Readable } from 'node:stream';
import pg from 'pg';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { openShipping } from '../../server/src/assemble/recovery/ship.ts';
import { run } from '../../server/src/cli/program.ts';
import type { Config } from '../../server/src/config/config.ts';
import { sharedPostgres } from '../postgres.ts';
import { startServer, type TestServer } from '../server.ts';

describe('a dump that was restored by hand', () => {
  let server: TestServer;
  let folder: string;
  let config: Config;
  /** As it was when it was dumped; a fresh copy of that for each test. */
  let dump: string;
  let kept: string;
  let ended: string;
  const head = () => join(folder, 'journal.head');
  const journal = () => join(folder, 'journal');

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'keyward-dump-'));
    server = await startServer({ database: 'postgres' });
    const made = async (name: string) => server.core.createApiToken(server.asOwner, { name, permissions: ['*:*'] });
    const [one, other] = [await made('kept'), await made('ended')];
    [kept, ended] = [one.secret, other.secret];
    const url = 'postgres' in server.database ? server.database.postgres.url : '';
    await server.restart({ journalHead: head() }, async (stopped) => {
      config = stopped;
      dump = await copyOf(url);
    });
    await server.core.deactivateApiToken(server.asOwner, { id: other.token.id });
    const shipping = await openShipping(config, journal());
    await shipping.step();
    await shipping.close();
  });
  afterAll(async () => {
    await server?.stop();
    rmSync(folder, { recursive: true, force: true });
  });

  /** A node that ran on it until now is on a database of another name: nobody runs on this one. */
  async function copyOf(url: string): Promise<string> {
    const copy = await (await sharedPostgres()).createDatabase(new URL(url).pathname.slice(1));
    await query(copy, 'delete from verifiers');
    return copy;
  }

  const nodesOn = async (url: string) =>
    (await query(url, 'select from verifiers where organization_id is null')).rowCount ?? 0;

  async function query(url: string, sql: string) {
    const client = new pg.Client({ connectionString: url });
    await client.connect();
    try {
      return await client.query(sql);
    } finally {
      await client.end();
    }
  }

  async function decided(database: string, ...args: string[]) {
    const [output, errors] = [new PassThrough(), new PassThrough()];
    const environment = {
      ...{ KEYWARD_LOG_LEVEL: 'silent', KEYWARD_DATABASE: database, KEYWARD_JOURNAL_HEAD: head() },
      KEYWARD_SECRETS: config.secrets ?? '',
    };
    const terminal = { input: Readable.from(['']), output, errors, environment, folder };
    const code = await run(['restore', '--in-place', ...args, '--yes'], terminal);
    return { code, output: String(output.read() ?? ''), errors: String(errors.read() ?? '') };
  }

  /** Served in place of the one that was served last. */
  const served = (database: string, before?: () => Promise<unknown>) =>
    server.restart({ database, journalHead: head() }, before);
  const isAllowed = async (secret: string) => (await server.core.inspect(secret)).allowed;

  test('is not served, and says how to go on [S117]', async () => {
    const database = await copyOf(dump);
    const newest = await server.store.journal.head();
    await expect(served(database)).rejects.toMatchObject({
      message: expect.stringMatching(
        new RegExp(`not the one that was served last.* and ${newest} were written .*journal\\.head`),
      ),
      hint: expect.stringMatching(/newer database back.*keyward restore --in-place, with --journal/),
    });
    // The one that was served last is served as before.
    await served(config.database ?? '');
    expect([await isAllowed(kept), await isAllowed(ended)]).toEqual([true, false]);
  });

  test('is told beside a node that runs on it that all must be stopped', async () => {
    const url = config.database ?? '';
    // It says that it is there a moment after it has been started.
    await expect.poll(() => nodesOn(url)).toBeGreaterThan(0);
    const refused = await decided(url);
    expect(refused).toMatchObject({ code: 1, errors: expect.stringMatching(/still runs on this database.*Stop all/) });
  });

  test('revives nothing and suspends nothing, once it was decided about with the later journal [S117, G19]', async () => {
    const database = await copyOf(dump);
    await served(database, async () => {
      const done = await decided(database, '--journal', journal());
      expect(done, done.errors).toMatchObject({ code: 0, output: expect.stringContaining('were replayed from') });
    });
    expect([await isAllowed(kept), await isAllowed(ended)]).toEqual([true, false]);
    await expect(served(config.database ?? '')).rejects.toThrow('not the one that was served last');
    await served(database);
  });

  test('stands suspended, decided about without the later journal [S117, G19]', async () => {
    const database = await copyOf(dump);
    await served(database, async () => {
      const done = await decided(database);
      expect(done, done.errors).toMatchObject({
        code: 0,
        output: expect.stringContaining('Everything stands suspended'),
      });
    });
    expect([await isAllowed(kept), await isAllowed(ended)]).toEqual([false, false]);
  });
});
