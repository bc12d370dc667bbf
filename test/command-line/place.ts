// A demo server and somebody who is signed in to it on the command line. Commands run in this process, with streams that a test
// reads; `shell` runs a line as somebody would type it, for as much of a shell's grammar as examples have.

import { execSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { PassThrough, Readable } from 'node:stream';
import { run } from '../../server/src/cli/program.ts';
import { type DemoServer, startDemo } from '../openapi/demo-server.ts';

export interface Ran {
  code: number;
  output: string;
  errors: string;
}

export interface RunOptions {
  input?: string;
  environment?: NodeJS.ProcessEnv;
  folder?: string;
}

export interface Place extends DemoServer {
  /** Home, and where commands run. */
  folder: string;
  /** An access token of the demo's owner, as the command line keeps one. */
  token: string;
  keyward(args: readonly string[], options?: RunOptions): Promise<Ran>;
  shell(line: string, options?: RunOptions): Promise<Ran>;
  /** Asks the API as the owner. */
  api<T = Record<string, unknown>>(method: string, path: string, body?: unknown): Promise<{ status: number; body: T }>;
}

export async function startPlace(): Promise<Place> {
  const demo = await startDemo();
  const folder = mkdtempSync(join(tmpdir(), 'keyward-cli-'));
  const signedIn = await fetch(`${demo.url}/v1/login`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(demo.credentials.owner),
  });
  const { accessToken: token, user } = (await signedIn.json()) as { accessToken: string; user: { id: string } };
  mkdirSync(join(folder, '.keyward'), { mode: 0o700 });
  const kept = `token: Bearer ${token}\nuserid: ${user.id}\nurl: ${demo.url}\n`;
  writeFileSync(join(folder, '.keyward', 'credentials.yaml'), kept, { mode: 0o600 });
  const keyward = (args: readonly string[], { input = '', environment = {}, folder: at = folder }: RunOptions = {}) =>
    runHere(args, { input, environment: { HOME: folder, KEYWARD_LOG_LEVEL: 'silent', ...environment }, folder: at });
  return {
    ...demo,
    folder,
    token,
    keyward,
    shell: (line, options = {}) => runLine(line, { folder, ...options }, keyward),
    async api(method, path, body) {
      const answer = await fetch(demo.url + path, {
        method,
        headers: {
          authorization: `Bearer ${token}`,
          ...(body !== undefined && { 'content-type': 'application/json' }),
        },
        ...(body !== undefined && { body: JSON.stringify(body) }),
      });
      const text = await answer.text();
      return { status: answer.status, body: text === '' ? null : JSON.parse(text) };
    },
    async stop() {
      await demo.stop();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** Runs a command in this process, as if its output were piped. */
export async function runHere(
  args: readonly string[],
  { input, environment, folder }: { input: string; environment: NodeJS.ProcessEnv; folder: string },
): Promise<Ran> {
  const [output, errors] = [new PassThrough({ highWaterMark: 2 ** 24 }), new PassThrough({ highWaterMark: 2 ** 24 })];
  const code = await run(args, {
    input: Readable.from(input === '' ? [] : [Buffer.from(input)]),
    output,
    errors,
    environment,
    folder,
  });
  const text = (stream: PassThrough) => String(stream.read() ?? '');
  return { code, output: text(output), errors: text(errors) };
}

/** Quotes, `$NAME`, `< file`, `> file` and something piped in; nothing else of a shell. */
async function runLine(
  line: string,
  options: RunOptions & { folder: string },
  keyward: Place['keyward'],
): Promise<Ran> {
  const { folder, environment = {} } = options;
  const [, before, command = line] = /^(.*?) \| (keyward .*)$/.exec(line) ?? [];
  const piped = before === undefined ? options.input : execSync(before, { cwd: folder, encoding: 'utf8' });
  const words = wordsOf(command, environment);
  const input = take(words, '<');
  const output = take(words, '>');
  const [program, ...args] = words;
  if (program !== 'keyward') throw new Error(`${line} runs something else.`);
  const text = input === null ? (piped ?? '') : readFileSync(resolve(folder, input), 'utf8');
  const ran = await keyward(args, { ...options, input: text });
  if (output !== null) writeFileSync(resolve(folder, output), ran.output);
  return ran;
}

function take(words: string[], sign: '<' | '>'): string | null {
  const at = words.indexOf(sign);
  return at < 0 ? null : (words.splice(at, 2)[1] ?? null);
}

function wordsOf(line: string, environment: NodeJS.ProcessEnv): string[] {
  const pieces = line.matchAll(/(?:'[^']*'|"(?:\\.|[^"\\])*"|\\.|[^\s'"\\])+/g);
  return [...pieces].map(([word]) =>
    word.replace(/'([^']*)'|"((?:\\.|[^"\\])*)"|\\(.)|\$([A-Z_]+)/g, (_, single, double, escaped, name) => {
      if (single !== undefined) return single;
      if (double !== undefined) return double.replace(/\\(.)/g, '$1');
      return escaped ?? environment[name] ?? '';
    }),
  );
}
