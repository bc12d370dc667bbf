// Which server a command is for: the database of this machine with --data, else what KEYWARD_TOKEN and KEYWARD_URL say, else a
// sign-in that was kept under a name.

import type { Command } from 'commander';
import { configFrom } from '../installation/setting-flags.ts';
import { credentialsPath, defaultProfile, profileName, readCredentials } from '../session/credentials-file.ts';
import { CommandError, misuse } from '../terminal/command-error.ts';
import type { Terminal } from '../terminal/terminal.ts';
import type { Client } from './client.ts';

/** The flags that say where. */
export interface PlaceOptions {
  profile?: string;
  data?: string;
  local?: true;
  config?: string;
}

export function addPlaceFlags(command: Command): Command {
  return command
    .option('--profile <name>', 'the sign-in to use, of several (KEYWARD_PROFILE)')
    .option('--data <folder>', 'ask the database in this data folder, while its server is down')
    .option('--local', 'ask the database that the settings of this machine name, while its server is down')
    .option('--config <file>', 'settings file for --local');
}

/** Throws CommandError where nobody is signed in, and as opening a database does. */
export async function openClient(terminal: Terminal, options: PlaceOptions): Promise<Client> {
  const isLocal = options.data !== undefined || options.local === true || options.config !== undefined;
  if (isLocal && options.profile !== undefined) {
    throw misuse('--profile is of a server, and --data of this machine.', 'Leave one of them out.');
  }
  if (isLocal) {
    const { openLocal } = await import('./local.ts');
    return openLocal(configFrom({ ...options }, terminal));
  }
  const { openRemote } = await import('./remote.ts');
  return openRemote(placeOf(terminal, options.profile));
}

function placeOf({ environment }: Terminal, given: string | undefined) {
  const { KEYWARD_TOKEN: token, KEYWARD_URL: url } = environment;
  const isFromEnvironment = given === undefined && token !== undefined && token !== '';
  const path = credentialsPath(environment);
  const profile = profileName(given, environment);
  const credentials = isFromEnvironment && url ? null : readCredentials(path, profile);
  const login = `keyward login${profile === defaultProfile ? '' : ` --profile ${profile}`}`;
  if (isFromEnvironment) {
    const at = url || credentials?.url;
    if (!at) throw misuse('KEYWARD_TOKEN is set, and no server is named.', 'Set KEYWARD_URL to its address.');
    const signIn = 'KEYWARD_TOKEN holds it: is it whole, of this server, and still good?';
    return { url: at, token, who: 'the credential in KEYWARD_TOKEN', signIn };
  }
  if (credentials === null) {
    const isOne = profile === defaultProfile;
    throw new CommandError(
      isOne ? 'Nobody is signed in.' : `Nobody is signed in as the profile ${JSON.stringify(profile)}.`,
      `Sign in: ${login}. Or set KEYWARD_URL and KEYWARD_TOKEN; or, on the server's own machine while it is down, --data <folder>`,
    );
  }
  if (credentials.url === null) {
    throw new CommandError(`${path} does not say of which server its token is.`, `Sign in: ${login} --url …`);
  }
  // A sign-in is for its own server, and goes to no other.
  if (given === undefined && url && new URL(credentials.url).origin !== originOf(url)) {
    throw misuse(
      `KEYWARD_URL names another server than the profile ${JSON.stringify(profile)} is of.`,
      'Set KEYWARD_TOKEN as well, choose another with --profile, or unset KEYWARD_URL.',
    );
  }
  const who = `the sign-in of the profile ${JSON.stringify(profile)}`;
  return { url: credentials.url, token: credentials.token, who, signIn: `Sign in again: ${login}` };
}

function originOf(url: string): string {
  if (URL.canParse(url)) return new URL(url).origin;
  throw misuse('KEYWARD_URL is not the address of a server.', 'Write it like https://auth.example.com');
}
