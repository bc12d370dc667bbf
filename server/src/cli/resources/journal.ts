// `keyward journal`: the record of everything that changed: followed, searched, exported. That its chain is whole is checked by
// `journal verify`, which reads the database itself.

import { createWriteStream } from 'node:fs';
import { resolve } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import type { ChainStatus, JournalEntry } from '@keyward/sdk/wire';
import { ask, type Client, pages, type Query } from '../client/client.ts';
import { problemError } from '../client/problem.ts';
import { type Call, type Noun, text } from '../grammar/noun.ts';
import { asSince } from '../grammar/readings.ts';
import { type Column, note, showPages, showRecord } from '../grammar/show.ts';
import { type Field, queryOf } from '../grammar/verbs.ts';
import { CommandError, misuse } from '../terminal/command-error.ts';
import { table } from '../terminal/table.ts';
import { hasReader } from '../terminal/terminal.ts';

const path = '/v1/journal';
const everyMs = 1000;

const columns: readonly Column<JournalEntry>[] = [
  { title: 'SEQ', of: ({ seq }) => seq },
  { title: 'AT', of: ({ at }) => at },
  { title: 'WHO', of: ({ actor }) => actor.name ?? (actor.type === 'system' ? 'system' : `${actor.type} ${actor.id}`) },
  {
    title: 'ACTION',
    of: ({ action }) => action,
    style: ({ action }) => (/delet|deactiv|revok/.test(action) ? 'yellow' : 'cyan'),
  },
  { title: 'WHAT', of: ({ subject }) => subject.name ?? `${subject.type} ${subject.id}` },
  { title: 'DETAIL', of: ({ detail }) => (Object.keys(detail).length === 0 ? '' : detail) },
];

const filters: readonly Field[] = [
  { flag: '--action <action>', help: 'only this, or what begins so, as api_token.', to: 'action' },
  { flag: '--actor <id>', help: 'only what this user, API user or API token did, by its id', to: 'actor' },
  { flag: '--subject <what>', help: 'only what was done to this, as api_token:<id>', to: 'subject' },
  { flag: '--from <when>', help: 'from then on: 7d ago, or 2030-01-31', to: 'from', as: asSince },
  { flag: '--until <when>', help: 'before then', to: 'until', as: asSince },
  { flag: '--search <text>', help: 'anywhere in the action, the ids or the detail', to: 'search' },
];

export const journal: Noun = {
  name: 'journal',
  summary: 'the record of everything that changed',
  verbs: [
    {
      name: 'tail',
      summary: 'the last entries, and with --follow every one that comes',
      examples: ['keyward journal tail', 'keyward journal tail -n 50 --action api_token.'],
      acts: true,
      options: [
        { flag: '-n, --lines <number>', help: 'so many; 10 unless said otherwise' },
        { flag: '-f, --follow', help: 'go on until Ctrl-C' },
        ...filters,
      ],
      routes: [`GET ${path}`],
      run: tail,
    },
    {
      name: 'search',
      summary: 'what happened, the newest first',
      examples: [
        'keyward journal search --action api_token.created --from 30d',
        'keyward journal search --search invoice --all --json',
      ],
      acts: true,
      options: [
        ...filters,
        { flag: '--limit <number>', help: 'so many at once, 200 at most' },
        { flag: '--before <seq>', help: 'go on where the page before ended' },
        { flag: '--all', help: 'every page' },
      ],
      routes: [`GET ${path}`],
      async run(call) {
        const all = call.options.all === true;
        const { limit = all ? '200' : undefined, before } = call.options as Query;
        const found = pages<JournalEntry>(
          await call.client(),
          path,
          { ...(await queryOf(call, filters)), limit, before },
          'before',
        );
        await showPages(call, columns, found, { all, none: 'There is no such entry.', more: '--all lists them.' });
      },
    },
    {
      name: 'export',
      summary: 'all of it as a file, the newest first',
      examples: [
        'keyward journal export > journal.csv',
        'keyward journal export --format json --to journal.json --from 90d',
      ],
      acts: true,
      options: [
        { flag: '--format <format>', help: 'csv unless said otherwise', choices: ['csv', 'json'] },
        { flag: '--to <file>', help: 'where to; standard output unless said otherwise' },
        ...filters,
      ],
      routes: ['GET /v1/journal/export'],
      run: exportJournal,
    },
    {
      name: 'chain',
      summary: 'how far the running server has checked the chain, and what came of it',
      examples: ['keyward journal chain'],
      routes: ['GET /v1/journal/chain'],
      async run(call) {
        const status = await ask<ChainStatus>(await call.client(), 'GET', '/v1/journal/chain');
        showRecord(call, chainFields, status);
        if (status.intact === false) call.outcome.code = 1;
      },
    },
  ],
};

