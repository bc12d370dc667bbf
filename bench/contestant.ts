// Contestants: processes of their own on the servers' core, and what their work costs them.

import { type ChildProcess, execFile, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { cpuTimes } from './cpu.ts';
import { type Answers, drive, type Load } from './load.ts';
import { onServerCore } from './pinning.ts';

export interface Contestant {
  pid: number;
  url: string;
  /** How many lines it has written since it listens, to its standard output. */
  lines(): number;
  /** Ends at once: nothing is saved, nothing is tidied up. */
  kill(): Promise<void>;
  /** Asks it to end and waits until it has. */
  stop(): Promise<void>;
}

/** Starts `node …args`; resolves once it has printed its address, as `{"url":"…"}` on a line. */
export async function start(args: readonly string[], env: NodeJS.ProcessEnv = process.env): Promise<Contestant> {
  const { command, args: all } = onServerCore(args);
  const child = spawn(command, all, { env, stdio: ['ignore', 'pipe', 'inherit'] });
  // A run that fails leaves nobody behind.
  const abandon = () => child.kill('SIGKILL');
  process.once('exit', abandon);
  child.once('exit', () => process.off('exit', abandon));
  const { url, lines } = await firstUrl(child);
  const end = async (signal: NodeJS.Signals) => {
    if (child.exitCode !== null || child.signalCode !== null) return;
    child.kill(signal);
    await once(child, 'exit');
  };
  return { pid: child.pid ?? 0, url, lines, kill: () => end('SIGKILL'), stop: () => end('SIGTERM') };
}

/** Bare node:http: answering 100 bytes, to a GET or to a small JSON body, or answering nothing at all. */
export function startBare(kind: 'get' | 'post' | 'empty'): Promise<Contestant> {
  return startScript('bare.js', kind);
}

/** One of contestants/ that listens. */
export function startScript(name: string, ...args: readonly string[]): Promise<Contestant> {
  return start([file(name), ...args]);
}

/**
 * Runs one of contestants/ to its end, on the servers' core; it prints its result as JSON, and nothing else. Rejects with
 * what it said if it fails, or takes ten minutes.
 */
export async function runScript<T>(name: string, ...args: readonly string[]): Promise<T> {
  const { command, args: all } = onServerCore([file(name), ...args]);
  const { stdout } = await promisify(execFile)(command, all, { encoding: 'utf8', timeout: 600_000 });
  return JSON.parse(stdout) as T;
}

/** Microseconds of CPU that one operation costs in a process that does nothing else. */
export function operationCost(name: 'es256' | 'rs256' | 'gcm', count: number): number {
  const { command, args } = onServerCore([file('operation.js'), name, String(count)]);
  return JSON.parse(execFileSync(command, args, { encoding: 'utf8' })).microseconds;
}

/** Microseconds of CPU that a contestant spends on each request of a load. */
export async function requestCost(contestant: Pick<Contestant, 'pid' | 'url'>, load: Omit<Load, 'url'>) {
  return (await requestCosts(contestant, load)).us;
}

/** The same, and what was answered. */
export async function requestCosts(
  { pid, url }: Pick<Contestant, 'pid' | 'url'>,
  load: Omit<Load, 'url'>,
): Promise<Costs> {
  const before = cpuTimes(pid).own;
  const answers = await drive({ ...load, url });
  return { us: ((cpuTimes(pid).own - before) * 1000) / load.requests, answers };
}

/** What one load cost while it ran, and what was answered. */
export interface Costs {
  us: number;
  answers: Answers;
}

/**
 * As `requestCost`, for a server that puts work off: what it did since the end of its load before is part of the cost of
 * this one. Nobody else may load it. `note` is told what it cost without that.
 */
export function costsWithLateWork(
  contestant: Pick<Contestant, 'pid' | 'url'>,
): (load: Omit<Load, 'url'>, note?: (costs: Costs) => void) => Promise<number> {
  let before = cpuTimes(contestant.pid).own;
  return async (load, note) => {
    const costs = await requestCosts(contestant, load);
    const after = cpuTimes(contestant.pid).own;
    const us = ((after - before) * 1000) / load.requests;
    before = after;
    note?.(costs);
    return us;
  };
}

/** Waits until a contestant has had nothing to do for a second: what it does after its start is done. */
export async function untilIdle({ pid }: Pick<Contestant, 'pid'>): Promise<void> {
  for (let before = -1000; ; ) {
    const now = cpuTimes(pid).own;
    if (now - before <= 50) return;
    before = now;
    await new Promise((resolve) => setTimeout(resolve, 1000));
  }
}

function file(name: string): string {
  return fileURLToPath(new URL(`contestants/${name}`, import.meta.url));
}

async function firstUrl(child: ChildProcess): Promise<{ url: string; lines: () => number }> {
  const { stdout } = child;
  if (stdout === null) throw new Error('A contestant needs a standard output.');
  for await (const line of createInterface(stdout)) {
    if (!line.startsWith('{"url"')) continue;
    let lines = 0;
    stdout.on('data', (chunk: Buffer) => {
      for (const byte of chunk) if (byte === 10) lines += 1;
    });
    stdout.resume();
    return { url: JSON.parse(line).url, lines: () => lines };
  }
  throw new Error('A contestant ended before it listened; what it said is above.');
}
