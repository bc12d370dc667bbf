// Every example of every help text does what it says, against a demo server, as it is written. What starts a server, or waits for a
// person, is tried elsewhere.

import type { Command } from 'commander';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createProgram } from '../../server/src/cli/program.ts';
import { realTerminal } from '../../server/src/cli/terminal/terminal.ts';
import { type Place, startPlace } from './place.ts';
import { prepare } from './world.ts';

/** Why an example is not run here. */
const elsewhere: readonly [RegExp, string][] = [
  [
    /^keyward (serve|init|migrate|journal verify|journal ship|backup|restore|move|doctor|config)\b/,
    'they work on the server of a machine: test/end-to-end, test/recovery and server/src/cli run them',
  ],
  [/^keyward login\b/, 'a person signs in: server/src/cli/session and test/end-to-end try it'],
  [/^keyward account password\b/, 'ends the session of this file: test/command-line/account.test.ts'],
  [/completion/, 'test/command-line/completion.test.ts runs it'],
];

let place: Place;
beforeAll(async () => {
  place = await startPlace();
});
afterAll(() => place.stop());

const program = createProgram(realTerminal());
const all = leaves(program).map((command) => ({ words: wordsOf(command), examples: examplesIn(helpOf(command)) }));

describe('the help of each command', () => {
  test.each(all)('keyward $words begins with an example of it', ({ words, examples }) => {
    expect(examples.filter((line) => !line.includes(`keyward ${words}`))).toEqual([]);
    expect(examples.length).toBeGreaterThan(0);
  });
});

describe('runs as it is written:', () => {
  const lines = all.flatMap(({ examples }) => examples);
  const here = lines.filter((line) => !elsewhere.some(([pattern]) => pattern.test(line)));
  test.each(here)('%s', async (line) => {
    const ran = await place.shell(line, await prepare(place, line));
    expect(ran, ran.errors).toMatchObject({ code: 0 });
    if (line.includes('--json') && ran.output !== '') JSON.parse(ran.output);
  });
});

function leaves(command: Command): Command[] {
  const below = command.createHelp().visibleCommands(command);
  const own = below.filter((one) => one.name() !== 'help');
  return own.length === 0 ? [command] : own.flatMap(leaves);
}

function wordsOf(command: Command): string {
  const { parent } = command;
  return parent?.parent ? `${wordsOf(parent)} ${command.name()}` : command.name();
}

function helpOf(command: Command): string {
  let text = '';
  command.configureOutput({
    writeOut: (piece) => {
      text += piece;
    },
  });
  command.outputHelp();
  return text;
}

/** The lines under `Example:` or `Examples:`, which stand first. */
function examplesIn(help: string): string[] {
  const [, block = ''] = /^Examples?:\n((?: {2}.+\n)+)/.exec(help) ?? [];
  return block
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '');
}
