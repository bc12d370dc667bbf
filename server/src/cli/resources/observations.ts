// `keyward observations`: what is only observed so far, until when, and who would have been refused; and an end to one before its
// time, by taking it back or by letting it count.

import type { ObservationItem, ObservationList } from '@keyward/sdk/wire';
import { ask, type Query } from '../client/client.ts';
import { nearest } from '../grammar/named.ts';
import type { Call, Verb } from '../grammar/noun.ts';
import { limitText } from '../grammar/readings.ts';
import { type Column, note, showDone, showRecord } from '../grammar/show.ts';
import { agreed, isRehearsal } from '../grammar/verbs.ts';
import { CommandError, misuse } from '../terminal/command-error.ts';
import { table } from '../terminal/table.ts';
import { plain } from '../terminal/terminal.ts';
import { reachText } from './reach.ts';

const path = '/v1/observations';
const words = { api_token: 'API token', organization: 'organization', plan: 'plan', route: 'route' } as const;
const stateStyles = { observed: 'green', counting: 'yellow', cancelled: 'dim' } as const;

const state: Pick<Column<ObservationItem>, 'of' | 'style'> = {
  of: (item) => item.state,
  style: (item) => stateStyles[item.state],
};
const columns: readonly Column<ObservationItem>[] = [
  { title: 'OF', of: nameOf },
  { title: 'STATE', ...state },
  { title: 'COUNTS FROM', of: ({ until }) => until },
  { title: 'WOULD REFUSE', of: ({ calls }) => calls, style: ({ calls }) => (calls > 0 ? 'red' : undefined) },
  { title: 'THEN', of: changeText },
  { title: 'ID', of: ({ subject }) => subject.id, style: () => 'dim' },
];

const fields: readonly Column<ObservationItem>[] = [
  { title: 'Of', of: nameOf },
  { title: 'Id', of: ({ subject }) => subject.id },
  { title: 'Organization', of: ({ organization }) => organization?.name ?? organization?.id },
  { title: 'State', ...state },
  { title: 'Since', of: ({ since }) => since },
  { title: 'Counts from', of: ({ until }) => until },
  { title: 'Then', of: changeText },
  { title: 'Would refuse', of: ({ calls }) => `${calls} calls so far` },
];

type Refusal = ObservationItem['refusals'][number];
const refusalColumns: readonly Column<Refusal>[] = [
  { title: 'CREDENTIAL', of: ({ credential }) => credential.name ?? `${credential.type} ${credential.id}` },
  { title: 'ORGANIZATION', of: ({ organization }) => organization.name ?? organization.id },
  { title: 'REASON', of: ({ reason }) => reason },
  { title: 'CALLS', of: ({ calls }) => calls },
  { title: 'LAST', of: ({ lastAt }) => lastAt },
  { title: 'ROUTE', of: ({ rule }) => rule },
  { title: 'FROM', of: ({ address }) => address },
  { title: 'EXPLAINED BY', of: ({ call }) => call },
];

export const observations: Verb = {
  name: 'observations',
  summary: 'what is only observed so far, until when, and who would have been refused',
  examples: [
    'keyward observations',
    'keyward observations --json',
    'keyward observations nightly',
    'keyward observations nightly --cancel',
    'keyward observations nightly --enforce --yes',
  ],
  arguments: [
    {
      name: 'which',
      help: 'of what: the name or id of an API token, an organization or a plan, or the path of a route',
      isOptional: true,
    },
  ],
  options: [
    { flag: '--cancel', help: 'take it back: what there was stays' },
    { flag: '--enforce', help: 'let it count now, before its time' },
  ],
  acts: true,
  changes: true,
  destroys: true,
  routes: [`GET ${path}`],
  async run(call) {
    const { which } = call.args;
    const [isCancelled, isEnforced] = [call.options.cancel === true, call.options.enforce === true];
    if (isCancelled && isEnforced) throw misuse('--cancel and --enforce are opposites.', 'Say one of them.');
    if (which === undefined && (isCancelled || isEnforced)) throw misuse('It is not said which is to end.');
    const answer = await ask<ObservationList>(await call.client(), 'GET', path);
    if (which === undefined) return list(call, answer);
    const found = named(answer.items, which);
    if (isCancelled || isEnforced) return end(call, found, isEnforced);
    for (const one of found) show(call, one);
  },
};

