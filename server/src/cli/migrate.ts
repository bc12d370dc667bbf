// `keyward migrate`: brings the database's schema up to date. The server does the same when it starts; this is for
// those who want it to happen at a moment of their choosing.

import type { Command } from 'commander';
import { loadMachine } from './machine.ts';
import { addSettingFlags, configFrom } from './setting-flags.ts';
import { type Terminal, tell } from './terminal.ts';

export function addMigrate(program: Command, terminal: Terminal): void {
  const command = program
    .command('migrate')
    .description("bring the database's schema up to date")
    .option('--json', 'answer in JSON')
    .action(async (options) => {
      const { migrate } = await loadMachine();
      const { from, to } = await migrate(configFrom(options, terminal));
      const text =
        from === to ? `The schema is up to date: ${to}.` : `The schema went from ${from ?? 'nothing'} to ${to}.`;
      tell(terminal, options.json, { from, to }, text);
    });
  addSettingFlags(command, ['data']);
}
