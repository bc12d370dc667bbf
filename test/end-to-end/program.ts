// The built program, started as somebody would start it: in a process of its own, on a free port, in a fresh folder. It
// is built first if its sources have changed, and what is started here is ended here.

import { type ChildProcessByStdio, spawn } from 'node:child_process';
import { mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Readable } from 'node:stream';
import Sqlite from 'better-sqlite3';
import type { DemoFile } from '../../server/src/cli/demo/file.ts';
import { queuedMsOf } from '../machine-time.ts';
import { bin, freshPlace, type Place, root } from './run.ts';

export interface Program {
  url: string;
  /** The data folder. */
  folder: string;
  place: Place;
  /** What it printed so far, on both streams. */
  output(): string;
  pid: number;
  /** What its start took, without what the machine kept it waiting for others. */
  startMs: number;
  /** Sends a signal and resolves with the exit code; the place stays. */
  stop(signal?: NodeJS.Signals): Promise<number | null>;
  /** Ends it at once and removes its place. */
  kill(): Promise<void>;
}

export interface Demo extends Program {
  /** What demo.json holds. */
  demo: DemoFile;
}

export interface StartOptions {
  args?: readonly string[];
  environment?: NodeJS.ProcessEnv;
  /** Where an earlier start left its data folder. */
  place?: Place;
}

/** Starts the demo on a free port; `options.args` are added. */
export async function startDemo(options: StartOptions = {}): Promise<Demo> {
  const program = await start({ ...options, args: ['--demo', ...(options.args ?? [])] });
  return { ...program, demo: JSON.parse(readFileSync(join(program.folder, 'demo.json'), 'utf8')) };
}

/** Runs `keyward serve` on a free port until it says that it listens. Rejects with what it printed if it ends before. */
export async function start(options: StartOptions = {}): Promise<Program> {
  await build();
  const place = options.place ?? freshPlace();
  try {
    return await startIn(place, options);
  } catch (error) {
    if (options.place === undefined) place.remove();
    throw error;
  }
}

/** Builds unless dist/ is up to date. A lock that the kernel frees keeps test files that run side by side apart. */
export async function build(): Promise<void> {
  mkdirSync(join(root, '.setup'), { recursive: true });
  const lock = new Sqlite(join(root, '.setup', 'build.lock'), { timeout: 300_000 });
  try {
    lock.exec('begin exclusive');
    const script = (await import(join(root, 'scripts', 'build.js'))) as { build(node: string): Promise<void> };
    await script.build(process.execPath);
  } finally {
    lock.close();
  }
}

async function startIn(place: Place, { args = [], environment }: StartOptions): Promise<Program> {
  const folder = join(place.folder, 'data');
  const port = args.includes('--port') ? [] : ['--port', '0'];
  const env = { ...place.environment, ...environment };
  const command = [bin, 'serve', '--data', folder, ...port, ...args];
  const began = performance.now();
  const child = spawn(process.execPath, command, { cwd: place.folder, env, stdio: ['ignore', 'pipe', 'pipe'] });
  const ended = new Promise<number | null>((resolve) => child.once('close', (code) => resolve(code)));
  let text = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (chunk: string) => {
      text += chunk;
    });
  }
  const url = await listening(child, args.includes('--demo'), () => text);
  const startMs = performance.now() - began - queuedMsOf(child.pid ?? 0);
  return {
    url,
    folder,
    place,
    pid: child.pid ?? 0,
    startMs,
    output: () => text,
    stop(signal = 'SIGTERM') {
      child.kill(signal);
      return ended;
    },
    async kill() {
      child.kill('SIGKILL');
      await ended;
      place.remove();
    },
  };
}

type Child = ChildProcessByStdio<null, Readable, Readable>;

/** Resolves with the address, once everything that belongs to a start is printed. */
function listening(child: Child, isDemo: boolean, printed: () => string): Promise<string> {
  return new Promise((resolve, reject) => {
    const give = (reason: string) => {
      child.kill('SIGKILL');
      reject(new Error(`${reason}\n${printed()}`));
    };
    const limit = setTimeout(() => give('The program did not start within two minutes.'), 120_000);
    const early = (code: number | null) => give(`The program ended with code ${code}.`);
    const look = () => {
      const [, url] = /^Keyward listens on (\S+)$/m.exec(printed()) ?? [];
      if (url === undefined || (isDemo && !printed().includes('Stop it with Ctrl-C.'))) return;
      clearTimeout(limit);
      child.off('close', early);
      child.stdout.off('data', look);
      resolve(url);
    };
    child.stdout.on('data', look);
    child.once('close', early);
  });
}
