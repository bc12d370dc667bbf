// `keyward backup`: a copy of the database beside a running server or without one, checked before it is said to be there.

import { resolve } from 'node:path';
import type { Command } from 'commander';
import { addSettingFlags, configFrom } from '../installation/setting-flags.ts';
import { addExamples } from '../terminal/examples.ts';
import { onInterrupt } from '../terminal/interrupt.ts';
import { type Terminal, tell } from '../terminal/terminal.ts';
import { loadRecoveryModule, stepsOf, stoppable } from './recovery-module.ts';

export function addBackup(program: Command, terminal: Terminal): void {
  const command = program
    .command('backup')
    .description('copy the database to a file, beside a running server or without one')
    .requiredOption('--to <file>', 'a file that is not there yet; beside it comes <file>.manifest.json')
    .option('--json', 'answer in JSON')
    .action(async (options: { to: string; json?: true }) => {
      const config = configFrom(options, terminal);
      const { backUp } = await loadRecoveryModule();
      const { progress, end } = stepsOf(terminal, options.json);
      const interrupt = onInterrupt('No backup was made, and nothing of it is left.');
      try {
        const made = await backUp(config, resolve(terminal.folder, options.to), stoppable(progress, interrupt.signal));
        end();
        const text =
          `${made.file} holds the database up to entry ${made.journal.seq} of the journal: ${made.bytes.toLocaleString('en')} bytes, ` +
          'checked.\nThe sealing keys are not in it. Keep them too, in another place: whoever has both can open what is sealed.';
        tell(terminal, options.json, made, text);
      } finally {
        end();
        interrupt.end();
      }
    });
  addExamples(command, ['keyward backup --to backup.db', 'keyward backup --to backup.db --data /var/lib/keyward']);
  addSettingFlags(command, ['data']);
}
