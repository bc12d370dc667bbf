// `keyward plans`: what limits the calls of organizations, and what those that have one may hold at most.

import type { Plan } from '@keyward/sdk/wire';
import { items } from '../client/client.ts';
import { type Kind, nearest } from '../grammar/named.ts';
import type { Noun } from '../grammar/noun.ts';
import { asList, asPlanLimits, limitText } from '../grammar/readings.ts';
import { type Column, showRecord } from '../grammar/show.ts';
import { actVerb, argument, changeVerb, type Field, listVerb, makeVerb, pathTo, thing } from '../grammar/verbs.ts';
import { CommandError } from '../terminal/command-error.ts';
import { observe } from './parts.ts';

const kind: Kind = { word: 'plan', path: '/v1/plans', names: ({ id }) => [id], isKeyed: true };

const limitsOf = ({ limits }: Pick<Plan, 'limits'>) =>
  limits.map(
    ({ limit, windowMs, per, cap }) => `${limitText({ limit, windowMs })} per ${per}${cap ? ` up to ${cap}` : ''}`,
  );
const columns: readonly Column<Plan>[] = [
  { title: 'ID', of: ({ id }) => id },
  { title: 'NAME', of: ({ name }) => name },
  { title: 'LIMITS', of: limitsOf },
  { title: 'ENTITLEMENT', of: ({ entitlement }) => entitlement },
];
const fields: readonly Column<Plan>[] = [
  { title: 'Id', of: ({ id }) => id },
  { title: 'Name', of: ({ name }) => name },
  { title: 'Limits', of: (plan) => (plan.limits.length === 0 ? 'none' : limitsOf(plan)) },
  { title: 'While limits are away', of: ({ whenUnavailable }) => whenUnavailable },
  { title: 'Entitlement', of: ({ entitlement }) => entitlement },
  { title: 'Observed', of: ({ observed }) => observed && observedText(observed) },
];

function observedText({ limits, entitlement, until }: NonNullable<Plan['observed']>): string {
  return [
    ...(limits === undefined ? [] : [`limits ${limits.length === 0 ? 'none' : limitsOf({ limits }).join(', ')}`]),
    ...(entitlement === undefined ? [] : [`entitlement ${entitlement.join(', ') || 'nothing'}`]),
    `counts from ${until} on`,
  ].join('; ');
}

const name: Field = { flag: '--name <name>', help: 'what people call it', to: 'name' };
const limits: Field = {
  flag: '--limits <list>',
  help: 'all of them, as 500/1h or 10/1s:address; per organization, contributor, api_token or address',
  to: 'limits',
  as: asPlanLimits,
};
const more: readonly Field[] = [
  {
    flag: '--entitlement <list>',
    help: 'what its organizations may hold at most, as read:*',
    to: 'entitlement',
    as: asList,
  },
  {
    flag: '--when-unavailable <what>',
    help: 'what becomes of calls while limits cannot be counted',
    to: 'whenUnavailable',
    choices: ['local', 'deny', 'allow'],
  },
];

export const plans: Noun = {
  name: 'plans',
  summary: 'what limits the calls of organizations',
  aliases: ['plan'],
  verbs: [
    listVerb<Plan>({
      examples: ['keyward plans list'],
      path: kind.path,
      columns,
      none: 'There is no plan.',
      isWhole: true,
    }),
    {
      name: 'show',
      summary: 'show one plan',
      examples: ['keyward plans show free'],
      arguments: [thing(kind)],
      routes: ['GET /v1/plans'],
      async run(call) {
        const all: Plan[] = [];
        for await (const plan of items<Plan>(await call.client(), kind.path, { limit: undefined })) all.push(plan);
        const plan = all.find(({ id }) => id === argument(call));
        if (plan !== undefined) return showRecord(call, fields, plan);
        const ids = all.map(({ id }) => id);
        const near = nearest(argument(call), ids);
        const hint = near === null ? `There are ${ids.join(', ')}.` : `Did you mean ${near}?`;
        throw new CommandError(`There is no plan ${JSON.stringify(argument(call))}.`, hint);
      },
    },
    makeVerb<Plan>({
      examples: ['keyward plans create --id gold --name Gold --limits 10000/1h,50/1s:address'],
      path: kind.path,
      fields: [
        { flag: '--id <id>', help: 'lower-case letters, digits, - and _', to: 'id', isRequired: true },
        { ...name, isRequired: true },
        { ...limits, isRequired: true },
        ...more,
      ],
      shows: fields,
    }),
    changeVerb<Plan>(kind, {
      examples: [
        'keyward plans update silver --limits 2000/1h',
        'keyward plans update silver --limits 1000/1h --observe 14d',
      ],
      fields: [name, limits, ...more, observe],
      shows: fields,
    }),
    makeVerb<Plan>({
      name: 'put',
      summary: 'make it, or replace it whole',
      examples: [
        'keyward plans put silver --name Silver --limits 3000/1h --entitlement "*:*" --when-unavailable local',
      ],
      method: 'PUT',
      routes: ['PUT /v1/plans/{id}'],
      arguments: [thing(kind)],
      path: pathTo(kind, ''),
      fields: [name, limits, ...more].map((field) => ({ ...field, isRequired: true as const })),
      shows: fields,
    }),
    actVerb(kind, {
      method: 'DELETE',
      act: '',
      done: 'is deleted',
      loses: 'a route that names it answers 503.',
      examples: ['keyward plans delete silver --yes'],
    }),
  ],
};
