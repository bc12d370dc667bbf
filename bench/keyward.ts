// Keyward as a contestant: the built program on a data folder of its own, filled by `serve --demo`, whose credentials are
// used. It answers plain HTTP from this machine then, so TLS is not in the figures; bare node:http has none either.

import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Contestant, start } from './contestant.ts';

/** What a run has at hand. */
export interface Bench {
  rounds: number;
  /** Of the requests of a full run, from 0 to 1: less is only good for trying the harness out. */
  share: number;
  /** Also what takes long, where a figure has such a part. */
  big: boolean;
  /** The program, server/bin/keyward.js. */
  program: string;
  /** An empty folder for this run. */
  scratch: string;
  /** Where the servers write CPU profiles as they end; null for none. */
  profiles: string | null;
  progress(text: string): void;
}

/** Of demo.json, what is used here. */
export interface Demo {
  owner: { email: string; password: string };
  debricked: { accessToken: string };
  parsers: { apiKey: string; guardedPath: string };
  bluebricks: { bearer: string };
  rebelcore: { username: string; password: string };
}

/** How a server is started, where not as usual. */
export interface Special {
  /** Flags of `keyward serve`. */
  flags?: readonly string[];
  /** Flags of Node. */
  node?: readonly string[];
  environment?: Readonly<Record<string, string>>;
}

/** Starts `keyward serve` on a data folder. Settings of the caller's environment do not reach it. */
export function startKeyward(bench: Bench, folder: string, special: Special = {}): Promise<Contestant> {
  const { flags = [], node = [], environment = {} } = special;
  const args = [bench.program, 'serve', '--json', '--port', '0', '--data', folder, ...flags];
  return start([...nodeFlags(bench), ...node, ...args], { ...cleanEnvironment(bench), ...environment });
}

/** A demo server and its credentials. */
export async function startDemo(
  bench: Bench,
  folder: string,
  special: Special = {},
): Promise<{ server: Contestant; demo: Demo }> {
  const server = await startKeyward(bench, folder, { ...special, flags: ['--demo', ...(special.flags ?? [])] });
  return { server, demo: JSON.parse(readFileSync(join(folder, 'demo.json'), 'utf8')) };
}

/** Fills a data folder, and has the program keep its compiled code, which Node writes at an orderly end only. */
export async function fillFolder(bench: Bench, folder: string): Promise<void> {
  await (await startDemo(bench, folder)).server.stop();
  await (await startKeyward(bench, folder)).stop();
}

function nodeFlags({ profiles }: Bench): string[] {
  return profiles === null ? [] : ['--cpu-prof', '--cpu-prof-dir', profiles];
}

function cleanEnvironment({ scratch }: Bench): NodeJS.ProcessEnv {
  const own = Object.entries(process.env).filter(([name]) => !name.startsWith('KEYWARD_') && !name.startsWith('npm_'));
  return { ...Object.fromEntries(own), XDG_CACHE_HOME: join(scratch, 'cache') };
}
