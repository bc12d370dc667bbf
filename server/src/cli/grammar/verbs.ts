// Verbs that most nouns have: list, show, create, change, and what is done to a thing by its id. A noun's table says what differs.

import { ask, type Client, pages, type Query } from '../client/client.ts';
import { misuse } from '../terminal/command-error.ts';
import { confirmed } from '../terminal/prompt.ts';
import { createSecretFile } from '../terminal/secret-file.ts';
import { withFlags } from './flag-hint.ts';
import { called, find, type Kind, type Thing } from './named.ts';
import { type Call, type Option, text, type Verb } from './noun.ts';
import type { Reading } from './readings.ts';
import { type Column, note, showDone, showPages, showRecord } from './show.ts';

/** A flag that becomes a member of the body or of the query. */
export interface Field extends Option {
  to: string;
  as?: Reading;
  /** What it stands for is found at the server first. */
  find?: (client: Client, value: unknown) => Promise<unknown>;
}

type About = Pick<Verb, 'examples'> & Partial<Pick<Verb, 'name' | 'summary' | 'routes' | 'acts'>>;

/** The name under which commander keeps a flag's value. */
export function optionName(flag: string): string {
  const [, long = ''] = /--([a-z-]+)/.exec(flag) ?? [];
  return long.replace(/-(.)/g, (_, letter: string) => letter.toUpperCase());
}

/** The members that were given. */
export async function membersOf(call: Call, fields: readonly Field[]): Promise<Record<string, unknown>> {
  const members: Record<string, unknown> = {};
  for (const field of fields) {
    const given = call.options[optionName(field.flag)];
    if (given === undefined) continue;
    const flag = field.flag.split(' ')[0] ?? '';
    const value = field.as === undefined ? given : field.as(String(given), flag, call.terminal);
    members[field.to] = field.find === undefined ? value : await field.find(await call.client(), value);
  }
  return members;
}

export async function queryOf(call: Call, fields: readonly Field[]): Promise<Query> {
  const members = await membersOf(call, fields);
  return Object.fromEntries(Object.entries(members).map(([name, value]) => [name, String(value)]));
}

const paging: readonly Field[] = [
  { flag: '--limit <number>', help: 'so many at once, 200 at most', to: 'limit' },
  { flag: '--cursor <next>', help: 'go on where the page before ended', to: 'cursor' },
];
const ordering: readonly Field[] = [
  { flag: '--search <text>', help: 'only those with this in their name or description', to: 'search' },
  { flag: '--order <order>', help: 'which way round', to: 'order', choices: ['asc', 'desc'] },
];
export const sorting = (...choices: readonly string[]): Field => ({
  flag: '--sort <by>',
  help: 'by what',
  to: 'sort',
  choices,
});
const all: Option = { flag: '--all', help: 'every page' };

export interface Listing<T> extends About {
  path: string;
  columns: readonly Column<T>[];
  /** Said where there is none. */
  none: string;
  fields?: readonly Field[];
  query?: Query;
  /** Lists that come whole take no paging. */
  isWhole?: true;
  /** It cannot be searched or turned round. */
  isUnordered?: true;
}

export function listVerb<T>({
  path,
  columns,
  none,
  fields = [],
  query = {},
  isWhole,
  isUnordered,
  ...about
}: Listing<T>): Verb {
  const taken = [...fields, ...(isWhole || isUnordered ? [] : ordering), ...(isWhole ? [] : paging)];
  return {
    name: 'list',
    summary: 'list them',
    routes: [`GET ${path}`],
    ...about,
    options: [...taken, ...(isWhole ? [] : [all])],
    async run(call) {
      const asked = { ...query, ...(await queryOf(call, taken)) };
      const isAll = isWhole === true || call.options.all === true;
      const most = isAll && asked.limit === undefined && !isWhole ? { limit: '200' } : {};
      const found = pages<T>(await call.client(), path, { ...asked, ...most });
      await showPages(call, columns, found, { all: isAll, none, more: '--all lists them.' });
    },
  };
}

