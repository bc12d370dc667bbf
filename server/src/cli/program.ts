// The command line: which commands there are, and what becomes of their errors. What a command needs is loaded when it
// runs, so that `keyward --version` answers at once.

import { type Argument, Command, CommanderError } from 'commander';
import about from '../../package.json' with { type: 'json' };
import { ConfigError } from '../config/config.ts';
import { KeywardError } from '../core/errors.ts';
import { fileFailure } from '../startup/file-failure.ts';
import { StartupError } from '../startup/startup-error.ts';
import { addCompletion } from './completion/completion.ts';
import { addConfig } from './doctor/config-check.ts';
import { addDoctor } from './doctor/doctor.ts';
import { addOtherExamples } from './examples.ts';
import { addNouns, addVerb } from './grammar/build.ts';
import { imports } from './import/noun.ts';
import { manifestVerbs } from './manifest/commands/verbs.ts';
import { addBackup } from './recovery/backup.ts';
import { addMove } from './recovery/move.ts';
import { addRestore } from './recovery/restore.ts';
import { addShip } from './recovery/ship.ts';
import { nouns, soleVerbs } from './resources/all.ts';
import { whoami } from './resources/whoami.ts';
import { scan } from './scan/scan.ts';
import { addInit } from './server/init.ts';
import { addJournal } from './server/journal.ts';
import { addMigrate } from './server/migrate.ts';
import { addOpenApi } from './server/openapi.ts';
import { addServe } from './server/serve.ts';
import { addLogin } from './session/login.ts';
import { addLogout } from './session/logout.ts';
import { CommandError } from './terminal/command-error.ts';
import type { Outcome } from './terminal/outcome.ts';
import { clearProgress } from './terminal/progress.ts';
import { realTerminal, type Terminal } from './terminal/terminal.ts';

/** Runs one command; resolves with the exit code: 0 done, 1 it did not work, 2 it was asked in a way that cannot work. */
export async function run(args: readonly string[], terminal: Terminal = realTerminal()): Promise<number> {
  const json = args.includes('--json');
  const outcome = { code: 0 };
  const program = createProgram(terminal, json, outcome);
  try {
    await program.parseAsync(args, { from: 'user' });
    return outcome.code;
  } catch (error) {
    return explain(error, terminal, json);
  }
}

/** All commands, of which one can be run. */
export function createProgram(terminal: Terminal, json = false, outcome: Outcome = { code: 0 }): Command {
  const program = new Command('keyward')
    .description(
      `${about.description}.\n\nTo see what it does: keyward serve --demo\nTo begin for real:   keyward init, then keyward serve`,
    )
    .version(json ? JSON.stringify({ version: about.version }) : about.version)
    .exitOverride()
    .configureHelp({
      // Without aliases and flags, so that there is room for what it does; its own help has both.
      subcommandTerm: (command) => [command.name(), ...command.registeredArguments.map(argumentText)].join(' '),
      // Ours name what is possible.
      optionDescription: ({ description }) => description,
    })
    .configureOutput({
      writeOut: (text) => terminal.output.write(text),
      writeErr: (text) => json || terminal.errors.write(withoutValue(text)),
    })
    .showHelpAfterError('(--help shows what is possible)');
  program.commandsGroup('What the API can do:');
  addNouns(program, nouns, terminal, outcome);
  for (const verb of soleVerbs) addVerb(program, verb, terminal, outcome);
  program.commandsGroup('Many things at once:');
  addNouns(program, [imports], terminal, outcome);
  for (const verb of [scan, ...manifestVerbs]) addVerb(program, verb, terminal, outcome);
  program.commandsGroup('Signing in:');
  addLogin(program, terminal);
  addVerb(program, whoami, terminal, outcome);
  addLogout(program, terminal);
  program.commandsGroup('The server on this machine:');
  addServe(program, terminal, outcome);
  addInit(program, terminal);
  addMigrate(program, terminal);
  addJournal(program, terminal, outcome);
  addConfig(program, terminal);
  addDoctor(program, terminal, outcome);
  addBackup(program, terminal);
  addRestore(program, terminal, outcome);
  addMove(program, terminal);
  addShip(program, terminal);
  program.commandsGroup(thisProgram);
  addOpenApi(program, terminal);
  addCompletion(program, terminal);
  program.addHelpCommand(
    new Command('help').argument('[command]').description('the help of a command').helpGroup(thisProgram),
  );
  addOtherExamples(program);
  return program;
}

const thisProgram = 'This program:';

function argumentText(argument: Argument): string {
  const name = `${argument.name()}${argument.variadic ? '...' : ''}`;
  return argument.required ? `<${name}>` : `[${name}]`;
}

function explain(error: unknown, terminal: Terminal, json: boolean): number {
  if (error instanceof CommanderError && error.exitCode === 0) return 0;
  const { message, hint, exitCode, problem } = describe(error);
  clearProgress(terminal);
  const said = { error: message, hint, ...(problem !== undefined && { problem }) };
  if (json) terminal.errors.write(`${JSON.stringify(said)}\n`);
  else if (!(error instanceof CommanderError)) terminal.errors.write(`${message}\n${hint === null ? '' : `${hint}\n`}`);
  return exitCode;
}

function describe(error: unknown): { message: string; hint: string | null; exitCode: number; problem?: unknown } {
  if (error instanceof CommandError) return error;
  if (error instanceof StartupError) return { message: error.message, hint: error.hint, exitCode: 1 };
  if (error instanceof KeywardError) return { message: error.message, hint: null, exitCode: 1 };
  if (error instanceof ConfigError) {
    return { message: error.message, hint: 'keyward serve --help lists the settings.', exitCode: 2 };
  }
  if (error instanceof CommanderError) {
    return {
      message: withoutValue(error.message).replace(/^error: /, ''),
      hint: 'keyward --help shows what is possible.',
      exitCode: 2,
    };
  }
  if (error instanceof Error && 'syscall' in error) {
    const { path } = error as NodeJS.ErrnoException;
    if (typeof path !== 'string') return { message: `${error.message}.`, hint: null, exitCode: 1 };
    const { message, hint } = fileFailure(error, path, 'Mend that, then run the command again.');
    return { message, hint, exitCode: 1 };
  }
  const stack = error instanceof Error ? (error.stack ?? error.message) : String(error);
  return { message: `This should not have happened. Please report it:\n${stack}`, hint: null, exitCode: 1 };
}

// Somebody who tries `--password=…` shall not read the password once more, in the log of a build for one.
function withoutValue(message: string): string {
  return message.replace(/(unknown option '[^'=]*)=[\s\S]*'/, "$1'");
}
