// Backups and restores as an operator does them: by the commands, on a data folder of their own, and a database that was copied
// back by hand is recognised.

import { copyFileSync, existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PassThrough, Readable } from 'node:stream';
import Sqlite from 'better-sqlite3';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { assemble } from '../../server/src/assemble.ts';
import { run } from '../../server/src/cli/program.ts';
import { loadConfig } from '../../server/src/config/config.ts';
import { systemIn } from '../../server/src/core/caller/caller.ts';

let folder: string;
beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'keyward-recovery-'));
  const args = ['init', '--organization', 'acme', '--email', 'ada@example.com', '--password-stdin'];
  expect(await keyward(args, 'a kettle on the mountain\n')).toMatchObject({ code: 0 });
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

async function keyward(args: readonly string[], input = '') {
  const [output, errors] = [new PassThrough(), new PassThrough()];
  const environment = { KEYWARD_LOG_LEVEL: 'silent' };
  const code = await run(args, { input: Readable.from([input]), output, errors, environment, folder });
  const text = (stream: PassThrough) => String(stream.read() ?? '');
  return { code, output: text(output), errors: text(errors) };
}

const openServer = () => assemble(loadConfig({ logLevel: 'silent' }, {}, folder), { demo: false });
const at = (...names: string[]) => join(folder, ...names);
const database = () => at('data', 'keyward.db');

/** Makes tokens, does something with a running server, and ends it. */
async function withServer<T>(
  work: (server: Awaited<ReturnType<typeof openServer>>, acme: { id: string; name: string }) => Promise<T>,
) {
  const server = await openServer();
  try {
    const acme = await server.store.organizations.findByName('acme');
    if (acme === null) throw new Error('There is no acme.');
    return await work(server, acme);
  } finally {
    await server.close();
  }
}

const newToken = (name: string) =>
  withServer(async ({ core, store }, acme) => {
    const { items } = await store.users.list(acme.id, { limit: 1, order: 'asc', sort: 'createdAt' } as never);
    const system = systemIn(acme);
    const owner = { type: 'user', id: items[0]?.id ?? '' } as const;
    return core.createApiToken({ ...system, owner: { ...system.owner, ...owner } }, { name, permissions: ['*:*'] });
  });
const isAllowed = (secret: string) => withServer(async ({ core }) => (await core.inspect(secret)).allowed);
const end = (id: string) => withServer(({ core }, acme) => core.deactivateApiToken(systemIn(acme), { id }));

describe('keyward backup and restore', () => {
  test('bring back what was there, tell what they did, and revive nothing [S117, G19]', async () => {
    const [kept, ended] = [await newToken('kept'), await newToken('ended')];
    const made = await keyward(['backup', '--to', 'backup.db']);
    expect(made).toMatchObject({ code: 0, errors: '' });
    expect(made.output).toContain('The sealing keys are not in it');
    await end(ended.token.id);
    const restored = await keyward(['restore', 'backup.db', '--yes']);
    expect(restored).toMatchObject({ code: 0, errors: '' });
    expect(restored.output).toContain('were replayed from');
    expect(await isAllowed(kept.secret)).toBe(true);
    expect(await isAllowed(ended.secret)).toBe(false);
  });

  test('suspend without a journal, and release all or some', async () => {
    const [one, other] = [await newToken('one'), await newToken('other')];
    await keyward(['backup', '--to', 'backup.db', '--json']);
    const restored = await keyward(['restore', 'backup.db', '--no-journal', '--yes']);
    expect(restored).toMatchObject({ code: 0, errors: '' });
    expect(restored.output).toContain(
      'Everything stands suspended, because no later journal was given: 1 user, 2 API tokens',
    );
    expect(await isAllowed(one.secret)).toBe(false);
    const some = await keyward(['restore', 'release', '--token', one.token.id, '--data', 'data', '--json']);
    expect(some.errors).toBe('');
    expect(JSON.parse(some.output)).toMatchObject({ released: { apiTokens: 1 }, left: { apiTokens: 1 } });
    // Its owner still is.
    expect(await isAllowed(one.secret)).toBe(false);
    expect(await keyward(['restore', 'release', '--all', '--yes', '--data', 'data'])).toMatchObject({ code: 0 });
    expect(await isAllowed(one.secret)).toBe(true);
    expect(await isAllowed(other.secret)).toBe(true);
  });

  test('ask first, and say what is wrong with a backup without touching anything', async () => {
    await keyward(['backup', '--to', 'backup.db']);
    const before = readFileSync(database());
    expect(await keyward(['restore', 'backup.db'])).toMatchObject({ code: 2 });
    expect(await keyward(['restore', 'missing.db', '--yes'])).toMatchObject({ code: 1 });
    expect(await keyward(['restore', '--yes'])).toMatchObject({ code: 2 });
    const bytes = readFileSync(at('backup.db'));
    bytes[bytes.length >> 1] = (bytes[bytes.length >> 1] ?? 0) ^ 1;
    writeFileSync(at('backup.db'), bytes);
    const refused = await keyward(['restore', 'backup.db', '--yes']);
    expect(refused).toMatchObject({ code: 1, errors: expect.stringContaining('checksum') });
    writeFileSync(at('text.db'), 'no database at all, but a text of some length'.repeat(100));
    expect(await keyward(['restore', 'text.db', '--yes'])).toMatchObject({ code: 1 });
    expect(readFileSync(database()).equals(before)).toBe(true);
    expect(readdirSync(at('data')).filter((name) => name.includes('before') || name.includes('restoring'))).toEqual([]);
  });

  test('are told beside a running server that it must be stopped', async () => {
    await keyward(['backup', '--to', 'backup.db']);
    await withServer(async () => {
      const refused = await keyward(['restore', 'backup.db', '--yes']);
      expect(refused).toMatchObject({ code: 1, errors: expect.stringContaining('Another Keyward is running') });
    });
  });
});

