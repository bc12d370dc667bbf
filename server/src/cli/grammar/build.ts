// Makes commands of the table of nouns. Every command gets the flags that its verb has a use for, the same ones everywhere, and
// help that begins with an example.

import { type Command, Option as CommanderOption } from 'commander';
import type { Client } from '../client/client.ts';
import { addPlaceFlags, openClient } from '../client/open.ts';
import { misuse } from '../terminal/command-error.ts';
import { addExamples } from '../terminal/examples.ts';
import { onInterrupt } from '../terminal/interrupt.ts';
import type { Outcome } from '../terminal/outcome.ts';
import type { Terminal } from '../terminal/terminal.ts';
import type { Noun, Verb } from './noun.ts';
import { actingFor } from './organization.ts';

/** Adds a command for each noun, and to it one for each of its verbs. */
export function addNouns(program: Command, nouns: readonly Noun[], terminal: Terminal, outcome: Outcome): void {
  for (const { name, summary, aliases = [], verbs } of nouns) {
    const noun = program.command(name).description(summary).aliases(aliases);
    const [first] = verbs;
    if (first !== undefined) addExamples(noun, [first.examples[0]]);
    for (const verb of verbs) addVerb(noun, verb, terminal, outcome);
  }
}

const verbs = new WeakMap<Command, Verb>();

/** The verb that a command was made of; undefined for one that was made otherwise. */
export function verbOf(command: Command): Verb | undefined {
  return verbs.get(command);
}

/** Adds one command; for what is no noun, as `keyward verify`, to the program itself. */
export function addVerb(parent: Command, verb: Verb, terminal: Terminal, outcome: Outcome): Command {
  const command = parent.command(verb.name).description(verb.summary);
  verbs.set(command, verb);
  addExamples(command, verb.examples);
  for (const { name, help, isOptional, isMany } of verb.arguments ?? []) {
    const spelled = isMany ? `${name}...` : name;
    command.argument(isOptional ? `[${spelled}]` : `<${spelled}>`, help);
  }
  for (const option of verb.options ?? []) command.addOption(optionOf(option));
  if (verb.acts) command.option('--organization <which>', 'act for this customer: id, name or external id');
  if (verb.makesSecret)
    command.option('--secret-to <file>', 'write the new secret to this new file, and not to the screen');
  if (verb.changes) command.option('--dry-run', 'say what would be asked of the server, and change nothing');
  if (verb.destroys) command.option('--yes', 'do not ask');
  if (!verb.asksNobody) addPlaceFlags(command);
  command.option('--json', verb.jsonHelp ?? (verb.asksNobody ? 'answer in JSON' : "print the API's own answer"));
  const names = (verb.arguments ?? []).map(({ name }) => name);
  const isMany = verb.arguments?.at(-1)?.isMany === true;
  return command.action(async (...given: unknown[]) => {
    const options = given[names.length] as Record<string, unknown>;
    const last = given[names.length - 1];
    const args = Object.fromEntries(
      names.flatMap((name, at) => (typeof given[at] === 'string' ? [[name, given[at] as string]] : [])),
    );
    const rest = isMany && Array.isArray(last) ? (last as string[]) : [];
    await runVerb(verb, terminal, outcome, { args, rest, options });
  });
}

async function runVerb(
  verb: Verb,
  terminal: Terminal,
  outcome: Outcome,
  { args, rest, options }: Pick<Parameters<Verb['run']>[0], 'args' | 'rest' | 'options'>,
): Promise<void> {
  let opened: Promise<Client> | undefined;
  const { organization } = options;
  const open = async () => {
    const client = await openClient(terminal, options);
    return typeof organization === 'string' ? actingFor(client, organization) : client;
  };
  const interrupt = onInterrupt();
  const { signal } = interrupt;
  const stopped = new Promise<never>((_, reject) => signal.addEventListener('abort', () => reject(signal.reason)));
  // Only what runs beside it waits for it.
  stopped.catch(() => undefined);
  try {
    const client = () => {
      opened ??= open();
      return opened;
    };
    const call = { terminal, json: options.json === true, args, rest, options, outcome, signal, client };
    await (verb.endsItself ? verb.run(call) : Promise.race([verb.run(call), stopped]));
  } finally {
    if (opened !== undefined) await opened.then((client) => client.close()).catch(() => undefined);
    interrupt.end();
  }
}

function optionOf({ flag, help, choices, isRequired, isMany }: NonNullable<Verb['options']>[number]): CommanderOption {
  const option = new CommanderOption(flag, choices === undefined ? help : `${help}: ${choices.join(', ')}`);
  if (choices !== undefined) {
    // For completion; what is none of them is refused below, in our own words.
    option.argChoices = [...choices];
    option.argParser((value: string) => {
      if (!choices.includes(value)) throw misuse(`${option.long} is none of ${choices.join(', ')}.`);
      return value;
    });
  }
  if (isMany) {
    option.argParser((value: string, before: unknown) => [...(Array.isArray(before) ? before : []), value]);
  }
  if (isRequired) option.makeOptionMandatory();
  return option;
}