/** The argument that names a thing. */
export const thing = ({ word, path, isKeyed }: Kind, name = word.split(' ').pop() ?? word) => ({
  name: name.toLowerCase(),
  help: isKeyed ? `the ${word}` : `the ${word}: its id, or its name`,
  of: path,
});

export function showVerb<T>(kind: Kind, fields: readonly Column<T>[], about: About): Verb {
  return {
    name: 'show',
    summary: `show one ${kind.word}`,
    arguments: [thing(kind)],
    routes: [`GET ${kind.path}/{${kind.parameter ?? 'id'}}`],
    ...about,
    async run(call) {
      const client = await call.client();
      const { id } = await find(client, kind, argument(call));
      showRecord(call, fields, await ask<T>(client, 'GET', `${kind.path}/${encodeURIComponent(id)}`));
    },
  };
}

export interface Making<T> extends About {
  method?: 'POST' | 'PUT' | 'PATCH';
  path: string | ((call: Call) => Promise<string>);
  arguments?: NonNullable<Verb['arguments']>;
  fields?: readonly Field[];
  options?: readonly Option[];
  body?: (call: Call) => Promise<Record<string, unknown>>;
  /** What is shown of the answer. */
  shows: readonly Column<T>[];
  /** Where in the answer the thing is, if it is not the whole. */
  in?: string;
  /** Where in the answer the secret is. */
  secret?: string;
  /** Said beside the answer. */
  note?: (answer: Record<string, unknown>) => string | null;
}

/** A request whose answer is shown: something new, or what became of something. */
export function makeVerb<T>({ method = 'POST', fields = [], options = [], shows, secret, ...making }: Making<T>): Verb {
  const { path, body, in: within, note: said, ...about } = making;
  return {
    name: 'create',
    summary: 'make one',
    routes: typeof path === 'string' ? [`${method} ${path}`] : [],
    ...about,
    options: [...fields, ...options],
    changes: true,
    ...(secret !== undefined && { makesSecret: true as const }),
    async run(call) {
      const content = { ...(await membersOf(call, fields)), ...(await body?.(call)) };
      const target = typeof path === 'string' ? path : await path(call);
      if (method === 'PATCH' && Object.keys(content).length === 0) {
        throw misuse('Nothing is to be changed.', 'Say what: --help lists the flags.');
      }
      const hasBody = Object.keys(content).length > 0 || method === 'PUT';
      if (isRehearsal(call, method, target, hasBody ? content : undefined)) return;
      const answer = await withSecret(call, secret, (client) =>
        ask<Record<string, unknown>>(client, method, target, hasBody ? { body: content } : {}),
      ).catch((error: unknown) => {
        throw withFlags(error, fields);
      });
      showRecord(call, shows, (within === undefined ? answer : answer[within]) as T, answer);
      showSecret(call, secret, answer);
      const text = said?.(answer) ?? null;
      if (text !== null) note(call, text);
    },
  };
}

export interface Changing<T> extends About {
  fields: readonly Field[];
  shows: readonly Column<T>[];
}

/** Changes what is known of a thing. */
export function changeVerb<T>(kind: Kind, changing: Changing<T>): Verb {
  return makeVerb<T>({
    name: 'update',
    summary: 'change what is known of it',
    routes: [`PATCH ${kind.path}/{${kind.parameter ?? 'id'}}`],
    ...changing,
    method: 'PATCH',
    arguments: [thing(kind)],
    path: pathTo(kind, ''),
  });
}

export interface Acting extends About {
  method?: 'POST' | 'DELETE';
  /** Behind the thing's own path, as `/deactivate`; empty for itself. */
  act: string;
  /** What is said when it is done, as `is deactivated`. */
  done: string;
  /** What goes with it, before it is asked whether it is meant; for those after which something is gone. */
  loses?: string;
  fields?: readonly Field[];
  body?: readonly Field[];
  /** What of the list it is looked for in. */
  among?: Query;
}

