// `keyward serve`: runs the server until a signal ends it.

import type { Command } from 'commander';
import { type Config, type SettingKey, settings } from '../config.ts';
import { CommandError } from './command-error.ts';
import { loadMachine, type Server } from './machine.ts';
import type { Outcome } from './program.ts';
import { addSettingFlags, configFrom, settingsWithoutFlag } from './setting-flags.ts';
import { type Terminal, tell } from './terminal.ts';
import { untilStopped } from './until-stopped.ts';

export function addServe(program: Command, terminal: Terminal, outcome: Outcome): void {
  const command = program
    .command('serve')
    .description('run the server')
    .option('--demo', 'fill an empty data folder with examples and print what to try')
    .option('--json', 'print the address as JSON')
    .addHelpText('after', settingsWithoutFlag)
    .action(async (options) => {
      const config = configFrom(options, terminal);
      const { assemble } = await loadMachine();
      const server = await assemble(config, { demo: options.demo === true });
      const url = await listen(server, config);
      tell(terminal, options.json, { url }, `Keyward listens on ${url}`);
      outcome.code = await untilStopped(() => server.close(), terminal);
    });
  addSettingFlags(command, Object.keys(settings) as SettingKey[]);
}

async function listen(server: Server, config: Config): Promise<string> {
  try {
    return await server.listen();
  } catch (error) {
    await server.close();
    const code = error instanceof Error && 'code' in error ? error.code : null;
    const remedy = typeof code === 'string' ? remedies[code] : undefined;
    if (remedy === undefined) throw error;
    throw new CommandError(
      `Keyward cannot listen on ${config.host}, port ${config.port}: ${remedy[0]}.`,
      remedy[1],
      1,
      error,
    );
  }
}

const remedies: Readonly<Record<string, readonly [string, string]>> = {
  EADDRINUSE: [
    'the port is taken',
    'Stop the program that has it, or choose another: --port 9000 (0 takes a free one).',
  ],
  EACCES: ['that is not allowed', 'Ports below 1024 often need special rights: choose another with --port.'],
  EADDRNOTAVAIL: ['this machine does not have that address', 'Choose another with --host; 0.0.0.0 means all of them.'],
  ENOTFOUND: ['there is no such host', 'Choose another with --host; 0.0.0.0 means all addresses.'],
};