describe('a database that was copied back by hand', () => {
  test('is not served until it was decided about, and then revives nothing [S117, G19]', async () => {
    const { token, secret } = await newToken('ended');
    copyFileSync(database(), at('copy.db'));
    await keyward(['journal', 'ship', '--to', 'second', '--once']);
    await end(token.id);
    expect(await keyward(['journal', 'ship', '--to', 'second', '--once'])).toMatchObject({ code: 0, errors: '' });
    copyFileSync(at('copy.db'), database());

    await expect(openServer()).rejects.toThrow('not the one that was served last');
    await expect(openServer()).rejects.toMatchObject({ hint: expect.stringContaining('keyward restore --in-place') });
    const decided = await keyward(['restore', '--in-place', '--journal', 'second', '--yes']);
    expect(decided).toMatchObject({ code: 0, errors: '' });
    expect(await isAllowed(secret)).toBe(false);
    expect(existsSync(at('data', 'journal.head'))).toBe(true);
  });

  test('stands suspended where no journal says what came after it [S117]', async () => {
    const { secret } = await newToken('one');
    copyFileSync(database(), at('copy.db'));
    await newToken('other');
    copyFileSync(at('copy.db'), database());
    expect(await keyward(['restore', '--in-place', '--yes'])).toMatchObject({ code: 0, errors: '' });
    expect(await isAllowed(secret)).toBe(false);
  });

  test('may be accepted as it is by whoever knows that nothing was revoked', async () => {
    const { secret } = await newToken('one');
    copyFileSync(database(), at('copy.db'));
    await newToken('other');
    copyFileSync(at('copy.db'), database());
    expect(await keyward(['restore', '--in-place', '--accept', '--yes'])).toMatchObject({ code: 0, errors: '' });
    expect(await isAllowed(secret)).toBe(true);
    // Who comes later sees that somebody decided so.
    await withServer(async ({ store }) => {
      const entries = await store.journal.latest(null, 10);
      expect(entries.find(({ action }) => action === 'server.restored')?.detail).toMatchObject({ accepted: true });
    });
  });

  test('is recognised where it is another of the same length, too [S117]', async () => {
    copyFileSync(database(), at('copy.db'));
    await newToken('one');
    copyFileSync(database(), at('newer.db'));
    copyFileSync(at('copy.db'), database());
    rmSync(at('data', 'journal.head'));
    await newToken('two');
    copyFileSync(at('newer.db'), database());
    await expect(openServer()).rejects.toThrow('is not the one that was written');
  });

  test('is no reason to refuse one whose head lags, as after a crash', async () => {
    await newToken('one');
    const head = readFileSync(at('data', 'journal.head'));
    await newToken('two');
    writeFileSync(at('data', 'journal.head'), head);
    await withServer(async () => {});
    expect(readFileSync(at('data', 'journal.head')).equals(head)).toBe(false);
    rmSync(at('data', 'journal.head'));
    await withServer(async () => {});
    writeFileSync(at('data', 'journal.head'), 'half a li');
    await expect(openServer()).rejects.toThrow('it is damaged');
  });

  test('is found altered at its end, where the chain alone says nothing [S123]', async () => {
    await newToken('one');
    const file = new Sqlite(database());
    file.exec('delete from journal where seq = (select max(seq) from journal)');
    file.close();
    await expect(openServer()).rejects.toThrow('were written');
  });
});
