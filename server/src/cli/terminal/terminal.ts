// What a command has around it: streams, environment, current folder; and how it speaks. It knows no command.

import process from 'node:process';
import type { Readable, Writable } from 'node:stream';
import { stripVTControlCharacters } from 'node:util';

/** What a stream says of the screen behind it, if there is one. */
interface Screen {
  isTTY?: boolean;
  /** Its width right now, in characters. */
  columns?: number;
}

export interface Terminal {
  input: Readable & { isTTY?: boolean };
  /** Results only, so that it can be piped. */
  output: Writable & Screen;
  /** Everything else: questions, progress, errors. */
  errors: Writable & Screen;
  environment: NodeJS.ProcessEnv;
  folder: string;
}

export function realTerminal(): Terminal {
  const { stdin: input, stdout: output, stderr: errors, env: environment } = process;
  for (const stream of [output, errors]) {
    if (!stream.listeners('error').includes(ignoreClosedPipe)) stream.on('error', ignoreClosedPipe);
  }
  return { input, output, errors, environment, folder: process.cwd() };
}

/** Who pipes a command into `head` has read enough: that ends the pipe, not the command. */
function ignoreClosedPipe(this: object, error: NodeJS.ErrnoException): void {
  if (error.code !== 'EPIPE') throw error;
  unread.add(this);
}

/** Streams that nobody reads any more. A process' own do not say it themselves. */
const unread = new WeakSet<object>();

/** False once whoever read the results went away: what is long need not go on. */
export function hasReader({ output }: Terminal): boolean {
  return !unread.has(output);
}

/** True if there is a person who can be asked. */
export function isInteractive(terminal: Terminal): boolean {
  return terminal.input.isTTY === true && terminal.output.isTTY === true;
}

/** Prints the result: `value` as one line of JSON with `--json`, else `text`. */
export function tell(terminal: Terminal, json: boolean | undefined, value: unknown, text: string): void {
  terminal.output.write(`${json === true ? jsonOf(value) : text}\n`);
}

/** What a terminal obeys that JSON lets stand: control characters from 0x7f on, and what turns the direction of reading. */
const unescaped = /[\u007f-\u009f\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]/g;

/** JSON in ASCII wherever a terminal would take it for more than text. */
export function jsonOf(value: unknown, space = 0): string {
  const escaped = (one: string) => `\\u${one.charCodeAt(0).toString(16).padStart(4, '0')}`;
  return JSON.stringify(value, null, space).replace(unescaped, escaped);
}

/** Text from elsewhere, made harmless for a terminal: no escape sequences, no control characters, one line, read in one direction. */
export function plain(text: string): string {
  return stripVTControlCharacters(text)
    .replace(/[\p{Cc}\p{Zl}\p{Zp}]+/gu, ' ')
    .replace(unescaped, '');
}
