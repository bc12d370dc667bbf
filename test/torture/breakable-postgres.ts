// A PostgreSQL of its own that can be ended in any way and started again on the same port, and that can be replaced by a
// standby which lagged: a copy of its files from some time before. Its files are removed when it is stopped.

import { spawn } from 'node:child_process';
import { chmodSync, chownSync, cpSync, mkdtempSync, readdirSync, readFileSync, realpathSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import pg from 'pg';
import { freePort } from '../end-to-end/run.ts';
import { type Cluster, commandOf, makeCluster } from '../postgres.ts';

export interface BreakablePostgres {
  port: number;
  url: string;
  /** Ends it, `immediate` as a crash does, and starts it again. */
  restart(how: 'fast' | 'immediate'): Promise<void>;
  /** Restarts it, and keeps its files of the moment between as those of a standby. */
  fork(): Promise<void>;
  /** The standby takes over: what was committed since the fork is lost. */
  promote(): Promise<void>;
  stop(): Promise<void>;
}

const signals = { fast: 'SIGINT', immediate: 'SIGQUIT' } as const;

export async function startBreakablePostgres(): Promise<BreakablePostgres> {
  const folder = mkdtempSync(join(realpathSync(tmpdir()), 'keyward-torture-'));
  const cluster = makeCluster(folder);
  const port = await freePort();
  const standby = join(folder, 'standby');
  const url = `postgres://postgres@127.0.0.1:${port}/postgres`;
  let running = await run(cluster, port, url, folder);
  const between = async (how: 'fast' | 'immediate', work: () => void) => {
    await running.end(signals[how]);
    work();
    running = await run(cluster, port, url, folder);
  };
  const copy = (from: string, to: string) => {
    rmSync(to, { recursive: true, force: true });
    cpSync(from, to, { recursive: true, preserveTimestamps: true });
    chmodSync(to, 0o700);
    own(to, cluster);
  };
  return {
    port,
    url,
    restart: (how) => between(how, () => {}),
    fork: () => between('fast', () => copy(cluster.data, standby)),
    promote: () => between('immediate', () => copy(standby, cluster.data)),
    async stop() {
      await running.end('SIGQUIT');
      rmSync(folder, { recursive: true, force: true, maxRetries: 5 });
    },
  };
}

// Ends the server and removes the folder when its standard input closes, which the kernel sees to even if this process is
// killed.
const guard = `
exec 3<&0
"$@" 3<&- & server=$!
( cat <&3 >/dev/null; kill -QUIT $server 2>/dev/null && { sleep 1; cd /; rm -rf "$KEYWARD_TEST_FOLDER"; } ) & watch=$!
trap '' INT TERM
wait $server
kill $watch 2>/dev/null
exit 0`;

async function run(cluster: Cluster, port: number, url: string, folder: string) {
  const command = commandOf(cluster, port, ['fsync=off', 'full_page_writes=off']);
  const env = { ...process.env, LC_ALL: 'C', KEYWARD_TEST_FOLDER: folder };
  const shell = spawn('sh', ['-c', guard, 'sh', ...command], {
    ...cluster.account,
    cwd: folder,
    env,
    stdio: ['pipe', 'ignore', 'ignore'],
  });
  const ended = new Promise<void>((resolve) => shell.once('exit', () => resolve()));
  await answers(url);
  return {
    async end(signal: NodeJS.Signals): Promise<void> {
      process.kill(postmasterOf(cluster), signal);
      await ended;
      shell.stdin.end();
    },
  };
}

function postmasterOf({ data }: Cluster): number {
  return Number(readFileSync(join(data, 'postmaster.pid'), 'latin1').split('\n')[0]);
}

/** Waits until it takes queries, for two minutes at most. */
async function answers(url: string): Promise<void> {
  const until = performance.now() + 120_000;
  for (;;) {
    const client = new pg.Client({ connectionString: url });
    client.on('error', () => {});
    try {
      await client.connect();
      await client.query('select 1');
      await client.end();
      return;
    } catch (cause) {
      if (performance.now() > until) throw new Error('PostgreSQL did not come back.', { cause });
      await pause(50);
    }
  }
}

/** Files that root copied belong to the account that PostgreSQL runs as. */
function own(path: string, { account }: Cluster): void {
  const { uid, gid } = account;
  if (uid === undefined || gid === undefined) return;
  chownSync(path, uid, gid);
  for (const name of readdirSync(path, { recursive: true, encoding: 'utf8' })) chownSync(join(path, name), uid, gid);
}
