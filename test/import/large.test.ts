// A large file, by the real program over HTTP: in bounded memory on both sides, and through kill -9 of either side at random points, after
// which the same command goes on. Nothing is there twice, nothing is lost.

import { type ChildProcess, spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { createWriteStream, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import Sqlite from 'better-sqlite3';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Demo, startDemo } from '../end-to-end/program.ts';
import { bin, freePort } from '../end-to-end/run.ts';

/** A million: `KEYWARD_ROWS=1000000 KEYWARD_IMPORT_KILLS=10 npm test -- test/import/large.test.ts`. */
const rows = Number(process.env.KEYWARD_ROWS ?? 4000);
const kills = Number(process.env.KEYWARD_IMPORT_KILLS ?? 2);
const mostMb = 300;
/** A server keeps an index of all tokens, and records of those that it has looked at: an import is not what makes it large. */
const mostServerMb = 600;

let demo: Demo;
let token: string;
const running = new Set<ChildProcess>();
const port = await freePort();
beforeAll(async () => {
  demo = await startDemo({ args: ['--port', String(port)] });
  const { email, password } = demo.demo.owner;
  const answer = await fetch(`${demo.url}/v1/login`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ email, password }),
  });
  token = ((await answer.json()) as { accessToken: string }).accessToken;
  writeFileSync(
    join(demo.place.folder, 'old.yaml'),
    'name: old\nalgorithm: sha256\nshape: { prefix: old_ }\ndefaults: { permissions: [] }\n',
  );
}, 300_000);
afterAll(async () => {
  for (const child of running) child.kill('SIGKILL');
  await demo?.kill();
});

const keyOf = (file: string, row: number) =>
  `old_${file}_${createHash('sha256').update(`${file} ${row}`).digest('hex')}`;

async function writeFile(name: string): Promise<void> {
  const out = createWriteStream(join(demo.place.folder, name));
  out.write('name,hash\n');
  for (let row = 0; row < rows; row += 1) {
    const hash = createHash('sha256').update(keyOf(name, row)).digest('hex');
    if (!out.write(`${name} ${row},${hash}\n`)) await once(out, 'drain');
  }
  out.end();
  await once(out, 'finish');
}

interface Ran {
  code: number | null;
  output: string;
  /** The most memory that the process had, in MB. */
  peakMb: number;
  ms: number;
}

function importing(name: string): { child: ChildProcess; ended: Promise<Ran> } {
  const environment = { ...demo.place.environment, KEYWARD_URL: demo.url, KEYWARD_TOKEN: token };
  const args = [bin, 'import', 'tokens', name, '--recipe', 'old.yaml', '--json'];
  const began = performance.now();
  const child = spawn(process.execPath, args, {
    cwd: demo.place.folder,
    env: environment,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  running.add(child);
  let [output, peakMb] = ['', 0];
  child.stdout?.on('data', (chunk) => {
    output += chunk;
  });
  child.stderr?.on('data', (chunk) => {
    output += chunk;
  });
  const timer = setInterval(() => {
    peakMb = Math.max(peakMb, peakOf(child.pid ?? 0));
  }, 50);
  const ended = once(child, 'close').then(([code]) => {
    clearInterval(timer);
    running.delete(child);
    return { code, output, peakMb, ms: performance.now() - began };
  });
  return { child, ended };
}

function peakOf(pid: number): number {
  try {
    return Number(/VmHWM:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1] ?? 0) / 1024;
  } catch {
    return 0;
  }
}

const serverPid = () => demo.pid;

function countIn(name: string): { all: number; names: number } {
  const database = new Sqlite(join(demo.folder, 'keyward.db'), { readonly: true, timeout: 60_000 });
  const row = database
    .prepare("select count(*) as 'all', count(distinct name) as names from api_tokens where name like ?")
    .get(`${name} %`) as { all: number; names: number };
  database.close();
  return row;
}

test('a large file is taken over in bounded memory, and each of its keys works', async () => {
  await writeFile('whole');
  const before = cpuOf(serverPid());
  const ran = await importing('whole').ended;
  expect(ran.output, ran.output).toContain(`"added":${rows}`);
  expect(ran.code).toBe(0);
  const server = peakOf(serverPid());
  console.info(
    `${rows} rows in ${Math.round(ran.ms)} ms: ${Math.round((rows / ran.ms) * 1000)} a second; ` +
      `CLI ${Math.round(ran.peakMb)} MB, server ${Math.round(server)} MB, server CPU ${Math.round(((cpuOf(serverPid()) - before) * 1e4) / rows)} µs a row`,
  );
  expect(ran.peakMb).toBeLessThan(mostMb);
  expect(server).toBeLessThan(mostServerMb);
  for (const row of [0, Math.floor(rows / 2), rows - 1]) {
    const headers = { authorization: `Bearer ${keyOf('whole', row)}` };
    expect((await fetch(`${demo.url}/v1/check`, { headers })).status).toBe(200);
  }
}, 3_600_000);

/** Hundredths of a second. */
function cpuOf(pid: number): number {
  const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1]?.split(' ') ?? [];
  return Number(fields[11]) + Number(fields[12]);
}

/** Waits until so many are there, or it is over; it asks seldom where asking takes long. */
async function untilThere(name: string, enough: number, isOver: () => boolean): Promise<void> {
  while (!isOver()) {
    const since = performance.now();
    if (countIn(name).all >= enough) return;
    await pause(5 + 5 * (performance.now() - since));
  }
}

test('killed at random points, the command or the server, and gone on with, nothing is there twice and nothing is lost [S110]', async () => {
  await writeFile('killed');
  let running = importing('killed');
  for (let kill = 0; kill < kills; kill += 1) {
    let isOver = false;
    void running.ended.then(() => {
      isOver = true;
    });
    // In its midst, on a slow machine too.
    const enough = Math.floor(((kill + Math.random()) * rows) / (kills + 1));
    await untilThere('killed', enough, () => isOver);
    if (kill % 2 === 0) {
      running.child.kill('SIGKILL');
      await running.ended;
      running = importing('killed');
    } else {
      // The command tries again until it is back.
      await demo.stop('SIGKILL');
      demo = await startDemo({ args: ['--port', String(port)], place: demo.place });
    }
  }
  const { code, output } = await running.ended;
  expect(code, output).toBe(0);
  expect(countIn('killed')).toEqual({ all: rows, names: rows });
  expect(output).toContain('"rejected":0');
}, 3_600_000);
