// The credentials file: what `keyward login` leaves for whoami, for scripts and for other clients. Scripts cut the token
// out with `grep token | sed -n 's/^token: Bearer //p'`, so no other line may look like it.

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

/** `given` by a flag, else `KEYWARD_PROFILE`, else the one at the top. Throws CommandError for what is no name. */
export function profileName(given: string | undefined, environment: NodeJS.ProcessEnv): string {
  const name = given ?? (environment.KEYWARD_PROFILE || defaultProfile);
  if (/^[a-zA-Z0-9][\w.-]{0,63}$/.test(name)) return name;
  throw misuse('This is no name of a profile.', 'Use letters, digits, - _ and . as in --profile staging');
}

/** What the file holds of a profile; null if there is none. Throws CommandError if the file is not one of ours. */
export function readCredentials(path: string, profile = defaultProfile): Credentials | null {
  return readProfiles(path).get(profile) ?? null;
}

/** All that the file holds, by name. Throws CommandError if it is not one of ours. */
export function readProfiles(path: string): Map<string, Credentials> {
  const text = readIfThere(path);
  const profiles = new Map<string, Credentials>();
  if (text === null) return profiles;
  const content = (parseQuietly(text) ?? {}) as Record<string, unknown>;
  const { profiles: named = {}, ...top } = content;
  const isOurs = typeof named === 'object' && named !== null && Object.keys(content).length > 0;
  const entries = isOurs ? Object.entries(named) : [[defaultProfile, null] as const];
  for (const [name, one] of [...(Object.keys(top).length > 0 ? [[defaultProfile, top] as const] : []), ...entries]) {
    const credentials = credentialsIn(one);
    if (credentials === null) {
      throw new CommandError(
        `${path} is not a credentials file.`,
        'Remove it and sign in again (keyward login), or name another with KEYWARD_CREDENTIALS.',
      );
    }
    profiles.set(name, credentials);
  }
  return profiles;
}

function credentialsIn(one: unknown): Credentials | null {
  const { token, userid, url } = (one ?? {}) as Record<string, unknown>;
  const names = url === undefined ? null : url;
  if (typeof token !== 'string' || !token.startsWith('Bearer ')) return null;
  if (names !== null && (typeof names !== 'string' || !URL.canParse(names))) return null;
  return { token: token.slice('Bearer '.length), userid: String(userid), url: names };
}

/** Replaces the file as a whole; nobody else can read it, not even while it is written. Other profiles stay. */
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
  const profiles = readProfiles(path).set(profile, credentials);
  try {
    const folder = dirname(path);
    const isNew = makePrivateFolder(folder);
    if (!isNew && folder.endsWith('.keyward')) chmodSync(folder, 0o700);
    replacePrivateFile(path, textOf(profiles));
  } catch (error) {
    throw fileFailure(error, `The credentials file ${path}`, 'KEYWARD_CREDENTIALS can name another.');
  }
}

/** Forgets a profile; with the last one the file goes. */
export function removeCredentials(path: string, profile = defaultProfile): void {
  const profiles = readProfiles(path);
  profiles.delete(profile);
  if (profiles.size === 0) rmSync(path, { force: true });
  else replacePrivateFile(path, textOf(profiles));
}

// Named ones are indented, so that no line of theirs begins as the token's at the top does.
function textOf(profiles: ReadonlyMap<string, Credentials>): string {
  const lines = ({ token, userid, url }: Credentials, indent: string) =>
    [`token: Bearer ${token}`, `userid: ${userid}`, ...(url === null ? [] : [`url: ${url}`])]
      .map((line) => `${indent}${line}\n`)
      .join('');
  const top = profiles.get(defaultProfile);
  const named = [...profiles].filter(([name]) => name !== defaultProfile);
  return (
    (top === undefined ? '' : lines(top, '')) +
    (named.length === 0 ? '' : `profiles:\n${named.map(([name, one]) => `  ${name}:\n${lines(one, '    ')}`).join('')}`)
  );
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
