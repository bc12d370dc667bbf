// The data folder and what is in it: whose it is, who else may use it, and how much room its disk has.

import { accessSync, constants, existsSync, readdirSync, type StatsFs, statfsSync, statSync } from 'node:fs';
import { join } from 'node:path';
import type { Config } from '../../config/config.ts';
import { exposedIn, filesIn } from '../../startup/data-folder.ts';
import { fileFailure } from '../../startup/file-failure.ts';
import { codeOf } from '../../startup/startup-error.ts';
import { amount } from './amount.ts';
import { type Finding, failureOf, findingsOf } from './finding.ts';

/** Yields what it finds, and returns whether this account can look at what is in the folder. */
export function* lookAtFiles({ data, database }: Config): Generator<Finding, boolean> {
  const { ok, warning, problem, skipped } = findingsOf('data folder');
  if (!isThere(data)) {
    if (database !== null) yield skipped('there is none; PostgreSQL needs none');
    else yield problem(`${data} is not there`, 'Name the folder of the server with --data, or make it: keyward init');
    return database !== null;
  }
  const failure = unusable(data);
  if (failure !== null) {
    yield failure;
    return false;
  }
  const foreign = foreignIn(data);
  for (const { path, owner } of foreign) {
    const text = `${path} is another account's than the folder (${owner}): the server may not open it`;
    yield problem(text, `Give it to the account of the folder: chown ${statSync(data).uid} ${path}`);
  }
  const exposed = exposedIn(data);
  for (const { text, mend } of exposed) yield warning(text, mend);
  if (foreign.length + exposed.length === 0) yield ok(`${data} is its account's alone`);
  yield* roomOn(statfsSync(data));
  return true;
}

/** False where it is not; true where this account cannot tell. */
export function isThere(path: string): boolean {
  try {
    return statSync(path, { throwIfNoEntry: false }) !== undefined;
  } catch (error) {
    return codeOf(error) === 'EACCES';
  }
}

/** Where this account may not do in the folder what a server has to. */
function unusable(data: string): Finding | null {
  try {
    if (!statSync(data).isDirectory())
      return findingsOf('data folder').problem(`${data} is a file, not a folder`, 'Name the folder with --data.');
    // access(2) goes by who started the process, the others by who it acts for.
    readdirSync(data);
    statSync(join(data, 'keyward.db'), { throwIfNoEntry: false });
    accessSync(data, constants.W_OK);
    return null;
  } catch (error) {
    if (codeOf(error) !== 'EACCES')
      return failureOf('data folder', fileFailure(error, `The data folder ${data}`, 'Then look again.'));
    const mend = 'Look as the account that runs Keyward: sudo -u keyward keyward doctor';
    return findingsOf('data folder').problem(`${data} may not be used by this account`, mend);
  }
}

function foreignIn(data: string): { path: string; owner: number }[] {
  if (process.platform === 'win32') return [];
  const { uid } = statSync(data);
  return filesIn(data)
    .map((path) => ({ path, owner: statSync(path).uid }))
    .filter(({ owner }) => owner !== uid);
}

/** What is left of a disk: bytes, and places for files. */
export function* roomOn({
  bavail,
  bsize,
  blocks,
  files,
  ffree,
}: Pick<StatsFs, 'bavail' | 'bsize' | 'blocks' | 'files' | 'ffree'>): Generator<Finding> {
  const { ok, warning, problem } = findingsOf('disk');
  const [free, share] = [bavail * bsize, bavail / blocks];
  const left = `${amount(free)} left on its disk (${Math.round(share * 100)} %)`;
  if (free < leastFree) yield problem(left, 'Free some space: without it no change can be kept.');
  else if (share < leastShare) yield warning(left, 'Free some space before it is gone.');
  // Some file systems count no files.
  else if (files > 0 && ffree < leastFiles)
    yield problem(`${left}, but room for ${ffree} more files only (inodes)`, 'Remove files that nobody needs.');
  else yield ok(left);
}

const leastFree = 200_000_000;
const leastShare = 0.05;
const leastFiles = 100;

/** A file of credentials or settings with a password, where others may read it. */
export function lookAtPrivateFile(path: string, what: string): Finding[] {
  if (process.platform === 'win32' || !existsSync(path) || (statSync(path).mode & 0o077) === 0) return [];
  return [findingsOf('permissions').warning(`other accounts may use ${path}, ${what}`, `Close it: chmod 600 ${path}`)];
}
