// Whom a command asks: the database of this machine with --data, else the server of a sign-in. It decides nothing about what is
// asked.

import type { Command } from 'commander';
import { configFrom } from '../installation/setting-flags.ts';
import { signInFor } from '../session/sign-in.ts';
import { misuse } from '../terminal/command-error.ts';
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
    // A verb's own flags, as --url of a webhook, are no settings.
    const { data, config } = options;
    return openLocal(configFrom({ data, config }, terminal));
  }
  const { openRemote } = await import('./remote.ts');
  return openRemote(signInFor(terminal.environment, options.profile));
}