function list(call: Call, answer: ObservationList): void {
  const { output } = call.terminal;
  if (call.json) output.write(`${JSON.stringify(answer)}\n`);
  else if (answer.items.length === 0) note(call, 'Nothing is observed.');
  else output.write(table(call.terminal, columns, answer.items));
}

function show(call: Call, item: ObservationItem): void {
  showRecord(call, fields, item);
  if (call.json || item.refusals.length === 0) return;
  call.terminal.output.write(`\n${table(call.terminal, refusalColumns, item.refusals)}`);
}

/** Those of one thing: what is observed of it now, or else what was last. Throws CommandError where there is none, or several. */
function named(items: readonly ObservationItem[], which: string): ObservationItem[] {
  const all = items.filter(({ subject }) => subject.id === which || subject.name === which);
  const now = all.filter((one) => one.state === 'observed');
  const found = now.length > 0 ? now : all.slice(-1);
  const subjects = new Map(found.map((one) => [`${one.subject.type} ${one.subject.id}`, one]));
  if (subjects.size === 1) return found;
  if (subjects.size === 0) {
    const near = nearest(
      which,
      items.flatMap(({ subject }) => subject.name ?? subject.id),
    );
    const hint = near === null ? 'keyward observations lists what is observed.' : `Did you mean ${near}?`;
    throw new CommandError(`Nothing is observed of ${JSON.stringify(plain(which))}.`, hint);
  }
  const ids = [...subjects.values()].map((one) => `  ${one.subject.id}  ${nameOf(one)}`).join('\n');
  throw misuse(`${subjects.size} are called ${JSON.stringify(plain(which))}.`, `Name one by its id:\n${ids}`);
}

const paths = { api_token: '/v1/tokens', organization: '/v1/organizations', plan: '/v1/plans' } as const;

async function end(call: Call, found: readonly ObservationItem[], isEnforced: boolean): Promise<void> {
  const [first] = found;
  if (first === undefined) return;
  const { subject, organization } = first;
  if (subject.type === 'route') {
    const hint = 'Take observe out to let it count, or change its permissions; then start the server again.';
    throw new CommandError('What is observed of a route stands in keyward.yaml.', hint);
  }
  if (first.state !== 'observed') throw new CommandError(`${nameOf(first)}: it is not observed any more.`);
  const body = isEnforced ? Object.assign({}, ...found.map(({ change }) => change)) : { observe: null };
  const target = `${paths[subject.type]}/${encodeURIComponent(subject.id)}`;
  const query: Query = organization == null ? {} : { organization: organization.id };
  if (isRehearsal(call, 'PATCH', target, body, query)) return;
  const so = found.reduce((sum, { calls }) => sum + calls, 0);
  await agreed(
    call,
    `${nameOf(first)}: it counts from now on; ${so} calls would have been refused so far.`,
    isEnforced,
  );
  const answer = await ask(await call.client(), 'PATCH', target, { body, query });
  showDone(call, `${nameOf(first)}: ${isEnforced ? 'it counts' : 'it is taken back'}.`, answer);
}

function nameOf({ subject: { type, id, name } }: ObservationItem): string {
  return `${words[type]} ${plain(name ?? id)}`;
}

function changeText({ change }: ObservationItem): string | null {
  if (change === null) return null;
  const { entitlement, limits, ...reach } = change;
  return [
    ...(reachText(reach) === '' ? [] : [reachText(reach)]),
    ...(entitlement === undefined ? [] : [`entitlement ${entitlement.join(', ') || 'nothing'}`]),
    ...(limits === undefined
      ? []
      : [`limits ${limits.map((one) => `${limitText(one)} per ${one.per}`).join(', ') || 'none'}`]),
  ].join('; ');
}
