// What operators may rely on in the commands that open a database themselves. Everything is real: SQLite files in a
// temporary folder, the assembled server, and for `serve` a process of its own.

import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PassThrough, Readable } from 'node:stream';
import Database from 'better-sqlite3';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { assemble } from '../../assemble.ts';
import { loadConfig } from '../../config/config.ts';
import { run } from '../program.ts';

const password = 'a kettle on the mountain';
const inUse = expect.stringContaining('Another Keyward is running on this data folder');
const init = ['init', '--organization', 'acme', '--email', 'Ada@Example.com', '--password-stdin'];

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'keyward-commands-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

async function keyward(args: readonly string[], input = '') {
  const [output, errors] = [new PassThrough(), new PassThrough()];
  const environment = { KEYWARD_LOG_LEVEL: 'silent' };
  const code = await run(args, { input: Readable.from([input]), output, errors, environment, folder });
  const text = (stream: PassThrough) => String(stream.read() ?? '');
  return { code, output: text(output), errors: text(errors) };
}

function openServer() {
  return assemble(loadConfig({ logLevel: 'silent' }, {}, folder), { demo: false });
}

/** Changes the file behind the server's back, as somebody would who wants to hide something. */
function tamper(statements: readonly string[]): void {
  const database = new Database(join(folder, 'data', 'keyward.db'));
  for (const { name } of database.prepare("select name from sqlite_master where type = 'trigger'").all() as {
    name: string;
  }[]) {
    database.exec(`drop trigger "${name}"`);
  }
  for (const statement of statements) database.exec(statement);
  database.close();
}

describe('init', () => {
  test('makes the first owner, who can sign in with the chosen password', async () => {
    const { code, output } = await keyward([...init, '--json'], `${password}\n`);
    expect(code).toBe(0);
    expect(JSON.parse(output)).toMatchObject({ organization: { name: 'acme' }, user: { email: 'ada@example.com' } });
    const server = await openServer();
    const proof = { kind: 'password', username: 'ada@example.com', password } as const;
    const answer = await server.core.exchange({ proof, shape: () => ({ form: 'sealed', lifetimeMs: 60_000 }) });
    await server.close();
    expect(answer).toMatchObject({ allowed: true, principal: { organization: { name: 'acme', isOperator: true } } });
  });

  test('works once: a server that has an owner is left as it is', async () => {
    await keyward(init, password);
    const { code, errors } = await keyward(init, password);
    expect(code).toBe(1);
    expect(errors).toContain('has an owner already');
  });

  test('knows no default password, and takes none that is too short', async () => {
    expect(await keyward(init, '')).toMatchObject({ code: 2 });
    expect(await keyward(init.slice(0, -1))).toMatchObject({
      code: 2,
      errors: expect.stringContaining('--password-stdin'),
    });
    expect(await keyward(init, 'short')).toMatchObject({ code: 1, errors: expect.stringContaining('15 characters') });
  });

  test('can be repeated after it ended half-way', async () => {
    await keyward(init, 'short');
    expect(await keyward(init, password)).toMatchObject({ code: 0 });
  });

  test('refuses a folder on which a server runs, and says so', async () => {
    const server = await openServer();
    const { code, errors } = await keyward(init, password);
    await server.close();
    expect([code, errors]).toEqual([1, inUse]);
  });
});

describe('migrate', () => {
  test('brings an empty folder up to date, and then has nothing to do', async () => {
    expect(await keyward(['migrate'])).toMatchObject({ code: 0, errors: '' });
    const { code, output } = await keyward(['migrate', '--json']);
    expect([code, JSON.parse(output)]).toEqual([0, { ran: [] }]);
  });

  test('refuses a folder on which a server runs, and says so', async () => {
    const server = await openServer();
    const { code, errors } = await keyward(['migrate']);
    await server.close();
    expect([code, errors]).toEqual([1, inUse]);
  });
});

