// Which Node runs Keyward here, and how its tools are run with it. The rest of scripts/ is plain JavaScript with no
// dependencies, because it must run on whatever Node started npm (20 or newer), before anything is installed.

import { spawn } from 'node:child_process';
import { existsSync, readFileSync, realpathSync } from 'node:fs';
import { dirname, isAbsolute, join } from 'node:path';
import process from 'node:process';
import { fileURLToPath } from 'node:url';

/** The repository's folder. */
export const root = fileURLToPath(new URL('..', import.meta.url));

/** A failure whose message is all that the person at the terminal needs. */
export class ScriptError extends Error {}

/** What Node is told to run TypeScript of this repository: the SDK is its sources then, not what was last built of them. */
export const fromSources = ['--conditions=keyward-source'];

const oldest = [22, 15];
const platform = process.platform === 'win32' ? 'win' : process.platform;

/** The package that would bring a Node for this machine; not every machine has one. */
export const nodePackage = `node-${platform}-${process.arch}`;

/** The Node that the lockfile pins, or null where none is installed that fits this machine. */
export function pinnedNode() {
  const path = join(root, 'node_modules', nodePackage, 'bin', process.platform === 'win32' ? 'node.exe' : 'node');
  return existsSync(path) ? path : null;
}

/** The Node that runs Keyward: the pinned one, else this one if it is new enough. Throws ScriptError in plain words. */
export function keywardNode() {
  const pinned = pinnedNode();
  if (pinned !== null) return pinned;
  const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);
  if (major > oldest[0] || (major === oldest[0] && minor >= oldest[1])) return process.execPath;
  throw new ScriptError(
    `Keyward needs Node ${oldest.join('.')} or newer. This is Node ${process.versions.node}, and no bundled Node fits ` +
      `${process.platform} on ${process.arch}.\nInstall Node 24 (https://nodejs.org) and run the command again.`,
  );
}

/** The file behind a command of an installed package, as `tool('vitest', 'vitest')`. */
export function tool(name, command) {
  const folder = join(root, 'node_modules', name);
  const { bin } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'));
  return join(folder, typeof bin === 'string' ? bin : bin[command]);
}

/**
 * Runs `node file …args` with the terminal attached; resolves with its exit code (128 + n for signal n, as shells say).
 * With `passSignals` it outlives the signals that end a program and hands them on, so that the program ends first.
 */
export function run(node, args, { cwd = root, env = process.env, passSignals = false } = {}) {
  return new Promise((resolve, reject) => {
    const child = spawn(node, args, { cwd, env: withNodeFirst(node, env), stdio: 'inherit' });
    const stopPassing = passSignals ? passSignalsTo(child) : () => {};
    child.on('error', reject);
    child.on('exit', (code, signal) => {
      stopPassing();
      resolve(code ?? 128 + (signalNumbers[signal] ?? 0));
    });
  });
}

/** Runs `body` if its file is the script that was started: its number is the exit code, a ScriptError prints no stack. */
export async function main(url, body) {
  if (realpathSync(process.argv[1] ?? '') !== fileURLToPath(url)) return;
  try {
    process.exitCode = await body(process.argv.slice(2));
  } catch (error) {
    if (!(error instanceof ScriptError)) throw error;
    console.error(`\n${error.message}`);
    process.exitCode = 1;
  }
}

const signalNumbers = { SIGHUP: 1, SIGINT: 2, SIGKILL: 9, SIGSEGV: 11, SIGTERM: 15 };

function withNodeFirst(node, env) {
  if (!isAbsolute(node)) return env;
  const separator = process.platform === 'win32' ? ';' : ':';
  return { ...env, PATH: `${dirname(node)}${separator}${env.PATH ?? ''}` };
}

// Ctrl-C reaches the whole foreground group by itself; handed on as well it would arrive twice, and twice means "at once".
function passSignalsTo(child) {
  const atTerminal = process.stdin.isTTY || process.stdout.isTTY || process.stderr.isTTY;
  const passed = new Set();
  const pass = (signal) => {
    if ((signal === 'SIGINT' && atTerminal) || passed.has(signal)) return;
    passed.add(signal);
    child.kill(signal);
  };
  const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'];
  for (const signal of signals) process.on(signal, pass);
  const watch = whenOrphaned(() => pass('SIGTERM'));
  return () => {
    clearInterval(watch);
    for (const signal of signals) process.off(signal, pass);
  };
}

// npm hands a signal to the shell that it runs a script in, and that shell dies of it without telling the script.
function whenOrphaned(act) {
  const parent = process.ppid;
  const isUnderNpm = process.env.npm_lifecycle_event !== undefined && process.platform !== 'win32';
  return setInterval(() => isUnderNpm && process.ppid !== parent && act(), 200);
}
