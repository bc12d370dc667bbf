// `keyward calls`: single calls as the nodes remember them, and with --follow every one that comes.

import { setTimeout as sleep } from 'node:timers/promises';
import type { CallList, RecentCall } from '@keyward/sdk/wire';
import { ask, type Client, type Query } from '../client/client.ts';
import { find } from '../grammar/named.ts';
import { type Call, text, type Verb } from '../grammar/noun.ts';
import { asSince } from '../grammar/readings.ts';
import { type Column, note } from '../grammar/show.ts';
import { misuse } from '../terminal/command-error.ts';
import { table } from '../terminal/table.ts';
import { hasReader, jsonOf } from '../terminal/terminal.ts';
import { findOwner } from './owner.ts';
import { tokenKind } from './tokens.ts';

const path = '/v1/calls';
const everyMs = 1000;

const columns: readonly Column<RecentCall>[] = [
  { title: 'AT', of: ({ at }) => at },
  {
    title: 'VERDICT',
    of: ({ verdict }) => verdict,
    style: ({ verdict }) => (verdict === 'allowed' ? 'green' : 'red'),
  },
  { title: 'CREDENTIAL', of: ({ credential, start }) => credential?.name ?? credential?.id ?? start ?? 'unknown' },
  { title: 'ROUTE', of: ({ method, route }) => [method, route].filter(Boolean).join(' ') },
  { title: 'PERMISSIONS', of: ({ permissions }) => permissions },
  { title: 'FROM', of: ({ address }) => address },
  { title: 'REFUSAL', of: ({ refusal }) => refusal },
];

export const calls: Verb = {
  name: 'calls',
  summary: 'recent calls, one by one, and with --follow every one that comes',
  examples: ['keyward calls --refused', 'keyward calls --credential ci --since 1h', 'keyward calls --json'],
  options: [
    { flag: '-f, --follow', help: 'go on until Ctrl-C' },
    { flag: '--refused', help: 'only refused ones' },
    { flag: '--verdict <verdict>', help: 'only allowed ones, or those refused for this reason' },
    {
      flag: '--credential <which>',
      help: "only an API token's, by its id or name, or those of user:ann@example.com or api-user:batch",
    },
    { flag: '--since <when>', help: 'from then on: 1h ago, or 2030-01-31' },
    { flag: '--limit <number>', help: 'so many at most; 100 unless said otherwise, 1000 at most' },
  ],
  acts: true,
  routes: [`GET ${path}`],
  async run(call) {
    const client = await call.client();
    const query = await queryIn(call, client);
    const answer = await ask<CallList>(client, 'GET', path, { query });
    if (call.options.follow === true) return follow(call, client, query, answer);
    if (call.json) call.terminal.output.write(`${jsonOf(answer)}\n`);
    else if (answer.items.length > 0) call.terminal.output.write(table(call.terminal, columns, answer.items));
    else note(call, 'No such call is remembered.');
    tellSilent(call, answer);
  },
};

async function queryIn(call: Call, client: Client): Promise<Query> {
  const [verdict, which, since] = [text(call, 'verdict'), text(call, 'credential'), text(call, 'since')];
  const isRefused = call.options.refused === true;
  if (isRefused && verdict !== undefined) throw misuse('--refused and --verdict say the same.', 'Use one of them.');
  return {
    verdict: isRefused ? 'refused' : verdict,
    credential: which === undefined ? undefined : await credentialIn(client, which),
    since: since === undefined ? undefined : String(asSince(since, '--since', call.terminal)),
    limit: text(call, 'limit'),
  };
}

async function credentialIn(client: Client, which: string): Promise<string> {
  if (/^(?:user|api[-_]user):/.test(which)) {
    const { type, id } = await findOwner(client, which);
    return `${type}:${id}`;
  }
  return `api_token:${(await find(client, tokenKind, which)).id}`;
}

/** In the order of time. What came in the same millisecond is told once. With `--json` a line each. */
async function follow(call: Call, client: Client, query: Query, first: CallList): Promise<void> {
  let [answer, last, told] = [first, '', new Set<string>()];
  for (let isFirst = true; ; isFirst = false) {
    const fresh = answer.items.toReversed().filter((one) => !told.has(JSON.stringify(one)));
    show(call, fresh, isFirst);
    const newest = fresh.at(-1)?.at ?? last;
    // A node that answered late may still tell of what is a little older.
    const since = newest === '' ? query.since : new Date(Date.parse(newest) - overlapMs).toISOString();
    told = new Set([...told, ...fresh.map((one) => JSON.stringify(one))].slice(-mostTold));
    last = newest;
    await sleep(everyMs, undefined, { signal: call.signal }).catch(() => undefined);
    if (call.signal.aborted || !hasReader(call.terminal)) return;
    answer = await ask<CallList>(client, 'GET', path, { query: { ...query, since, limit: query.limit ?? '1000' } });
  }
}

const overlapMs = 5000;
const mostTold = 5000;

function show({ terminal, json }: Call, items: readonly RecentCall[], titled: boolean): void {
  if (json) for (const one of items) terminal.output.write(`${jsonOf(one)}\n`);
  else if (items.length > 0 || titled) terminal.output.write(table(terminal, columns, items, titled));
}

function tellSilent(call: Call, { nodes }: CallList): void {
  const silent = nodes.filter(({ answered }) => !answered).map(({ node }) => node);
  if (silent.length > 0) note(call, `What ${silent.join(', ')} remembers is missing: no answer came in time.`);
}
