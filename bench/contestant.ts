// Contestants: processes of their own on the servers' core, and what their work costs them.

import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { cpuTimes } from './cpu.ts';
import { drive, type Load } from './load.ts';
import { onServerCore } from './pinning.ts';

export interface Contestant {
  pid: number;
  url: string;
  /** Ends at once: nothing is saved, nothing is tidied up. */
  kill(): Promise<void>;
  /** Asks it to end and waits until it has. */
  stop(): Promise<void>;
}

/** Starts `node …args`; resolves once it has printed its address, as `{"url":"…"}` on a line. */
export async function start(args: readonly string[], env: NodeJS.ProcessEnv = process.env): Promise<Contestant> {
  const { command, args: all } = onServerCore(args);
  const child = spawn(command, all, { env, stdio: ['ignore', 'pipe', 'inherit'] });
  const url = await firstUrl(child);
  const end = async (signal: NodeJS.Signals) => {
    if (child.exitCode !== null || child.signalCode !== null) return;
    child.kill(signal);
    await once(child, 'exit');
  };
  return { pid: child.pid ?? 0, url, kill: () => end('SIGKILL'), stop: () => end('SIGTERM') };
}

/** Bare node:http answering 100 bytes. */
export function startBare(kind: 'get' | 'post'): Promise<Contestant> {
  return start([file('bare.js'), kind]);
}

/** Microseconds of CPU that one operation costs in a process that does nothing else. */
export function operationCost(name: 'es256' | 'rs256' | 'gcm', count: number): number {
  const { command, args } = onServerCore([file('operation.js'), name, String(count)]);
  return JSON.parse(execFileSync(command, args, { encoding: 'utf8' })).microseconds;
}

/** Microseconds of CPU that a contestant spends on each request of a load. */
export async function requestCost(contestant: Contestant, load: Omit<Load, 'url'>): Promise<number> {
  const before = cpuTimes(contestant.pid).own;
  await drive({ ...load, url: contestant.url });
  return ((cpuTimes(contestant.pid).own - before) * 1000) / load.requests;
}

function file(name: string): string {
  return fileURLToPath(new URL(`contestants/${name}`, import.meta.url));
}

async function firstUrl(child: ChildProcess): Promise<string> {
  if (child.stdout === null) throw new Error('A contestant needs a standard output.');
  for await (const line of createInterface(child.stdout)) {
    if (line.startsWith('{"url"')) {
      child.stdout.resume();
      return JSON.parse(line).url;
    }
  }
  throw new Error('A contestant ended before it listened; what it said is above.');
}
