// The credentials file: what `keyward login` leaves for other commands, for scripts and for other clients. Scripts cut the
// token out with `grep token | sed -n 's/^token: Bearer //p'`, so no other line may look like it.

import { chmodSync, readFileSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { homedir } from 'node:os';
import { dirname, join } from 'node:path';
import type * as Yaml from 'yaml';
import { fileFailure } from '../../startup/file-failure.ts';
import { replacePrivateFile } from '../../startup/private-file.ts';
import { makePrivateFolder } from '../../startup/private-folder.ts';
import { CommandError, misuse } from '../terminal/command-error.ts';

export interface Credentials {
  token: string;
  userid: string;
  /** An origin. Null in a file of the original Bluebricks client, which has two lines and names no server. */
  url: string | null;
}

/** `KEYWARD_CREDENTIALS`, else `~/.keyward/credentials.yaml`. */
export function credentialsPath(environment: NodeJS.ProcessEnv): string {
  return environment.KEYWARD_CREDENTIALS || join(environment.HOME || homedir(), '.keyward', 'credentials.yaml');
}

/** The profile that stands at the top of the file, where it always stood. */
export const defaultProfile = 'default';

/** What the file holds, each profile by its name. */
export interface Kept {
  profiles: Map<string, Credentials>;
  /** The profile in use where nothing says another. */
  current: string;
}

/** `given` by a flag, else `KEYWARD_PROFILE`, else the one that the file says. Throws CommandError for what is no name. */
export function profileName(given: string | undefined, environment: NodeJS.ProcessEnv): string {
  const asked = given ?? (environment.KEYWARD_PROFILE || undefined);
  return asked === undefined ? readKept(credentialsPath(environment)).current : checkedName(asked);
}

/** Throws CommandError for what is no name of a profile. */
export function checkedName(name: string): string {
  if (profileNames.test(name)) return name;
  throw misuse('This is no name of a profile.', 'Use letters, digits, - _ and . as in --profile staging');
}
const profileNames = /^[a-zA-Z0-9][\w.-]{0,63}$/;

/** What the file holds of a profile; null if there is none. Throws CommandError if the file is not one of ours. */
export function readCredentials(path: string, profile = defaultProfile): Credentials | null {
  return readKept(path).profiles.get(profile) ?? null;
}

/** All that the file holds. Throws CommandError if it is not one of ours. */
export function readKept(path: string): Kept {
  const text = readIfThere(path);
  const profiles = new Map<string, Credentials>();
  if (text === null) return { profiles, current: defaultProfile };
  const content = (parseQuietly(text) ?? {}) as Record<string, unknown>;
  const { profiles: named = {}, current = defaultProfile, ...top } = content;
  const isOurs = typeof named === 'object' && named !== null && Object.keys(content).length > 0;
  if (!isOurs || typeof current !== 'string' || !profileNames.test(current)) throw notOurs(path);
  const first = Object.keys(top).length > 0 ? [[defaultProfile, top] as const] : [];
  for (const [name, one] of [...first, ...Object.entries(named)]) {
    const credentials = credentialsIn(one);
    if (credentials === null) throw notOurs(path);
    profiles.set(name, credentials);
  }
  return { profiles, current };
}

function notOurs(path: string): CommandError {
  return new CommandError(
    `${path} is not a credentials file.`,
    'Remove it and sign in again (keyward login), or name another with KEYWARD_CREDENTIALS.',
  );
}

function credentialsIn(one: unknown): Credentials | null {
  const { token, userid, url } = (one ?? {}) as Record<string, unknown>;
  const names = url === undefined ? null : url;
  if (typeof token !== 'string' || !token.startsWith('Bearer ')) return null;
  if (names !== null && (typeof names !== 'string' || !URL.canParse(names))) return null;
  return { token: token.slice('Bearer '.length), userid: String(userid), url: names };
}

/** Keeps a sign-in under a name. Other profiles stay, and so does which one is in use. */
export function writeCredentials(
  path: string,
  credentials: Credentials & { url: string },
  profile = defaultProfile,
): void {
  const { token, userid } = credentials;
  if (!/^[\w.~+/=-]+$/.test(token) || !/^[\w.-]+$/.test(userid)) {
    throw new CommandError(
      'The server answered something that is not a token.',
      'Is that the address of a Keyward server?',
    );
  }
  const kept = readKept(path);
  kept.profiles.set(profile, credentials);
  replace(path, kept);
}

/** Uses a profile that there is wherever nothing says another. */
export function useProfile(path: string, profile: string): void {
  replace(path, { ...readKept(path), current: profile });
}

/** Forgets a profile; with the last one the file goes. */
export function removeCredentials(path: string, profile = defaultProfile): void {
  const { profiles, current } = readKept(path);
  profiles.delete(profile);
  if (profiles.size === 0) rmSync(path, { force: true });
  else replace(path, { profiles, current: current === profile ? defaultProfile : current });
}

/** Replaces the file as a whole; nobody else can read it, not even while it is written. */
function replace(path: string, kept: Kept): void {
  try {
    const folder = dirname(path);
    const isNew = makePrivateFolder(folder);
    if (!isNew && folder.endsWith('.keyward')) chmodSync(folder, 0o700);
    replacePrivateFile(path, textOf(kept));
  } catch (error) {
    throw fileFailure(error, `The credentials file ${path}`, 'KEYWARD_CREDENTIALS can name another.');
  }
}

// Named ones are indented, so that no line of theirs begins as the token's at the top does.
function textOf({ profiles, current }: Kept): string {
  const lines = ({ token, userid, url }: Credentials, indent: string) =>
    [`token: Bearer ${token}`, `userid: ${userid}`, ...(url === null ? [] : [`url: ${url}`])]
      .map((line) => `${indent}${line}\n`)
      .join('');
  const top = profiles.get(defaultProfile);
  const named = [...profiles].filter(([name]) => name !== defaultProfile);
  return [
    top === undefined ? '' : lines(top, ''),
    current === defaultProfile ? '' : `current: ${JSON.stringify(current)}\n`,
    named.length === 0 ? '' : 'profiles:\n',
    ...named.map(([name, one]) => `  ${JSON.stringify(name)}:\n${lines(one, '    ')}`),
  ].join('');
}

function readIfThere(path: string): string | null {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return null;
    throw new CommandError(`${path} cannot be read.`, 'KEYWARD_CREDENTIALS can name another file.', 1, error);
  }
}

function parseQuietly(text: string): unknown {
  try {
    // Loaded only where there is a file, as most commands have no use for it.
    const { parse }: typeof Yaml = createRequire(import.meta.url)('yaml');
    return parse(text);
  } catch {
    return null;
  }
}
