// `keyward completion`: what makes a shell complete the command line. The script asks this program each time, so that it never
// lags behind it.

import { Argument, type Command } from 'commander';
import type { Terminal } from '../terminal/terminal.ts';
import { scripts } from './scripts.ts';
import { wordsAfter } from './words.ts';

/** Hidden: what the scripts call. */
const asked = '__complete';

export function addCompletion(program: Command, terminal: Terminal): void {
  program
    .command('completion')
    .description('print what makes your shell complete this command line')
    .addArgument(new Argument('<shell>', 'which').choices(Object.keys(scripts)))
    .addHelpText(
      'before',
      `Examples:\n${Object.values(scripts)
        .map(({ example }) => `  ${example}`)
        .join('\n')}\n`,
    )
    .action((shell: keyof typeof scripts) => {
      terminal.output.write(scripts[shell].text);
    });
  program
    .command(asked, { hidden: true })
    .argument('[words...]')
    .allowUnknownOption()
    .helpOption(false)
    .action((words: string[]) => {
      for (const { word, help } of wordsAfter(program, words)) terminal.output.write(`${word}\t${help}\n`);
    });
}
