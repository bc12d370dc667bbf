// What can be typed at a place in a command line: names of commands, flags, and what a flag may be. It knows no shell.

import type { Command } from 'commander';

/** The words that may follow `typed`, the last of which is begun; each with what it is for. */
export function wordsAfter(program: Command, typed: readonly string[]): { word: string; help: string }[] {
  const begun = typed.at(-1) ?? '';
  const before = typed.slice(0, -1);
  let command = program;
  for (const word of before) command = subcommand(command, word) ?? command;
  const option = optionOf(command, before.at(-1) ?? '');
  const found =
    option !== undefined && (option.required || option.optional)
      ? (option.argChoices ?? []).map((word) => ({ word, help: '' }))
      : begun.startsWith('-')
        ? command.options.map(({ long, short, description }) => ({ word: long ?? short ?? '', help: description }))
        : visibleCommands(command).map((one) => ({ word: one.name(), help: one.description() }));
  return found.filter(({ word }) => word.startsWith(begun));
}

function visibleCommands(command: Command): readonly Command[] {
  return command.createHelp().visibleCommands(command);
}

function subcommand(command: Command, word: string): Command | undefined {
  return command.commands.find((one) => one.name() === word || one.aliases().includes(word));
}

function optionOf(command: Command, flag: string) {
  return flag.startsWith('-') ? command.options.find(({ long, short }) => long === flag || short === flag) : undefined;
}