const chainFields: readonly Column<ChainStatus>[] = [
  {
    title: 'Intact',
    of: ({ intact }) => intact ?? 'not known yet',
    style: ({ intact }) => (intact === false ? 'red' : 'green'),
  },
  { title: 'Checked to', of: ({ checkedTo, head }) => `${checkedTo} of ${head}` },
  { title: 'Checked at', of: ({ checkedAt }) => checkedAt },
  { title: 'Problem', of: ({ problem }) => problem },
];

async function tail(call: Call): Promise<void> {
  const lines = Number(text(call, 'lines') ?? '10');
  if (!Number.isInteger(lines) || lines < 0) throw misuse('--lines is a whole number.');
  const query = await queryOf(call, filters);
  const client = await call.client();
  const last = await newest(client, query, 0, Math.max(lines, 1));
  show(call, last.slice(last.length - lines), true);
  let seen = last.at(-1)?.seq ?? 0;
  while (call.options.follow === true && !call.signal.aborted) {
    await sleep(everyMs, undefined, { signal: call.signal }).catch(() => undefined);
    if (call.signal.aborted || !hasReader(call.terminal)) break;
    const more = await newest(client, query, seen);
    show(call, more, false);
    seen = more.at(-1)?.seq ?? seen;
  }
}

/** The entries after `seen`, in their order; the last `most` of them. */
async function newest(client: Client, query: Query, seen: number, most = Number.POSITIVE_INFINITY) {
  const found: JournalEntry[] = [];
  const limit = String(Math.min(most, 200));
  for await (const { items } of pages<JournalEntry>(client, path, { ...query, limit }, 'before')) {
    const fresh = items.filter(({ seq }) => seq > seen);
    found.push(...fresh);
    if (fresh.length < items.length || found.length >= most) break;
  }
  return found.slice(0, most).reverse();
}

/** With `--json` a line each, as they come. */
function show({ terminal, json }: Call, entries: readonly JournalEntry[], titled: boolean): void {
  if (json) for (const entry of entries) terminal.output.write(`${JSON.stringify(entry)}\n`);
  else if (entries.length > 0) terminal.output.write(table(terminal, columns, entries, titled));
}

async function exportJournal(call: Call): Promise<void> {
  const { terminal, signal } = call;
  const client = await call.client();
  const query = { ...(await queryOf(call, filters)), format: text(call, 'format') ?? (call.json ? 'json' : 'csv') };
  const response = await client.send('GET', '/v1/journal/export', { query });
  if (!response.ok || response.body === null) throw problemError(client, response, await response.text());
  const to = text(call, 'to');
  const source = Readable.fromWeb(response.body);
  if (to === undefined) {
    for await (const chunk of source) terminal.output.write(chunk);
    return;
  }
  const file = resolve(terminal.folder, to);
  try {
    await pipeline(source, createWriteStream(file, { flags: 'wx', mode: 0o600 }), { signal });
  } catch (error) {
    const isThere = error instanceof Error && 'code' in error && error.code === 'EEXIST';
    if (isThere)
      throw new CommandError(`${file} is there already.`, 'Name another file, or remove that one.', 2, error);
    throw error;
  }
  note(call, `The journal is in ${file}.`);
}
