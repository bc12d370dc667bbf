// `keyward orgs`: organizations: one's own, and for the operator the customers.

import type { Organization } from '@keyward/sdk/wire';
import type { Kind } from '../grammar/named.ts';
import type { Noun } from '../grammar/noun.ts';
import { asList, asMilliseconds, asNumber, asText, orNone } from '../grammar/readings.ts';
import type { Column } from '../grammar/show.ts';
import {
  actVerb,
  changeVerb,
  type Field,
  listVerb,
  makeVerb,
  pathTo,
  showVerb,
  sorting,
  thing,
} from '../grammar/verbs.ts';
import { asLeakPolicy } from './leak-policy.ts';
import { byExternalId, external, observe, receipt } from './parts.ts';

export const organizationKind: Kind = {
  word: 'organization',
  path: '/v1/organizations',
  names: ({ name }) => [name],
  hasExternalId: true,
};

const activeStyle = ({ active }: Organization) => (active ? ('green' as const) : ('yellow' as const));
const columns: readonly Column<Organization>[] = [
  { title: 'NAME', of: ({ name }) => name },
  { title: 'PLAN', of: ({ planId }) => planId },
  { title: 'CONTRIBUTORS', of: ({ contributors }) => contributors },
  { title: 'ACTIVE', of: ({ active }) => active, style: activeStyle },
  { title: 'EXTERNAL ID', of: ({ externalId }) => externalId },
  { title: 'ID', of: ({ id }) => id, style: () => 'dim' },
];
const fields: readonly Column<Organization>[] = [
  { title: 'Name', of: ({ name }) => name },
  { title: 'Id', of: ({ id }) => id },
  { title: 'Operates this server', of: ({ isOperator }) => (isOperator ? 'yes' : null) },
  { title: 'Active', of: ({ active }) => active, style: activeStyle },
  { title: 'Plan', of: ({ planId }) => planId ?? 'none: no limit' },
  { title: 'Contributors', of: ({ contributors }) => contributors },
  { title: 'Entitlement', of: ({ entitlement }) => entitlement ?? "its plan's" },
  {
    title: 'Observed',
    of: ({ observed }) =>
      observed && `entitlement ${observed.entitlement.join(', ') || 'nothing'}; counts from ${observed.until} on`,
  },
  { title: 'Tokens live at most', of: ({ longestTokenLifetimeMs: ms }) => ms && `${ms / 86_400_000} days` },
  { title: 'Leaked tokens', of: ({ leakPolicy }) => leakPolicy.action },
  { title: 'External id', of: ({ externalId }) => externalId },
  { title: 'Metadata', of: ({ metadata }) => metadata },
  { title: 'Created', of: ({ createdAt }) => createdAt },
  { title: 'Deactivated', of: ({ deactivatedAt }) => deactivatedAt },
];

const name: Field = { flag: '--name <name>', help: 'lower-case letters, digits, - and _', to: 'name' };
const more: readonly Field[] = [
  { flag: '--plan <id>', help: 'what limits its calls; none for no limit', to: 'planId', as: orNone(asText) },
  { flag: '--contributors <number>', help: 'what its plan is multiplied by', to: 'contributors', as: asNumber },
  {
    flag: '--entitlement <list>',
    help: "what it may hold at most, as read:*; none for its plan's",
    to: 'entitlement',
    as: orNone(asList),
  },
  {
    flag: '--longest-token-lifetime <time>',
    help: 'how long its API tokens live at most, as 90d; none for any time',
    to: 'longestTokenLifetimeMs',
    as: orNone(asMilliseconds),
  },
  {
    flag: '--leak-policy <what>',
    help: 'what becomes of its leaked API tokens: notify, shorten:7d or deactivate',
    to: 'leakPolicy',
    as: asLeakPolicy,
  },
  ...external,
];

export const orgs: Noun = {
  name: 'orgs',
  summary: 'organizations: your own and, for the operator, the customers',
  aliases: ['org', 'organizations'],
  verbs: [
    listVerb<Organization>({
      summary: 'list them, the newest first',
      examples: ['keyward orgs list', 'keyward orgs list --external-id crm-17 --json'],
      path: organizationKind.path,
      columns,
      none: 'There is no such organization.',
      fields: [byExternalId, sorting('createdAt', 'name')],
    }),
    showVerb<Organization>(organizationKind, fields, { examples: ['keyward orgs show acme'] }),
    makeVerb<Organization>({
      examples: ['keyward orgs create --name hooli --plan free --external-id crm-99'],
      path: organizationKind.path,
      fields: [{ ...name, isRequired: true }, ...more],
      shows: fields,
    }),
    changeVerb<Organization>(organizationKind, {
      examples: [
        'keyward orgs update acme --plan enterprise --contributors 20',
        'keyward orgs update acme --entitlement "read:*" --observe 14d',
      ],
      fields: [name, ...more, observe],
      shows: fields,
    }),
    makeVerb({
      name: 'add-owner',
      summary: 'make its first person, with a password that is shown this once',
      examples: ['keyward orgs add-owner acme --email dora@acme.example --name Dora --secret-to dora.password'],
      routes: ['POST /v1/organizations/{id}/owners'],
      arguments: [thing(organizationKind)],
      path: pathTo(organizationKind, '/owners'),
      fields: [
        { flag: '--email <address>', help: 'what they sign in with', to: 'email', isRequired: true },
        { flag: '--name <name>', help: 'what they are called', to: 'name', isRequired: true },
      ],
      shows: [
        { title: 'E-mail', of: ({ email }: Record<string, unknown>) => email },
        { title: 'Id', of: ({ id }) => id },
      ],
      secret: 'password',
    }),
    actVerb(organizationKind, {
      act: '/deactivate',
      summary: 'refuse all that it has, until it is activated again',
      done: 'is deactivated',
      loses: 'every call of it will be refused.',
      examples: ['keyward orgs deactivate acme --yes', 'keyward orgs deactivate acme --dry-run'],
      fields: [receipt],
    }),
    actVerb(organizationKind, {
      act: '/activate',
      summary: 'take its calls again',
      done: 'is active',
      examples: ['keyward orgs activate acme'],
    }),
    actVerb(organizationKind, {
      act: '/reset-budget',
      summary: 'let what it has spent count no more',
      done: 'has its whole budget again',
      examples: ['keyward orgs reset-budget acme'],
    }),
    actVerb(organizationKind, {
      method: 'DELETE',
      act: '',
      done: 'is deleted',
      loses: 'all that it has is refused for good, and it cannot be brought back.',
      examples: ['keyward orgs delete acme --dry-run'],
      fields: [receipt],
    }),
  ],
};
