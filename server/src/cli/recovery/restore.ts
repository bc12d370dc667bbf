// `keyward restore`: a backup takes the place of the database, or the one that is there is decided about. What it suspends,
// `keyward restore release` lets work again.

import { resolve } from 'node:path';
import type { Command } from 'commander';
import { addVerb } from '../grammar/build.ts';
import { addSettingFlags, configFrom } from '../installation/setting-flags.ts';
import { misuse } from '../terminal/command-error.ts';
import { addExamples } from '../terminal/examples.ts';
import { onInterrupt } from '../terminal/interrupt.ts';
import type { Outcome } from '../terminal/outcome.ts';
import { confirmed } from '../terminal/prompt.ts';
import { type Terminal, tell } from '../terminal/terminal.ts';
import { loadRecoveryModule, type Restored, stepsOf, stoppable } from './recovery-module.ts';
import { release } from './release.ts';

interface Options {
  /** False with --no-journal. */
  journal?: string | false;
  inPlace?: true;
  accept?: true;
  yes?: true;
  json?: true;
}

export function addRestore(program: Command, terminal: Terminal, outcome: Outcome): void {
  const command = program
    .command('restore')
    .description('bring a backup back, without reviving what was revoked since; the server must be stopped')
    .argument('[file]', 'the backup; its manifest is beside it')
    .option('--journal <path>', 'where "keyward journal ship" has kept the journal, or another database file')
    .option('--no-journal', 'go by no later journal: everything in the backup stands suspended')
    .option('--in-place', 'decide about the database that is there, as after pg_restore or a copy by hand')
    .option('--accept', 'with --in-place: take that one as it is; what was revoked since then works again')
    .option('--yes', 'do not ask')
    .option('--json', 'answer in JSON')
    .action(async (file: string | undefined, options: Options) => {
      const config = configFrom(options as Record<string, unknown>, terminal);
      demandOne(file, options);
      await confirmed(terminal, options.yes, question(file, options));
      const { restoreFile, restoreInPlace, acceptAsItIs } = await loadRecoveryModule();
      if (options.accept) {
        const head = await acceptAsItIs(config);
        tell(terminal, options.json, { accepted: head }, `The database is accepted as it is, up to entry ${head.seq}.`);
        return;
      }
      const { progress, end } = stepsOf(terminal, options.json);
      const interrupt = onInterrupt('The database is as it was.');
      const { journal } = options;
      const from: string | false | null =
        typeof journal === 'string' ? resolve(terminal.folder, journal) : (journal ?? null);
      try {
        const wanted = { journal: from, progress: stoppable(progress, interrupt.signal) };
        const done =
          file === undefined
            ? await restoreInPlace(config, wanted)
            : await restoreFile(config, resolve(terminal.folder, file), wanted);
        end();
        tell(terminal, options.json, done, textOf(done));
      } finally {
        end();
        interrupt.end();
      }
    });
  addExamples(command, [
    'keyward restore backup.db',
    'keyward restore backup.db --journal /mnt/second/journal',
    'keyward restore --in-place --journal /mnt/second/journal',
  ]);
  addSettingFlags(command, ['data']);
  // Flags of the same names are taken for this command's, wherever they stand.
  addVerb(command, release, terminal, outcome).hook('preAction', (_, action) => {
    for (const [name, value] of Object.entries(command.opts())) action.setOptionValue(name, value);
  });
}

function demandOne(file: string | undefined, { inPlace, accept }: Options): void {
  if (accept && !inPlace) throw misuse('--accept goes with --in-place.', 'A backup is restored without it.');
  if ((file === undefined) === (inPlace === true)) return;
  throw misuse(
    file === undefined ? 'The backup is missing.' : 'A backup and --in-place are two different things.',
    'Name the file of the backup, or add --in-place to decide about the database that is there.',
  );
}

function question(file: string | undefined, { accept }: Options): string {
  if (accept) return 'Take the database as it is? What was revoked after it was made works again.';
  return file === undefined
    ? 'Decide about the database that is there? All sessions and access tokens end.'
    : 'Replace the database by the backup? The one that is there is kept under another name; all sessions and access tokens end.';
}

/** What was done, and why. */
function textOf(done: Restored): string {
  const { backup, replayed, journal, suspendedBecause, notReplayed, needNewSecret, suspended, kept } = done;
  const lines = [`Restored up to entry ${backup.seq} of the journal.`];
  if (replayed !== null) {
    const at = new Date(replayed.at).toISOString();
    lines.push(`Entries ${replayed.from} to ${replayed.to}, up to ${at}, were replayed from ${journal}.`);
  }
  const left = counted(suspended);
  if (suspendedBecause !== null) lines.push(`Everything stands suspended, because ${suspendedBecause}: ${left}.`);
  else if (left !== '') lines.push(`These stand suspended: ${left}.`);
  for (const [action, count] of Object.entries(notReplayed)) {
    lines.push(`${count} times ${action} could not be done again, and what it touched is suspended.`);
  }
  const secrets = counted(needNewSecret);
  if (secrets !== '') {
    lines.push(
      `Their secret had been replaced since, and they need a new one: ${secrets}. The journal names them: keyward journal search`,
    );
  }
  lines.push('All sessions and access tokens have ended.');
  if (left !== '') lines.push('To let all or some of it work again: keyward restore release --help');
  if (suspendedBecause !== null && suspended.user > 0) {
    lines.push(
      'Nobody can sign in until somebody is released. Before the server is started, here: keyward users list --data <folder>, then',
      'keyward restore release --user <id> --data <folder>',
    );
  }
  if (kept !== null) lines.push(`The database that was there is now ${kept}.`);
  return lines.join('\n');
}

const words: Readonly<Record<string, readonly [one: string, many: string]>> = {
  organization: ['organization', 'organizations'],
  user: ['user', 'users'],
  api_user: ['API user', 'API users'],
  api_token: ['API token', 'API tokens'],
  application: ['application', 'applications'],
};

function counted(counts: Readonly<Record<string, number>>): string {
  return Object.entries(counts)
    .filter(([, count]) => count > 0)
    .map(([type, count]) => `${count} ${words[type]?.[count === 1 ? 0 : 1] ?? type}`)
    .join(', ');
}
