// `keyward usage` and `keyward budget`: how many calls there were, and how many are left.

import type { BudgetState, UsageList, UsageRow } from '@keyward/sdk/wire';
import { ask } from '../client/client.ts';
import { find } from '../grammar/named.ts';
import type { Verb } from '../grammar/noun.ts';
import { asSince, limitText } from '../grammar/readings.ts';
import { type Column, note, showRecord } from '../grammar/show.ts';
import { type Field, queryOf } from '../grammar/verbs.ts';
import { table } from '../terminal/table.ts';
import { findOwner } from './owner.ts';
import { tokenKind } from './tokens.ts';

const columns: readonly Column<UsageRow>[] = [
  { title: 'AT', of: ({ at }) => at },
  {
    title: 'VERDICT',
    of: ({ verdict }) => verdict,
    style: ({ verdict }) => (verdict === 'allowed' ? 'green' : 'yellow'),
  },
  { title: 'CREDENTIAL', of: ({ source }) => source && (source.name ?? `${source.type} ${source.id}`) },
  { title: 'PATH', of: ({ rule }) => rule },
  { title: 'ORGANIZATION', of: ({ organization }) => organization && (organization.name ?? organization.id) },
  { title: 'CALLS', of: ({ calls }) => calls },
];

const parameters: readonly Field[] = [
  {
    flag: '--from <when>',
    help: 'from then on, as 7d or 2030-01-31; the last day by hours otherwise',
    to: 'from',
    as: asSince,
  },
  { flag: '--until <when>', help: 'before then', to: 'until', as: asSince },
  {
    flag: '--group <what>',
    help: 'by hours or days of UTC, or all together',
    to: 'group',
    choices: ['hour', 'day', 'total'],
  },
  {
    flag: '--by <what>',
    help: 'told apart by what; verdict unless said otherwise',
    to: 'by',
    choices: ['verdict', 'source', 'rule', 'organization'],
  },
  { flag: '--verdict <verdict>', help: 'only these', to: 'verdict', choices: ['allowed', 'rate_limited'] },
  {
    flag: '--token <which>',
    help: 'only calls with this API token',
    to: 'source',
    find: async (client, value) => `api_token:${(await find(client, tokenKind, String(value))).id}`,
  },
  {
    flag: '--of <whom>',
    help: 'only those of a person or an API user themselves, as api-user:batch',
    to: 'source',
    find: async (client, value) => {
      const { type, id } = await findOwner(client, value);
      return `${type}:${id}`;
    },
  },
];

export const usage: Verb = {
  name: 'usage',
  summary: 'how many calls there were, by time and by what you ask',
  examples: ['keyward usage', 'keyward usage --from 30d --group total --by source', 'keyward usage --token ci --json'],
  options: parameters,
  acts: true,
  routes: ['GET /v1/usage'],
  async run(call) {
    const query = await queryOf(call, parameters);
    const answer = await ask<UsageList>(await call.client(), 'GET', '/v1/usage', { query });
    const { output } = call.terminal;
    if (call.json) output.write(`${JSON.stringify(answer)}\n`);
    else if (answer.items.length === 0) note(call, 'There were no calls in that time.');
    else
      output.write(
        table(
          call.terminal,
          columns.filter(({ of }) => answer.items.some((row) => of(row) != null)),
          answer.items,
        ),
      );
  },
};

type Limit = BudgetState['limits'][number];
const limitColumns: readonly Column<Limit>[] = [
  { title: 'PLAN', of: ({ plan }) => plan },
  { title: 'LIMIT', of: limitText },
  { title: 'LEFT', of: ({ remaining }) => remaining, style: ({ remaining }) => (remaining === 0 ? 'red' : 'green') },
  { title: 'WHOLE IN', of: ({ resetMs }) => `${Math.ceil(resetMs / 1000)} s` },
];

export const budget: Verb = {
  name: 'budget',
  summary: 'what is left of your plan; looking spends nothing',
  examples: ['keyward budget'],
  acts: true,
  routes: ['GET /v1/budget'],
  async run(call) {
    const state = await ask<BudgetState>(await call.client(), 'GET', '/v1/budget');
    if (call.json || state.limits.length === 0) {
      showRecord(call, [{ title: 'Plan', of: () => 'none: nothing is limited' }], state);
    } else call.terminal.output.write(table(call.terminal, limitColumns, state.limits));
  },
};
