// Nothing is acknowledged before it is on the disk: seen from outside, in the system calls of the real program.

import { execFileSync, spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { afterAll, describe, expect, type TestContext, test } from 'vitest';
import { openConnection } from '../bad-input/http-client.ts';
import { type PreparedDatabase, prepareDatabase } from './prepared-database.ts';

const root = join(import.meta.dirname, '..', '..');
const folder = mkdtempSync(join(tmpdir(), 'keyward-durability-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const changes = 12;

/** How many answers said 201, and how many of them had no flush of the write-ahead log since the answer before. */
interface FlushCount {
  acknowledged: number;
  tooEarly: number;
}

function judge(trace: string): FlushCount {
  const count = { acknowledged: 0, tooEarly: 0 };
  let flushed = false;
  for (const line of trace.split('\n')) {
    if (/\b(?:fdatasync|fsync)\(\d+<[^>]*keyward\.db-wal>\)/.test(line)) flushed = true;
    if (!/"HTTP\/1\.1 201 /.test(line)) continue;
    count.acknowledged += 1;
    if (!flushed) count.tooEarly += 1;
    flushed = false;
  }
  return count;
}

/** Runs a server under strace, creates so many things one after the other, and answers what it asked of the kernel. */
async function traced(prepared: PreparedDatabase, program: readonly string[]): Promise<string> {
  const file = join(folder, `trace-${program.length}`);
  const watched = 'trace=fsync,fdatasync,write,writev,sendto,sendmsg';
  const command = ['-f', '-y', '-s', '40', '-e', watched, '-o', file, process.execPath, ...program];
  const environment = { ...process.env, ...prepared.environment, KEYWARD_LOG_LEVEL: 'silent' };
  const child = spawn('strace', command, { env: environment, stdio: ['ignore', 'pipe', 'inherit'], detached: true });
  const ended = new Promise((resolve) => child.once('exit', resolve));
  const url = await new Promise<string>((resolve, reject) => {
    child.once('exit', () => reject(new Error('The traced program ended.')));
    child.stdout.on('data', (chunk: Buffer) => {
      const [found] = /http:\/\/[\d.]+:\d+/.exec(chunk.toString()) ?? [];
      if (found !== undefined) resolve(found);
    });
  });
  const connection = openConnection(url);
  for (let at = 0; at < changes; at += 1) {
    const body = Buffer.from(JSON.stringify({ name: `read:thing-${at}` }));
    const headers = [
      ['Authorization', `Bearer ${prepared.bearer}`],
      ['X-Forwarded-Proto', 'https'],
      ['Content-Type', 'application/json'],
    ] as const;
    const reply = await connection.send({ method: 'POST', target: '/v1/permissions', headers, body });
    expect(reply.status).toBe(201);
  }
  connection.close();
  await pause(100);
  // The whole group: strace would let its program live.
  process.kill(-(child.pid ?? Number.NaN), 'SIGTERM');
  await ended;
  return readFileSync(file, 'utf8');
}

function skipWithoutStrace(context: TestContext): void {
  try {
    execFileSync('strace', ['-o', '/dev/null', 'true'], { stdio: 'pipe' });
  } catch {
    context.skip('strace is not here, or may not trace, so the order of system calls cannot be seen.');
  }
}

describe('a change on SQLite', () => {
  test('is flushed to the disk before its 201 is on the socket [S109]', async (context) => {
    skipWithoutStrace(context);
    const prepared = await prepareDatabase(join(folder, 'data'), 'sqlite');
    const trace = await traced(prepared, [
      '--conditions=keyward-source',
      join(root, 'server', 'src', 'main.ts'),
      'serve',
    ]);
    expect(judge(trace)).toEqual({ acknowledged: changes, tooEarly: 0 });
  });

  test('would be seen to be acknowledged too early, by a server that does not wait for the disk', async (context) => {
    skipWithoutStrace(context);
    const prepared = await prepareDatabase(join(folder, 'control'), 'sqlite');
    const control = join(folder, 'control.mjs');
    writeFileSync(control, careless(join(root, 'package.json'), join(folder, 'control', 'keyward.db')));
    const { acknowledged, tooEarly } = judge(await traced(prepared, ['--no-warnings', control, 'careless']));
    expect(acknowledged).toBe(changes);
    // The one that is not is the first, after the flush of the new table.
    expect(tooEarly).toBeGreaterThanOrEqual(changes - 1);
  });
});

/** A server on the same file that acknowledges at once: `synchronous=NORMAL` leaves the flush for later. */
function careless(resolveFrom: string, file: string): string {
  return `import { createRequire } from 'node:module';
import { createServer } from 'node:http';
const Sqlite = createRequire(${JSON.stringify(resolveFrom)})('better-sqlite3');
const db = new Sqlite(${JSON.stringify(file)});
db.pragma('synchronous = normal');
db.exec('create table careless (n integer)');
const insert = db.prepare('insert into careless values (1)');
const server = createServer((request, response) => {
  request.resume().on('end', () => {
    insert.run();
    response.writeHead(201, { 'content-length': 0 }).end();
  });
});
server.listen(0, '127.0.0.1', () => console.log('http://127.0.0.1:' + server.address().port));
`;
}