describe('journal verify', () => {
  test('counts the entries and shows the head, also beside a running server [S123]', async () => {
    await keyward(init, password);
    const server = await openServer();
    const { code, output } = await keyward(['journal', 'verify', '--json']);
    const head = await server.store.journal.head();
    await server.close();
    expect(code).toBe(0);
    expect(JSON.parse(output)).toEqual({ intact: true, entries: head, head: expect.stringMatching(/^[0-9a-f]{64}$/) });
  });

  test.each([
    ['an edited entry', ["update journal set action = 'user.deleted' where seq = 2"]],
    ['a removed entry', ['delete from journal where seq = 2']],
    [
      'entries that changed places',
      ['update journal set seq = -seq where seq in (2, 3)', 'update journal set seq = 5 + seq where seq < 0'],
    ],
  ])('finds %s and exits with 1 [S123]', async (_, statements) => {
    await keyward(init, password);
    tamper(statements);
    const { code, output } = await keyward(['journal', 'verify', '--json']);
    expect([code, JSON.parse(output)]).toEqual([
      1,
      expect.objectContaining({ intact: false, entries: 1, brokenAt: 2 }),
    ]);
    const told = await keyward(['journal', 'verify']);
    expect([told.code, told.output]).toEqual([1, expect.stringMatching(/tampered.*Entry 2 /)]);
  });

  test('says that there is no database, and makes none', async () => {
    const { code, errors } = await keyward(['journal', 'verify']);
    expect([code, errors]).toEqual([1, expect.stringContaining(`There is no database in ${join(folder, 'data')}`)]);
    expect(existsSync(join(folder, 'data'))).toBe(false);
  });
});

describe('serve', () => {
  const main = join(import.meta.dirname, '..', '..', 'main.ts');
  const started: ChildProcess[] = [];
  afterEach(() => {
    for (const child of started.splice(0)) child.kill('SIGKILL');
  });

  /** Starts a server of its own; resolves with its first line of output or, if it ends before, with nothing. */
  async function serve(...args: string[]) {
    const env = { PATH: process.env.PATH, KEYWARD_LOG_LEVEL: 'silent' };
    const child = spawn(process.execPath, ['--conditions=keyward-source', main, 'serve', ...args], {
      cwd: folder,
      env,
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    started.push(child);
    let errors = '';
    child.stderr.on('data', (chunk) => {
      errors += chunk;
    });
    const ended = new Promise<number | null>((resolve) => child.once('close', resolve));
    const line = await Promise.race([
      new Promise<string>((resolve) => child.stdout.once('data', (chunk) => resolve(String(chunk).trim()))),
      ended.then(() => ''),
    ]);
    return { child, line, ended, errors: () => errors };
  }

  test('takes a free port with --port 0, prints the address, and ends well on SIGTERM', async () => {
    const { child, line, ended } = await serve('--port', '0', '--json');
    const { url } = JSON.parse(line);
    expect((await fetch(`${url}/healthz`)).status).toBe(200);
    child.kill('SIGTERM');
    expect(await ended).toBe(0);
  });

  test('prints a link for the first owner while there is none, and not in the log [S90]', async () => {
    const first = await serve('--port', '0', '--url', 'https://auth.example.com');
    await expect.poll(first.errors).toMatch(/no owner yet.*\nhttps:\/\/auth\.example\.com\/set-up#[0-9A-Za-z]{43}\n$/);
    expect(first.line).not.toContain('#');
    first.child.kill('SIGTERM');
    await first.ended;
    expect((await keyward(init, password)).code).toBe(0);
    const second = await serve('--port', '0');
    second.child.kill('SIGTERM');
    expect([await second.ended, second.errors()]).toEqual([0, expect.stringMatching(/^Warning: every call .*\n$/)]);
  });

  test('takes a second signal that follows at once for the first', async () => {
    const { child, ended } = await serve('--port', '0');
    child.kill('SIGINT');
    child.kill('SIGTERM');
    expect(await ended).toBe(0);
  });

  test('says that a port is taken, and frees the folder', async () => {
    const other = createServer();
    await new Promise<void>((resolve) => other.listen(0, '127.0.0.1', resolve));
    const { ended, errors } = await serve('--port', String((other.address() as AddressInfo).port));
    expect(await ended).toBe(1);
    expect(errors()).toMatch(/^Keyward cannot listen on 127\.0\.0\.1, port \d+: the port is taken\.\n.*--port 9000/);
    other.close();
    await (await openServer()).close();
  });

  test('refuses a folder on which another server runs', async () => {
    const server = await openServer();
    const { ended, errors } = await serve('--port', '0');
    expect([await ended, errors()]).toEqual([1, inUse]);
    await server.close();
  });
});
