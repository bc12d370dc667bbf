// Asking a person, and taking a password without one. A secret is never an argument: every process can read those.

import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import type { Readable, Writable } from 'node:stream';
import { CommandError, interrupted, misuse } from './command-error.ts';
import { isInteractive, plain, type Terminal } from './terminal.ts';

/** As the API takes of a credential. */
const longestSecret = 16_384;

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

/**
 * A secret that a command is about: from the file (`-` is standard input), else from what is piped in, else typed by the
 * person without being shown. White space around it is no part of it.
 */
export async function secretFrom(terminal: Terminal, file: string | undefined, what: string): Promise<string> {
  const text = (await givenSecret(terminal, file, what)).trim();
  if (text === '') throw misuse(`The ${what} is empty.`);
  return text;
}

async function givenSecret(terminal: Terminal, file: string | undefined, what: string): Promise<string> {
  if (file !== undefined && file !== '-') return readFileSync(resolve(terminal.folder, file), 'utf8');
  if (file === undefined && isInteractive(terminal)) return hidden(terminal, `Paste the ${what}`);
  return textOf(terminal.input, longestSecret, `a ${what}`);
}

/** The password that there is and the one to be: from standard input, a line each, or from the person, the new one twice. */
export async function newPassword(terminal: Terminal, fromInput: boolean): Promise<{ current: string; next: string }> {
  if (fromInput) {
    const [current = '', next = ''] = (await textOf(terminal.input, 8192, 'two passwords')).split(/\r?\n/);
    if (current === '' || next === '')
      throw misuse('Standard input holds no two lines.', 'First the old one, then the new.');
    return { current, next };
  }
  if (!isInteractive(terminal)) {
    throw misuse('There is nobody to ask for the passwords.', 'Pipe them in and add --passwords-stdin.');
  }
  const current = await hidden(terminal, 'The password that you have');
  return { current, next: await password(terminal, false, true) };
}

/** Asks before something is destroyed, unless `yes`. Without a person throws CommandError that names the flag. */
export async function confirmed(terminal: Terminal, yes: boolean | undefined, question: string): Promise<void> {
  if (yes === true) return;
  if (!isInteractive(terminal)) throw misuse(`${question} There is nobody to ask.`, 'Add --yes if it is meant.');
  const { confirm, isCancel } = await import('@clack/prompts');
  const answer = await confirm({ message: plain(question), initialValue: false, ...streams(terminal) });
  if (isCancel(answer) || !answer) throw cancelled(isCancel(answer));
}

/** All that is piped in; throws CommandError where it is more than so many bytes. */
export async function textOf(input: Readable, mostBytes: number, what: string): Promise<string> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of input) {
    chunks.push(Buffer.from(chunk));
    size += chunk.length;
    if (size > mostBytes) throw misuse(`What came on standard input is too long for ${what}.`);
  }
  return Buffer.concat(chunks).toString('utf8');
}

async function hidden(terminal: Terminal, message: string): Promise<string> {
  const prompts = await import('@clack/prompts');
  const validate = (value: string | undefined) => (value ? undefined : 'Please type it.');
  const answer = await prompts.password({ message, validate, ...streams(terminal) });
  if (prompts.isCancel(answer)) throw cancelled();
  return answer;
}

// The whole input but for one line break at its end: a password may hold anything, line breaks included.
async function wholeInput(input: Readable): Promise<string> {
  const text = (await textOf(input, 4096, 'a password')).replace(/\r?\n$/, '');
  if (text === '')
    throw misuse('No password came on standard input.', 'For example: keyward login … --password-stdin < file');
  return text;
}

function streams(terminal: Terminal): { input: Readable; output: Writable } {
  return { input: terminal.input, output: terminal.output };
}

/** With Ctrl-C it ends as programs do that it interrupts; a plain no is no error of theirs. */
function cancelled(isInterrupt = true): CommandError {
  return new CommandError('Cancelled; nothing was changed.', null, isInterrupt ? interrupted : 1);
}
