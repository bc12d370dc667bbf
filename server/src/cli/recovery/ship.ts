// `keyward journal ship`: copies the journal to a second place as it grows, until it is stopped; or once.

import { resolve } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import type { Command } from 'commander';
import { KeywardError } from '../../core/errors.ts';
import { addSettingFlags, configFrom } from '../installation/setting-flags.ts';
import { addExamples } from '../terminal/examples.ts';
import { onInterrupt } from '../terminal/interrupt.ts';
import { type Terminal, tell } from '../terminal/terminal.ts';
import { loadRecoveryModule } from './recovery-module.ts';

/** What was revoked less long ago than this may not be there yet. */
const everyMs = 500;

export function addShip(program: Command, terminal: Terminal): void {
  const journal = program.commands.find((command) => command.name() === 'journal') ?? program.command('journal');
  const command = journal
    .command('ship')
    .description('copy the journal to a second place as it grows, so that a restore knows what came after its backup')
    .requiredOption('--to <folder>', 'on another disk or machine')
    .option('--once', 'copy what is there, and end')
    .option('--json', 'answer in JSON')
    .action(async (options: { to: string; once?: true; json?: true }) => {
      const config = configFrom(options, terminal);
      const { openShipping, demandSqlite } = await loadRecoveryModule();
      if (config.database === null) demandSqlite(config);
      const folder = resolve(terminal.folder, options.to);
      const shipping = await openShipping(config, folder);
      const interrupt = onInterrupt();
      try {
        let seq = await shipping.step();
        let isAway = false;
        tell(terminal, options.json, { to: folder, seq }, `${folder} holds the journal up to entry ${seq}.`);
        while (options.once !== true && !interrupt.signal.aborted) {
          await pause(everyMs, undefined, { signal: interrupt.signal }).catch(() => undefined);
          try {
            seq = await shipping.step();
            if (isAway) terminal.errors.write(`The database answers again: ${folder} holds up to entry ${seq}.\n`);
            isAway = false;
          } catch (error) {
            // A database that is away comes back, and nothing is left out then.
            if (!(error instanceof KeywardError && error.code === 'unavailable')) throw error;
            if (!isAway) terminal.errors.write('The database does not answer. It goes on as soon as that does.\n');
            isAway = true;
          }
        }
      } finally {
        interrupt.end();
        await shipping.close();
      }
    });
  addExamples(command, ['keyward journal ship --to /mnt/second/journal', 'keyward journal ship --to journal --once']);
  addSettingFlags(command, ['data']);
}
