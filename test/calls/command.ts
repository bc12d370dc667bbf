// Commands of the command line in this process, with streams that a test reads. For tests only.

import { tmpdir } from 'node:os';
import { PassThrough, Readable } from 'node:stream';
import { expect } from 'vitest';
import { run } from '../../server/src/cli/program.ts';

export interface Ran {
  code: number;
  output: string;
  errors: string;
}

interface Given {
  input?: string;
  environment: NodeJS.ProcessEnv;
}

/** Runs a command as if its output were piped. */
export async function runHere(args: readonly string[], { input = '', environment }: Given): Promise<Ran> {
  const { streams, code } = begin(args, environment, input);
  const ended = await code;
  return { code: ended, output: streams.output(), errors: streams.errors() };
}

/** One that goes on until Ctrl-C. */
export function typed(args: readonly string[], environment: NodeJS.ProcessEnv) {
  const { streams, code } = begin(args, environment, '');
  return {
    output: streams.output,
    until: (text: string) => expect.poll(streams.output).toContain(text),
    async interrupt(): Promise<number> {
      process.emit('SIGINT');
      return code;
    },
  };
}

function begin(args: readonly string[], environment: NodeJS.ProcessEnv, input: string) {
  const [output, errors] = [collected(), collected()];
  const code = run(args, {
    input: Readable.from(input === '' ? [] : [input]),
    output: output.stream,
    errors: errors.stream,
    environment: { HOME: tmpdir(), ...environment },
    folder: tmpdir(),
  });
  return { streams: { output: output.text, errors: errors.text }, code };
}

function collected() {
  const stream = new PassThrough();
  let text = '';
  stream.on('data', (chunk: Buffer) => {
    text += chunk.toString();
  });
  return { stream, text: () => text };
}
