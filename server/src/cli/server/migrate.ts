// `keyward migrate`: brings the database's schema up to date. The server does the same when it starts; this is for
// those who want it to happen at a moment of their choosing.

import type { Command } from 'commander';
import { loadServerModule } from '../installation/server-module.ts';
import { addSettingFlags, configFrom } from '../installation/setting-flags.ts';
import { type Terminal, tell } from '../terminal/terminal.ts';

export function addMigrate(program: Command, terminal: Terminal): void {
  const command = program
    .command('migrate')
    .description("bring the database's schema up to date")
    .option('--json', 'answer in JSON')
    .action(async (options) => {
      const { migrate } = await loadServerModule();
      const ran = await migrate(configFrom(options, terminal));
      const text = ran.length === 0 ? 'The schema is up to date.' : `The schema is up to date; ran ${ran.join(', ')}.`;
      tell(terminal, options.json, { ran }, text);
    });
  addSettingFlags(command, ['data']);
}