/** Something that is done to one thing and answers nothing, or a receipt. */
export function actVerb(kind: Kind, { method = 'POST', act, done, loses, among, ...about }: Acting): Verb {
  const { fields = [], body = [], ...rest } = about;
  return {
    name: method === 'DELETE' ? 'delete' : act.slice(1),
    summary: `${method === 'DELETE' ? 'delete' : act.slice(1)} it`,
    arguments: [thing(kind)],
    routes: [`${method} ${kind.path}/{${kind.parameter ?? 'id'}}${act}`],
    ...rest,
    options: [...fields, ...body],
    changes: true,
    ...(loses !== undefined && { destroys: true as const }),
    async run(call) {
      const query = await queryOf(call, fields);
      const content = await membersOf(call, body);
      const client = await call.client();
      const found = await find(client, kind, argument(call), among);
      const target = `${kind.path}/${encodeURIComponent(found.id)}${act}`;
      if (isRehearsal(call, method, target, Object.keys(content).length > 0 ? content : undefined, query)) return;
      await agreed(call, `${called(kind, found)}: ${loses ?? ''}`, loses !== undefined);
      const sent = Object.keys(content).length > 0 ? { body: content, query } : { query };
      const answer = await ask<unknown>(client, method, target, sent);
      showDone(call, `The ${called(kind, found)} ${done}.${receiptIn(answer)}`, answer);
    },
  };
}

/** Asks before something is gone. */
export async function agreed({ terminal, options }: Call, what: string, isNeeded = true): Promise<void> {
  if (isNeeded) await confirmed(terminal, options.yes === true, `${what} Go on?`);
}

/** True with `--dry-run`, after saying what would be asked. */
export function isRehearsal(call: Call, method: string, path: string, body?: unknown, query: Query = {}): boolean {
  if (call.options.dryRun !== true) return false;
  const { organization } = call.options;
  const asked = { method, path, query, ...(typeof organization === 'string' && { organization }), body };
  const where = Object.entries({ ...query, ...(typeof organization === 'string' && { organization }) });
  const target = where.length === 0 ? path : `${path}?${new URLSearchParams(where as [string, string][])}`;
  const content = body === undefined ? '' : ` with ${JSON.stringify(body)}`;
  call.terminal.output.write(call.json ? `${JSON.stringify(asked)}\n` : `Would ask ${method} ${target}${content}\n`);
  return true;
}

/** Makes something with a secret; with `--secret-to` the secret goes to that file, which is made before it is. */
export async function withSecret(
  call: Call,
  member: string | undefined,
  make: (client: Client) => Promise<Record<string, unknown>>,
): Promise<Record<string, unknown>> {
  const client = await call.client();
  const path = text(call, 'secretTo');
  if (member === undefined || path === undefined) return make(client);
  const file = createSecretFile(call.terminal, path);
  try {
    const { [member]: secret, ...answer } = await make(client);
    if (typeof secret === 'string') file.keep(secret);
    note(call, `The secret is in ${file.path}.`);
    return answer;
  } finally {
    file.discard();
  }
}

function showSecret(call: Call, member: string | undefined, answer: Record<string, unknown>): void {
  const secret = member === undefined ? undefined : answer[member];
  if (call.json || typeof secret !== 'string') return;
  call.terminal.output.write(`\n${secret}\n`);
  note(call, `This is the ${member}, shown this once. Keep it where secrets are kept.`);
}

/** What a receipt says, where one was asked for. */
function receiptIn(answer: unknown): string {
  const { effective, of, slowestMs } = (answer ?? {}) as { effective?: unknown; of?: unknown; slowestMs?: unknown };
  if (typeof effective !== 'number' || typeof of !== 'number') return '';
  const slowest = typeof slowestMs === 'number' ? `, the slowest after ${Math.round(slowestMs)} ms` : '';
  return ` Effective on ${effective} of ${of}${slowest}.`;
}

/** The path of the thing that the first argument names, and what is behind it. */
export const pathTo = (kind: Kind, act: string, among?: Query) => async (call: Call) =>
  `${kind.path}/${encodeURIComponent((await find(await call.client(), kind, argument(call), among)).id)}${act}`;

/** The first argument. */
export function argument({ args }: Pick<Call, 'args'>): string {
  return Object.values(args)[0] ?? '';
}

export type { Kind, Thing };
