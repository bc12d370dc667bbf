// The credentials file: what `keyward login` leaves for whoami, for scripts and for other clients. Scripts cut the token
// out with `grep token | sed -n 's/^token: Bearer //p'`, so no other line may look like it.

import { chmodSync, readFileSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { homedir } from 'node:os';
import { dirname, join } from 'node:path';
import type * as Yaml from 'yaml';
import { fileFailure } from '../startup/file-failure.ts';
import { replacePrivateFile } from '../startup/private-file.ts';
import { makePrivateFolder } from '../startup/private-folder.ts';
import { CommandError } from './command-error.ts';

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

/** What the file holds; null if there is none. Throws CommandError if it is not one of ours. */
export function readCredentials(path: string): Credentials | null {
  const text = readIfThere(path);
  if (text === null) return null;
  const content: unknown = parseQuietly(text);
  const { token, userid, url } = (content ?? {}) as Record<string, unknown>;
  const names = url === undefined ? null : url;
  const isOurs =
    typeof token === 'string' &&
    token.startsWith('Bearer ') &&
    (names === null || (typeof names === 'string' && URL.canParse(names)));
  if (!isOurs) {
    throw new CommandError(
      `${path} is not a credentials file.`,
      'Remove it and sign in again (keyward login), or name another with KEYWARD_CREDENTIALS.',
    );
  }
  return { token: token.slice('Bearer '.length), userid: String(userid), url: names };
}

/** Replaces the file as a whole; nobody else can read it, not even while it is written. */
export function writeCredentials(path: string, credentials: Credentials & { url: string }): void {
  const { token, userid, url } = credentials;
  if (!/^[\w.~+/=-]+$/.test(token) || !/^[\w.-]+$/.test(userid)) {
    throw new CommandError(
      'The server answered something that is not a token.',
      'Is that the address of a Keyward server?',
    );
  }
  try {
    const folder = dirname(path);
    const isNew = makePrivateFolder(folder);
    if (!isNew && folder.endsWith('.keyward')) chmodSync(folder, 0o700);
    replacePrivateFile(path, `token: Bearer ${token}\nuserid: ${userid}\nurl: ${url}\n`);
  } catch (error) {
    throw fileFailure(error, `The credentials file ${path}`, 'KEYWARD_CREDENTIALS can name another.');
  }
}

export function removeCredentials(path: string): void {
  rmSync(path, { force: true });
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
