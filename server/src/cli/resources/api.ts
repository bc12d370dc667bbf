// `keyward api`: any call of the API, with the sign-in of the command line. What comes back is printed as it came, an error too.

import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { Readable } from 'node:stream';
import { stripVTControlCharacters } from 'node:util';
import type { Client, Page, Query } from '../client/client.ts';
import { targetOf } from '../client/client.ts';
import { problemError } from '../client/problem.ts';
import type { Call, Verb } from '../grammar/noun.ts';
import { text } from '../grammar/noun.ts';
import { isRehearsal } from '../grammar/verbs.ts';
import { CommandError, misuse } from '../terminal/command-error.ts';
import { textOf } from '../terminal/prompt.ts';
import { hasReader, jsonOf } from '../terminal/terminal.ts';

const methods = ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE'];
const mostBytes = 2_100_000;

export const api: Verb = {
  name: 'api',
  summary: 'ask the API itself: a method and a path',
  examples: [
    'keyward api GET /v1/self',
    'keyward api /v1/tokens --paginate',
    'keyward api POST /v1/roles -f name=reader -F permissions=[\\"read:journal\\"]',
    'keyward api POST /v1/verify --input call.json',
  ],
  arguments: [
    { name: 'method', help: 'GET, POST, PUT, PATCH or DELETE; without one GET, or POST if something is sent' },
    { name: 'path', help: 'such as /v1/tokens?limit=10', isOptional: true },
  ],
  options: [
    { flag: '-f, --field <key=value>', help: 'a text for the body, or for the query of a GET', isMany: true },
    {
      flag: '-F, --json-field <key=value>',
      help: 'the same as JSON; @file is the text of a file, @- of standard input',
      isMany: true,
    },
    { flag: '-H, --header <name:value>', help: 'a header to send', isMany: true },
    { flag: '--input <file>', help: 'the body; - for standard input' },
    { flag: '--paginate', help: 'every page of a list, as one answer' },
    { flag: '-i, --include', help: 'print the status and the headers too' },
  ],
  acts: true,
  changes: true,
  routes: [],
  async run(call) {
    const { method, path } = await targetIn(call);
    const fields = await fieldsIn(call);
    const isRead = method === 'GET' || method === 'HEAD';
    const query = isRead ? queryIn(fields) : {};
    const content = isRead ? undefined : await bodyIn(call, fields);
    if (!isRead && isRehearsal(call, method, path, content)) return;
    const client = await call.client();
    const headers = headersIn(call);
    if (call.options.paginate === true) return paginate(call, client, path, query);
    const response = await client.send(method, path, {
      query,
      headers,
      ...(content !== undefined && { body: content }),
    });
    await print(call, client, response);
  },
};

async function targetIn({ args, options }: Call): Promise<{ method: string; path: string }> {
  const isPathAlone = args.path === undefined;
  const path = (isPathAlone ? args.method : args.path) ?? '';
  const sends = ['field', 'jsonField', 'input'].some((name) => options[name] !== undefined);
  const method = isPathAlone ? (sends ? 'POST' : 'GET') : (args.method ?? '').toUpperCase();
  if (!methods.includes(method))
    throw misuse(`${JSON.stringify(method)} is no method.`, `Use one of ${methods.join(', ')}.`);
  if (!path.startsWith('/') || path.startsWith('//')) {
    throw misuse(`${JSON.stringify(path)} is no path.`, 'It begins with a slash, as /v1/tokens');
  }
  return { method, path };
}

async function fieldsIn({ options, terminal }: Call): Promise<Map<string, unknown>> {
  const fields = new Map<string, unknown>();
  for (const one of (options.field ?? []) as string[]) fields.set(...pairIn(one, '--field'));
  for (const one of (options.jsonField ?? []) as string[]) {
    const [key, given] = pairIn(one, '--json-field');
    fields.set(key, given.startsWith('@') ? await textAt(terminal, given.slice(1)) : jsonIn(given, key));
  }
  return fields;
}

function pairIn(given: string, flag: string): [string, string] {
  const at = given.indexOf('=');
  if (at > 0) return [given.slice(0, at), given.slice(at + 1)];
  // What stands there may be a secret that somebody forgot the name of.
  throw misuse(`A ${flag} is a name and a value, as name=value.`);
}

