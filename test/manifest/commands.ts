// The commands of configuration as code, run in this process against a test server, as their verbs are by the command line:
// with streams, options and a client. For tests only.

import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PassThrough } from 'node:stream';
import type { Client } from '../../server/src/cli/client/client.ts';
import type { Verb } from '../../server/src/cli/grammar/noun.ts';
import { manifestVerbs } from '../../server/src/cli/manifest/commands/verbs.ts';
import { CommandError } from '../../server/src/cli/terminal/command-error.ts';
import { type Person, startServer, type TestServer, type TestServerOptions } from '../server.ts';
import { call } from '../wire/native/calls.ts';

export interface Ran {
  /** What the process would end with. */
  code: number;
  output: string;
  /** With the error's own words, as they are shown. */
  errors: string;
}

export interface ServerBench extends Bench {
  server: TestServer;
  bearer: string;
}

export interface Bench {
  folder: string;
  client: Client;
  apply(files: string | readonly string[], options?: Record<string, unknown>, more?: RunMore): Promise<Ran>;
  diff(files: string | readonly string[], options?: Record<string, unknown>): Promise<Ran>;
  export(options?: Record<string, unknown>): Promise<Ran>;
  /** Keeps text as a file in the folder. */
  write(name: string, text: string): string;
}

export interface RunMore {
  client?: Client;
  signal?: AbortSignal;
}

export async function startBench(options: TestServerOptions = {}): Promise<ServerBench> {
  const server = await startServer(options);
  return benchAs(server, server.owner);
}

export async function benchAs(server: TestServer, person: Person): Promise<ServerBench> {
  const { email, password } = person;
  // A session, as keyward login has one: no API token that would be a part of what is exported.
  const { body } = await call<{ accessToken: string }>(server, 'POST', '/v1/login', undefined, { email, password });
  const bearer = body.accessToken;
  return { ...benchFor(clientFor(server.url, bearer)), server, bearer };
}

export function benchFor(client: Client): Bench {
  const folder = mkdtempSync(join(tmpdir(), 'keyward-manifest-'));
  const write = (name: string, text: string) => {
    writeFileSync(join(folder, name), text);
    return name;
  };
  const fileOf = (files: string | readonly string[]) =>
    typeof files === 'string' ? [files.includes('\n') ? write('given.yaml', files) : files] : [...files];
  const run = (name: string, given: Record<string, unknown>, more: RunMore = {}) =>
    runVerb(
      verbNamed(name),
      { folder, client: more.client ?? client, ...(more.signal && { signal: more.signal }) },
      given,
    );
  return {
    folder,
    client,
    write,
    apply: (files, given = {}, more = {}) =>
      run('apply', { yes: true, secretsTo: 'secrets.jsonl', file: fileOf(files), ...given }, more),
    diff: (files, given = {}) => run('diff', { file: fileOf(files), ...given }),
    export: (given = {}) => run('export', given),
  };
}

/** As remote.ts asks, without what it knows of sign-ins. */
export function clientFor(url: string, bearer: string): Client {
  return {
    where: url,
    isLocal: false,
    who: 'the test',
    signIn: null,
    send: (method, path, { query = {}, body, headers } = {}) => {
      const given = Object.entries(query).filter((one): one is [string, string] => one[1] !== undefined);
      const target = given.length === 0 ? path : `${path}?${new URLSearchParams(given)}`;
      const content = body === undefined ? {} : { body: JSON.stringify(body) };
      const typed = body === undefined ? {} : { 'content-type': 'application/json' };
      return fetch(url + target, {
        method,
        headers: { authorization: `Bearer ${bearer}`, ...typed, ...headers },
        ...content,
      });
    },
    close: async () => undefined,
  };
}

function verbNamed(name: string): Verb {
  const verb = manifestVerbs.find((one) => one.name === name);
  if (verb === undefined) throw new Error(`There is no ${name}.`);
  return verb;
}

async function runVerb(
  verb: Verb,
  { folder, client, signal = new AbortController().signal }: { folder: string; client: Client; signal?: AbortSignal },
  options: Record<string, unknown>,
): Promise<Ran> {
  const [output, errors] = [new PassThrough(), new PassThrough()];
  const texts = { output: '', errors: '' };
  output.on('data', (chunk) => {
    texts.output += chunk;
  });
  errors.on('data', (chunk) => {
    texts.errors += chunk;
  });
  const terminal = { input: new PassThrough(), output, errors, environment: { ...process.env, HOME: folder }, folder };
  const outcome = { code: 0 };
  const json = options.json === true;
  const call = { terminal, json, args: {}, rest: [], options, outcome, signal, client: async () => client };
  try {
    await verb.run(call);
    return { code: outcome.code, ...texts };
  } catch (error) {
    if (!(error instanceof CommandError)) throw error;
    return { code: error.exitCode, ...texts, errors: `${texts.errors}${error.message}\n${error.hint ?? ''}` };
  }
}
