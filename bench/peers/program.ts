// Programs that are not ours and that somebody has put on this machine: started where servers run, ended with all that
// they started, and asked for what they said when they fail. What they keep is in the run's own folder, and thrown away.

import { execFile, spawn } from 'node:child_process';
import { closeSync, openSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { cpuTimes } from '../cpu.ts';
import { onServerCore } from '../pinning.ts';

export interface Start {
  program: string;
  args: readonly string[];
  environment: Readonly<Record<string, string>>;
  /** Where it runs, and where what it says is written down. */
  folder: string;
  url: string;
  /** Answered with 200 once it is ready. */
  ready: string;
}

export interface Program {
  /** The process that was started, which must be the one that serves. */
  pid: number;
  url: string;
  stop(): Promise<void>;
}

/** Rejects, with what it said, if it ends by itself or is not ready in five minutes. */
export async function startProgram({ program, args, environment, folder, url, ready }: Start): Promise<Program> {
  const log = join(folder, 'log');
  const output = openSync(log, 'a');
  const { command, args: all } = onServerCore(args, program);
  const env = { ...process.env, ...environment };
  const child = spawn(command, all, { cwd: folder, env, stdio: ['ignore', output, output], detached: true });
  closeSync(output);
  const { pid } = child;
  let hasEnded = false;
  const ended = new Promise<void>((resolve) => {
    for (const event of ['exit', 'error']) child.once(event, () => resolve());
  }).then(() => {
    hasEnded = true;
    process.off('exit', kill);
  });
  const kill = () => killGroup(pid);
  process.once('exit', kill);
  const stop = () => {
    kill();
    return ended;
  };
  const until = Date.now() + 300_000;
  while (!(await isReady(url + ready))) {
    if (!hasEnded && Date.now() < until) continue;
    const how = hasEnded ? 'ended before it was ready' : 'was not ready in five minutes';
    await stop();
    throw new Error(`${program} ${how}. The last that it said:\n${readFileSync(log, 'utf8').slice(-2000)}`);
  }
  return { pid: pid ?? 0, url, stop };
}

/** Runs one to its end. Rejects, with what it said, if it fails or takes five minutes. */
export async function runProgram({ program, args, environment }: Pick<Start, 'program' | 'args' | 'environment'>) {
  const env = { ...process.env, ...environment };
  await promisify(execFile)(program, args, { env, timeout: 300_000, maxBuffer: 100_000_000 });
}

/**
 * Does what costs a server time. Throws if the process that was started has spent none of it: then another one serves, as
 * when a script has started it without `exec`, and its cost would be taken for nothing.
 */
export async function whileServing<T>(name: string, { pid }: Program, work: () => Promise<T>): Promise<T> {
  const before = cpuTimes(pid).own;
  const result = await work();
  if (cpuTimes(pid).own > before) return result;
  throw new Error(`${name} is served by another process than the one that was started: let the script \`exec\` it.`);
}

function killGroup(pid: number | undefined): void {
  if (pid === undefined) return;
  try {
    process.kill(-pid, 'SIGKILL');
  } catch {
    // It has ended.
  }
}

async function isReady(url: string): Promise<boolean> {
  try {
    const { status, body } = await fetch(url, { signal: AbortSignal.timeout(10_000) });
    await body?.cancel();
    if (status === 200) return true;
  } catch {
    // It does not listen yet.
  }
  await new Promise((resolve) => setTimeout(resolve, 100));
  return false;
}