function jsonIn(given: string, key: string): unknown {
  try {
    return JSON.parse(given);
  } catch {
    throw misuse(`The value of ${JSON.stringify(key)} is no JSON.`, `As text it is -f ${key}=…`);
  }
}

async function textAt({ folder, input }: Call['terminal'], file: string): Promise<string> {
  const read = file === '-' ? await textOf(input, mostBytes, 'a request') : readFileSync(resolve(folder, file), 'utf8');
  return read.replace(/\r?\n$/, '');
}

function queryIn(fields: ReadonlyMap<string, unknown>): Query {
  return Object.fromEntries(
    [...fields].map(([key, value]) => [key, typeof value === 'string' ? value : JSON.stringify(value)]),
  );
}

async function bodyIn(call: Call, fields: ReadonlyMap<string, unknown>): Promise<unknown> {
  const file = text(call, 'input');
  if (file === undefined) return fields.size === 0 ? undefined : Object.fromEntries(fields);
  if (fields.size > 0) throw misuse('--input is the whole body.', 'Leave out the fields.');
  try {
    return JSON.parse(await textAt(call.terminal, file));
  } catch (error) {
    if (error instanceof SyntaxError) throw misuse('What is to be sent is no JSON.');
    throw error;
  }
}

function headersIn({ options }: Call): Record<string, string> {
  return Object.fromEntries(
    ((options.header ?? []) as string[]).map((one) => {
      const at = one.indexOf(':');
      if (at <= 0) throw misuse('A --header is a name and a value, as name:value.');
      return [one.slice(0, at), one.slice(at + 1).trim()];
    }),
  );
}

/** An answer that is no success is printed too, for programs, and told in words beside it; the command ends with 1. */
async function print({ terminal, options, json }: Call, client: Client, response: Response): Promise<void> {
  const { output } = terminal;
  const problem = response.ok ? null : problemError(client, response, await response.clone().text());
  if (options.include === true) {
    output.write(`HTTP ${response.status}\n`);
    for (const [name, value] of response.headers) output.write(`${name}: ${value}\n`);
    output.write('\n');
  }
  if (response.body !== null) await printBody(terminal, json, response);
  if (problem !== null) throw new CommandError(problem.message, problem.hint, 1, undefined, problem.problem);
}

async function printBody({ output }: Call['terminal'], json: boolean, response: Response): Promise<void> {
  const isJson = response.headers.get('content-type')?.includes('json') === true;
  if (output.isTTY === true && !json) {
    const text = await response.text();
    const shown = isJson && text !== '' ? jsonOf(JSON.parse(text), 2) : harmless(text);
    if (shown !== '') output.write(shown.replace(/\n?$/, '\n'));
    return;
  }
  let last = '\n';
  for await (const chunk of Readable.fromWeb(response.body ?? new ReadableStream())) {
    output.write(chunk);
    last = String.fromCharCode(chunk[chunk.length - 1] ?? 10);
  }
  if (isJson && last !== '\n') output.write('\n');
}

/** Text for a screen: its lines stay, and nothing moves the cursor. */
function harmless(text: string): string {
  return stripVTControlCharacters(text).replace(/[^\P{Cc}\n\t]/gu, '');
}

/** One list of all pages, written as they come. The journal is gone on with by `before`, everything else by `cursor`. */
async function paginate({ terminal }: Call, client: Client, path: string, query: Query): Promise<void> {
  const isJournal = path.split('?')[0] === '/v1/journal';
  const most = { ...(/[?&]limit=/.test(path) ? {} : { limit: '200' }), ...query };
  let before = '{"items":[';
  for (let next: string | null | undefined; next !== null; ) {
    const on = next === undefined ? {} : { [isJournal ? 'before' : 'cursor']: next };
    const response = await client.send('GET', targetOf(path, { ...most, ...on }));
    const body = await response.text();
    if (!response.ok) throw problemError(client, response, body);
    const page = JSON.parse(body) as Partial<Page<unknown>>;
    if (!Array.isArray(page.items)) throw misuse('That is no list.', 'Leave out --paginate.');
    if (!hasReader(terminal)) return;
    for (const item of page.items) {
      terminal.output.write(before + JSON.stringify(item));
      before = ',';
    }
    next = page.next ?? null;
  }
  terminal.output.write(`${before === ',' ? '' : before}],"next":null}\n`);
}
