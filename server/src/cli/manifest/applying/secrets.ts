// Where new secrets go: each is told once, and to nobody but whom the operator named. What a command did not take is kept in a
// file of the operator's own, and named. Secrets that there are already are never asked for.

import { spawn } from 'node:child_process';
import {
  accessSync,
  closeSync,
  constants,
  fchmodSync,
  fstatSync,
  fsync,
  openSync,
  rmSync,
  statSync,
  writeSync,
} from 'node:fs';
import { delimiter, join, resolve } from 'node:path';
import type { Writable } from 'node:stream';
import { promisify } from 'node:util';
import { CommandError, misuse } from '../../terminal/command-error.ts';
import type { Terminal } from '../../terminal/terminal.ts';
import type { Kind } from '../model/thing.ts';

export interface NewSecret {
  kind: Kind;
  organization: string | null;
  name: string;
  id: string;
  username?: string;
  secret: string;
}

export interface SecretSink {
  /** Resolves when it is out of our hands. Throws CommandError where that fails, and has kept it elsewhere. */
  keep(secret: NewSecret): Promise<void>;
  /** Ends what it has opened. Throws CommandError that says where the secrets are that were not taken. */
  end(): Promise<void>;
}

/** `-` is standard output, a program or anything with a blank in it a command, all else a file. Throws CommandError. */
export function openSink(terminal: Terminal, target: string, runId: string): SecretSink {
  if (target === '-') return intoStream(terminal.output);
  if (isCommand(terminal, target)) return intoCommand(terminal, target, runId);
  return intoFile(resolve(terminal.folder, target));
}

export function intoStream(output: Writable): SecretSink {
  return {
    keep: (secret) =>
      new Promise((done, fail) => {
        output.write(lineOf(secret), (error) => (error ? fail(error) : done()));
      }),
    end: async () => undefined,
  };
}

/** Added to what the file holds; nobody else can read it. */
function intoFile(path: string): SecretSink {
  const open = () => {
    try {
      const flags = constants.O_APPEND | constants.O_CREAT | constants.O_WRONLY | constants.O_NOFOLLOW;
      const handle = openSync(path, flags, 0o600);
      if (!fstatSync(handle).isFile()) throw misuse(`${path} is no file.`, 'Name a file, or - for standard output.');
      fchmodSync(handle, 0o600);
      return handle;
    } catch (error) {
      if (error instanceof CommandError) throw error;
      throw misuse(`${path} cannot be written.`, 'Name another file with --secrets-to.');
    }
  };
  // Opened before there is a secret, so that none is made for a file that cannot be written.
  const handle = open();
  let isNew = fstatSync(handle).size === 0;
  return {
    async keep(secret) {
      writeSync(handle, lineOf(secret));
      isNew = false;
      // Others that are told meanwhile do not wait for this one.
      await flush(handle);
    },
    async end() {
      closeSync(handle);
      if (isNew) rmSync(path, { force: true });
    },
  };
}

/** One process for the whole run, which reads a line of JSON for each secret and must end with 0. */
function intoCommand(terminal: Terminal, command: string, runId: string): SecretSink {
  const shell = process.platform === 'win32' ? { file: 'cmd', flag: '/c' } : { file: 'sh', flag: '-c' };
  const stdio: ['pipe', 'inherit', 'inherit'] = ['pipe', 'inherit', 'inherit'];
  // Of its own group: Ctrl-C is ours to handle, and must not take it away with secrets on their way.
  const child = spawn(shell.file, [shell.flag, command], {
    cwd: terminal.folder,
    env: terminal.environment,
    stdio,
    detached: true,
  });
  child.stdin.on('error', () => undefined);
  let isOver: string | null = null;
  const over = new Promise<string | null>((done) => {
    child.on('error', (error) => done(`it could not be started (${error.message})`));
    child.on('close', (code, signal) => done(code === 0 ? null : `it ended with ${code ?? signal}`));
  });
  const early = over.then((problem) => {
    isOver = problem ?? 'it ended before all were told';
  });
  const told: NewSecret[] = [];
  const keepAll = async (problem: string): Promise<CommandError> => {
    const path = join(terminal.folder, `keyward-secrets-${runId}.jsonl`);
    const file = intoFile(path);
    for (const secret of told) await file.keep(secret);
    await file.end();
    const text = `The command of --secrets-to did not take the new secrets: ${problem}. They are in ${path}, which only you can read.`;
    return new CommandError(text, 'Bring them to where they belong, then delete the file.');
  };
  return {
    async keep(secret) {
      told.push(secret);
      const written = new Promise<boolean>((done) => {
        child.stdin.write(lineOf(secret), (error) => done(!error));
      });
      await Promise.race([written, early]);
      // What was told and what was not is not known of a command that failed: end() keeps them all.
      if (isOver !== null) throw new CommandError(`The command of --secrets-to: ${isOver}.`);
    },
    async end() {
      // Who ends before the end has not read all of it, whatever it ended with.
      const tooEarly = isOver;
      child.stdin.end();
      const problem = tooEarly ?? (await over);
      if (told.length > 0 && problem !== null) throw await keepAll(problem);
    },
  };
}

const flush = promisify(fsync);

function lineOf(secret: NewSecret): string {
  return `${JSON.stringify(secret)}\n`;
}

function isCommand({ environment, folder }: Terminal, target: string): boolean {
  if (/[\s|&;<>()$`]/.test(target)) return true;
  const places = /[/\\]/.test(target)
    ? [resolve(folder, target)]
    : (environment.PATH ?? '').split(delimiter).map((place) => join(place, target));
  return places.some(isProgram);
}

function isProgram(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return statSync(path).isFile();
  } catch {
    return false;
  }
}
