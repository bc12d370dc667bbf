// Help begins with an example: what most people look for is the command that they want.

import type { Command } from 'commander';

/** Examples stand before everything else in a help text. */
export function addExamples(command: Command, examples: readonly string[]): Command {
  const title = examples.length === 1 ? 'Example' : 'Examples';
  return command.addHelpText('before', `${title}:\n${examples.map((one) => `  ${one}`).join('\n')}\n`);
}
