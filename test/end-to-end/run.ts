// Runs a command to its end, in a place of its own: a fresh folder that is home and current folder at once, and an
// environment that holds nothing of ours. It judges no result.

import { spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, realpathSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

export const root = join(import.meta.dirname, '..', '..');
export const bin = join(root, 'server', 'bin', 'keyward.js');

export interface Place {
  folder: string;
  environment: NodeJS.ProcessEnv;
  remove(): void;
}

export interface Ran {
  /** Null if a signal ended it. */
  code: number | null;
  output: string;
  errors: string;
}

export interface RunOptions {
  input?: string;
  environment?: NodeJS.ProcessEnv;
  folder?: string;
}

/**
 * A place where `npx keyward` is the built program, as in a checkout, and where curl says the status of each answer on
 * standard error (see `statusesIn`), so that examples need no change to be judged.
 */
export function freshPlace(): Place {
  const folder = mkdtempSync(join(realpathSync(tmpdir()), 'keyward-end-to-end-'));
  writeFileSync(join(folder, '.curlrc'), 'max-time = 20\nwrite-out = "%{stderr}\\n[status %{http_code}]\\n"\n');
  writeFileSync(join(folder, 'package.json'), '{ "private": true }');
  mkdirSync(join(folder, 'node_modules', '.bin'), { recursive: true });
  symlinkSync(bin, join(folder, 'node_modules', '.bin', 'keyward'));
  symlinkSync(process.execPath, join(folder, 'node_modules', '.bin', 'node'));
  const environment = {
    PATH: `${join(folder, 'node_modules', '.bin')}:${process.env.PATH}`,
    HOME: folder,
    LANG: 'C.UTF-8',
    XDG_CACHE_HOME: join(root, 'node_modules', '.cache', 'end-to-end'),
    npm_config_offline: 'true',
    npm_config_update_notifier: 'false',
  };
  return { folder, environment, remove: () => rmSync(folder, { recursive: true, force: true, maxRetries: 5 }) };
}

/** The statuses that curl noted in a place, in order. */
export function statusesIn({ errors }: Ran): number[] {
  return [...errors.matchAll(/\[status (\d+)\]/g)].map(([, status]) => Number(status));
}

/** Runs to the end, for 60 seconds at most. */
export function run(place: Place, command: string, args: readonly string[], options: RunOptions = {}): Promise<Ran> {
  const env = { ...place.environment, ...options.environment };
  const child = spawn(command, args, { cwd: options.folder ?? place.folder, env, timeout: 300_000 });
  const ran: Ran = { code: null, output: '', errors: '' };
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    ran.output += text;
  });
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    ran.errors += text;
  });
  // A program that ends without reading its input is none of our business.
  child.stdin.on('error', () => {});
  child.stdin.end(options.input ?? '');
  return new Promise((resolve, reject) => {
    child.on('error', reject);
    child.on('close', (code) => resolve({ ...ran, code }));
  });
}

/** Runs shell lines as they would be pasted; `set` makes the first one that fails the last. */
export function bash(place: Place, script: string, options: RunOptions = {}): Promise<Ran> {
  return run(place, 'bash', ['--noprofile', '--norc', '-c', script], options);
}

/** Runs the built command line. */
export function keyward(place: Place, args: readonly string[], options: RunOptions = {}): Promise<Ran> {
  return run(place, process.execPath, [bin, ...args], options);
}

/** Why an example cannot run here, in plain words; null if it can. */
export async function whyNot(command: string, probe: readonly string[]): Promise<string | null> {
  const place = freshPlace();
  try {
    const { code } = await run(place, command, probe);
    return code === 0 ? null : `"${[command, ...probe].join(' ')}" does not work on this machine.`;
  } catch {
    return `${command} is not installed on this machine.`;
  } finally {
    place.remove();
  }
}

/**
 * A Python that has these modules, and null, or why there is none. Debian brings modules for its own Python, which need not be the first
 * on the PATH.
 */
export async function pythonWith(modules: string): Promise<[python: string, missing: string | null]> {
  const pythons = ['python3', '/usr/bin/python3'];
  const reasons = await Promise.all(pythons.map((python) => whyNot(python, ['-c', `import ${modules}`])));
  const found = pythons.find((_, index) => reasons[index] === null);
  return [found ?? 'python3', found === undefined ? reasons.join(' ') : null];
}

/** A port that nobody listens on at this moment. */
export function freePort(): Promise<number> {
  return new Promise((resolve) => {
    const probe = createServer().listen(0, '127.0.0.1', () => {
      const address = probe.address();
      probe.close(() => resolve(typeof address === 'object' && address !== null ? address.port : 0));
    });
  });
}
