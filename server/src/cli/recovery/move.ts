// `keyward move`: carries a whole server from SQLite to PostgreSQL, or back. An address with a password is no argument: every
// process can read those.

import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import type { Command } from 'commander';
import { addSettingFlags, configFrom } from '../installation/setting-flags.ts';
import { misuse } from '../terminal/command-error.ts';
import { addExamples } from '../terminal/examples.ts';
import { onInterrupt } from '../terminal/interrupt.ts';
import { type Progress, progressOf } from '../terminal/progress.ts';
import { confirmed } from '../terminal/prompt.ts';
import { type Terminal, tell } from '../terminal/terminal.ts';
import { loadRecoveryModule } from './recovery-module.ts';

interface Options {
  to?: string;
  secretsFile?: string;
  yes?: true;
  json?: true;
}

export function addMove(program: Command, terminal: Terminal): void {
  const command = program
    .command('move')
    .description('carry the whole server to another database; the server must be stopped')
    .option(
      '--to <database>',
      'postgres://user@host/name, its password in PGPASSWORD; or sqlite:<folder> (KEYWARD_MOVE_TO)',
    )
    .option('--secrets-file <file>', "the other's sealing keys; default: those of this server")
    .option('--yes', 'do not ask')
    .option('--json', 'answer in JSON')
    .action(async (options: Options) => {
      const config = configFrom(options as Record<string, unknown>, terminal);
      const to = targetOf(options.to, terminal);
      const where = 'postgres' in to ? 'PostgreSQL' : to.sqlite;
      await confirmed(terminal, options.yes, `Carry everything to ${where}? This database is not served afterwards.`);
      const { move } = await loadRecoveryModule();
      const interrupt = onInterrupt('The database that it moves from is as it was. The same command begins anew.');
      const { progress, end } = tablesOf(terminal, options.json);
      try {
        const file = options.secretsFile;
        const secrets = file === undefined ? null : readFileSync(resolve(terminal.folder, file), 'utf8');
        const moved = await move(config, { to, secrets, progress, signal: interrupt.signal });
        end();
        const rows = Object.values(moved.rows).reduce((sum, count) => sum + count, 0);
        const next =
          'postgres' in to
            ? 'Set KEYWARD_DATABASE to the new address, and KEYWARD_SECRETS to the sealing keys, then start the server.'
            : `Start the server with --data ${to.sqlite}.`;
        const lost =
          moved.unopened === 0 ? '' : ` ${moved.unopened} secrets that no sealing key opens went as they are.`;
        tell(
          terminal,
          options.json,
          moved,
          `${rows.toLocaleString('en')} rows are there, compared, and the journal's chain of ${moved.journal.entries} entries is whole.${lost}\n${next}`,
        );
      } finally {
        end();
        interrupt.end();
      }
    });
  addExamples(command, [
    'keyward move --to postgres://keyward@db.example.com/keyward',
    'keyward move --to sqlite:/var/lib/keyward',
  ]);
  addSettingFlags(command, ['data']);
}

function targetOf(
  given: string | undefined,
  { environment, folder }: Terminal,
): { postgres: string } | { sqlite: string } {
  const to = given ?? environment.KEYWARD_MOVE_TO;
  if (to === undefined || to === '') throw misuse('Where to is missing.', 'Add --to, or set KEYWARD_MOVE_TO.');
  if (to.startsWith('sqlite:')) return { sqlite: resolve(folder, to.slice('sqlite:'.length)) };
  const url = /^postgres(?:ql)?:\/\//.test(to) && URL.canParse(to) ? new URL(to) : null;
  if (url === null)
    throw misuse('That is no database to move to.', 'Use postgres://user@host/name or sqlite:<folder>.');
  const isSecret = url.password !== '' || url.searchParams.has('password');
  if (given !== undefined && isSecret) {
    throw misuse(
      'A password is no argument: every process of this machine could read it.',
      'Leave it out and set PGPASSWORD, or set KEYWARD_MOVE_TO.',
    );
  }
  return { postgres: to };
}

function tablesOf(terminal: Terminal, json: boolean | undefined) {
  let shown: { table: string; line: Progress } | null = null;
  return {
    progress(table: string, done: number, total: number) {
      if (shown?.table !== table) {
        shown?.line.end();
        shown = { table, line: progressOf(terminal, json, { what: table, unit: 'rows', total }) };
      }
      shown.line.at(done);
    },
    end: () => shown?.line.end(),
  };
}
