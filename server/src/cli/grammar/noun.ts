// The grammar of the command line: a table of nouns, each with its verbs, from which commands, help, completion and the tests are
// made. It says what can be asked, and does none of it.

import type { Client } from '../client/client.ts';
import type { Outcome } from '../terminal/outcome.ts';
import type { Terminal } from '../terminal/terminal.ts';

export interface Noun {
  /** As it is typed: plural, where there are several. */
  name: string;
  summary: string;
  /** Other words for it. */
  aliases?: readonly string[];
  verbs: readonly Verb[];
}

export interface Verb {
  name: string;
  summary: string;
  /** Whole commands as somebody would type them, the commonest first: its help begins with them, and a test runs each. */
  examples: readonly [string, ...string[]];
  arguments?: readonly Argument[];
  options?: readonly Option[];
  /** The routes of the API that it stands for, as `POST /v1/tokens/{id}/rotate`. */
  routes: readonly string[];
  /** It works on what is an organization's own, and so takes `--organization`. */
  acts?: true;
  /** It changes something, and so takes `--dry-run`. */
  changes?: true;
  /** Something is gone afterwards: it asks first, and takes `--yes`. */
  destroys?: true;
  /** Its answer has a new secret, and so it takes `--secret-to`. */
  makesSecret?: true;
  /** What `--json` prints, where that is no answer of the API's own. */
  jsonHelp?: string;
  /** It is about this machine, and so takes no flag that says whom to ask. */
  asksNobody?: true;
  /** Told to stop by its signal, it brings what it has begun to an end by itself, and is waited for. */
  endsItself?: true;
  run(call: Call): Promise<void>;
}

export interface Argument {
  name: string;
  help: string;
  isOptional?: true;
  isMany?: true;
  /** What completion asks the server for. */
  of?: string;
}

export interface Option {
  /** As commander has it: `--name <text>`, or `--all` for a yes. */
  flag: string;
  help: string;
  /** What is known to be possible. */
  choices?: readonly string[];
  isRequired?: true;
  /** May be given several times. */
  isMany?: true;
}

/** One run of a verb. */
export interface Call {
  terminal: Terminal;
  /** `--json` */
  json: boolean;
  /** By the name of the argument. */
  args: Readonly<Record<string, string>>;
  /** Those of the last argument, where that may be many. */
  rest: readonly string[];
  /** By the name of the flag, in camel case. */
  options: Readonly<Record<string, unknown>>;
  outcome: Outcome;
  /** Aborted by Ctrl-C. */
  signal: AbortSignal;
  /** Opened when it is asked for first, and closed after the verb. Acts for `--organization`. */
  client(): Promise<Client>;
}

/** The text of an option; undefined where it was not given. */
export function text(call: Pick<Call, 'options'>, name: string): string | undefined {
  const value = call.options[name];
  return typeof value === 'string' ? value : undefined;
}
