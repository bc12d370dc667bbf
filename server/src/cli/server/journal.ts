// `keyward journal verify`: walks the chain of the journal. It opens the database for reading only, so a server may run.

import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { Command } from 'commander';
import type { Config } from '../../config/config.ts';
import { verifyChain } from '../../core/journal/chain.ts';
import { loadServerModule } from '../installation/server-module.ts';
import { addSettingFlags, configFrom } from '../installation/setting-flags.ts';
import { CommandError } from '../terminal/command-error.ts';
import type { Outcome } from '../terminal/outcome.ts';
import { type Terminal, tell } from '../terminal/terminal.ts';

export function addJournal(program: Command, terminal: Terminal, outcome: Outcome): void {
  const noun = program.commands.find((one) => one.name() === 'journal') ?? program.command('journal');
  const verify = noun
    .command('verify')
    .description('check that no entry was altered, removed or inserted')
    .option('--json', 'answer in JSON')
    .action(async (options) => {
      const config = configFrom(options, terminal);
      demandDatabase(config);
      const { openJournal } = await loadServerModule();
      const { journal, close } = await openJournal(config);
      try {
        const report = await verifyChain(journal, progress(terminal, options.json));
        const text = report.intact
          ? `The journal is intact: ${report.entries} entries, head ${report.head}.`
          : `The journal was tampered with: ${report.problem} The ${report.entries} entries before it are intact.`;
        tell(terminal, options.json, report, text);
        outcome.code = report.intact ? 0 : 1;
      } finally {
        await close();
      }
    });
  addSettingFlags(verify, ['data']);
}

// Opening would make an empty data folder, in which a mistyped --data then looks intact.
function demandDatabase({ database, data }: Config): void {
  if (database !== null || existsSync(join(data, 'keyward.db'))) return;
  throw new CommandError(`There is no database in ${data}.`, 'Name the folder of the server with --data.');
}

function progress(terminal: Terminal, json: boolean | undefined): (seq: number) => void {
  return (seq) => {
    if (json !== true && seq % 100_000 === 0) terminal.errors.write(`${seq} entries checked …\n`);
  };
}
