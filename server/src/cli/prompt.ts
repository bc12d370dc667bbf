// Asking a person, and taking a password without one. A secret is never an argument: every process can read those.

import type { Readable, Writable } from 'node:stream';
import { CommandError, misuse } from './command-error.ts';
import { isInteractive, type Terminal } from './terminal.ts';

/** `given`, or what the person types. Without a person throws CommandError that names the flag. */
export async function textOrAsk(
  terminal: Terminal,
  given: string | undefined,
  question: string,
  flag: string,
  placeholder?: string,
): Promise<string> {
  if (given !== undefined) return given;
  if (!isInteractive(terminal)) throw misuse(`${question} is missing.`, `Add ${flag}.`);
  const { text, isCancel } = await import('@clack/prompts');
  const suggested = placeholder === undefined ? {} : { placeholder, defaultValue: placeholder };
  const answer = await text({
    message: question,
    ...suggested,
    validate: (value) => (placeholder === undefined && !value?.trim() ? 'Please type something.' : undefined),
    ...streams(terminal),
  });
  if (isCancel(answer)) throw cancelled();
  return answer;
}

/** The password from standard input, or from the person; with `twice` it must be typed the same again. */
export async function password(terminal: Terminal, fromInput: boolean | undefined, twice = false): Promise<string> {
  if (fromInput === true) return wholeInput(terminal.input);
  if (!isInteractive(terminal)) {
    throw misuse('There is nobody to ask for the password.', 'Pipe it in and add --password-stdin.');
  }
  const answer = await hidden(terminal, 'Password');
  if (twice && (await hidden(terminal, 'The same password again')) !== answer) {
    throw new CommandError('The two passwords differ.', 'Run the command again.');
  }
  return answer;
}

async function hidden(terminal: Terminal, message: string): Promise<string> {
  const prompts = await import('@clack/prompts');
  const validate = (value: string | undefined) => (value ? undefined : 'Please type the password.');
  const answer = await prompts.password({ message, validate, ...streams(terminal) });
  if (prompts.isCancel(answer)) throw cancelled();
  return answer;
}

// The whole input but for one line break at its end: a password may hold anything, line breaks included.
async function wholeInput(input: Readable): Promise<string> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of input) {
    chunks.push(Buffer.from(chunk));
    size += chunk.length;
    if (size > 4096) throw misuse('What came on standard input is too long for a password.');
  }
  const text = Buffer.concat(chunks)
    .toString('utf8')
    .replace(/\r?\n$/, '');
  if (text === '')
    throw misuse('No password came on standard input.', 'For example: keyward login … --password-stdin < file');
  return text;
}

function streams(terminal: Terminal): { input: Readable; output: Writable } {
  return { input: terminal.input, output: terminal.output };
}

function cancelled(): CommandError {
  return new CommandError('Cancelled; nothing was changed.');
}
