// `keyward tokens`: API tokens, from the day they are made to the day they are deleted.

import type { Token } from '@keyward/sdk/wire';
import type { Kind } from '../grammar/named.ts';
import type { Noun } from '../grammar/noun.ts';
import { asEnd, asLimits, asList, asSeconds, limitText, orNone } from '../grammar/readings.ts';
import type { Column } from '../grammar/show.ts';
import { actVerb, type Field, listVerb, makeVerb, pathTo, showVerb, sorting, thing } from '../grammar/verbs.ts';
import { lookupVerb } from './lookup.ts';
import { findOwner } from './owner.ts';
import { byExternalId, deletedOnly, descendants, external, observe, receipt, stateOf, stateStyle } from './parts.ts';
import { reachText } from './reach.ts';
import { bulkVerb, revealVerb } from './token-bulk.ts';

export const tokenKind: Kind = {
  word: 'API token',
  path: '/v1/tokens',
  names: ({ name, start }) => [name, start],
  query: { whose: 'all' },
  hasExternalId: true,
};

const columns: readonly Column<Token>[] = [
  { title: 'NAME', of: ({ name }) => name },
  { title: 'STATE', of: ({ state }) => state, style: stateStyle },
  { title: 'OWNER', of: ({ owner }) => owner.name },
  { title: 'PERMISSIONS', of: ({ permissions }) => permissions },
  { title: 'EXPIRES', of: ({ expiresAt }) => expiresAt ?? 'never' },
  { title: 'LAST USED', of: ({ lastUsed }) => lastUsed?.at },
  { title: 'START', of: ({ start }) => start },
  { title: 'ID', of: ({ id }) => id, style: () => 'dim' },
];

const fields: readonly Column<Token>[] = [
  { title: 'Name', of: ({ name }) => name },
  { title: 'Id', of: ({ id }) => id },
  { title: 'Organization', of: ({ organization }) => organization?.name },
  {
    title: 'State',
    of: stateOf,
    style: stateStyle,
  },
  { title: 'Description', of: ({ description }) => description },
  { title: 'Owner', of: ({ owner }) => `${owner.name} (${owner.type} ${owner.id})` },
  { title: 'Permissions', of: ({ permissions }) => permissions },
  { title: 'Use', of: ({ use }) => use },
  { title: 'Begins with', of: ({ start }) => start },
  { title: 'Ends with', of: ({ lastFour }) => lastFour },
  { title: 'Addresses', of: ({ addresses }) => addresses },
  { title: 'APIs', of: ({ apis }) => apis },
  { title: 'Observed', of: ({ observed }) => observed && `${reachText(observed)}; counts from ${observed.until} on` },
  { title: 'Limits', of: ({ limits }) => limits.map(limitText) },
  { title: 'Readable', of: ({ readable }) => (readable ? 'by its owner' : null) },
  { title: 'Expires', of: ({ expiresAt }) => expiresAt ?? 'never' },
  {
    title: 'Last used',
    of: ({ lastUsed }) => lastUsed && [lastUsed.at, lastUsed.address].filter(Boolean).join(' from '),
  },
  { title: 'Last refused', of: ({ lastRefused }) => lastRefused && `${lastRefused.hour}: ${lastRefused.verdict}` },
  { title: 'Old secret until', of: ({ rotation }) => rotation?.previousUntil },
  { title: 'External id', of: ({ externalId }) => externalId },
  { title: 'Metadata', of: ({ metadata }) => metadata },
  { title: 'Created', of: ({ createdAt }) => createdAt },
  { title: 'Deactivated', of: ({ deactivatedAt }) => deactivatedAt },
  { title: 'Deleted', of: ({ deletedAt }) => deletedAt },
];

const addresses: Field = {
  flag: '--addresses <list>',
  help: 'where it may be used from, as 192.0.2.0/24,2001:db8::/32',
  to: 'addresses',
  as: asList,
};
const permissions: Field = {
  flag: '--permissions <list>',
  help: 'what it may do, as read:invoice,write:invoice',
  to: 'permissions',
  as: asList,
};
const expires: Field = {
  flag: '--expires <when>',
  help: 'its end: 90d, 2030-01-31, never',
  to: 'expiresAt',
  as: asEnd,
};
const apis: Field = {
  flag: '--apis <list>',
  help: 'the only APIs that it is for; none for all',
  to: 'apis',
  as: orNone(asList),
};
const limits: Field = {
  flag: '--limits <list>',
  help: 'its own limits beside the plan, as 100/1m,5000/1d',
  to: 'limits',
  as: asLimits,
};
const use: Field = {
  flag: '--use <use>',
  help: 'on calls, only for an access token, or both',
  to: 'use',
  choices: ['direct', 'exchange', 'both'],
};
const description: Field = { flag: '--description <text>', help: 'what it is for', to: 'description' };
const owner: Field = {
  flag: '--owner <whose>',
  help: 'user:ann@example.com or api-user:batch',
  to: 'owner',
  find: findOwner,
};
const shared = [description, addresses, apis, limits, use, owner, ...external];

const pathOf = (act: string) => pathTo(tokenKind, act);

const overlap: Field = {
  flag: '--overlap <time>',
  help: 'so long the old secret works beside the new one; 0 ends it now',
  to: 'overlapSeconds',
  as: asSeconds,
};

export const tokens: Noun = {
  name: 'tokens',
  summary: 'API tokens: long-lived secrets with a name, an owner and permissions',
  aliases: ['token'],
  verbs: [
    makeVerb<Token>({
      summary: 'make one; its secret is shown this once',
      examples: [
        'keyward tokens create --name deploy --permissions read:funds,read:files',
        'keyward tokens create --name nightly --permissions read:funds --expires 90d --secret-to nightly.secret',
        'keyward tokens create --permissions read:funds --json',
      ],
      acts: true,
      path: tokenKind.path,
      fields: [
        { flag: '--name <name>', help: 'its own in the organization; one is made up', to: 'name' },
        { ...permissions, isRequired: true },
        expires,
        { flag: '--readable', help: 'let its owner have it revealed', to: 'readable' },
        ...shared,
      ],
      in: 'token',
      secret: 'secret',
      shows: fields,
    }),
    listVerb<Token>({
      summary: 'list them, the newest first',
      examples: [
        'keyward tokens list',
        'keyward tokens list --all --json',
        'keyward tokens list --unused 90 --state active',
      ],
      acts: true,
      path: tokenKind.path,
      columns,
      none: 'There is no such API token.',
      query: { whose: 'all' },
      fields: [
        { flag: '--own', help: 'only your own', to: 'whose', as: () => 'own' },
        { flag: '--state <state>', help: 'which', to: 'state', choices: ['active', 'inactive', 'expired'] },
        { flag: '--unused <days>', help: 'not used for so many days', to: 'unusedDays' },
        { flag: '--expiring <days>', help: 'ending within so many days', to: 'expiringDays' },
        {
          flag: '--owner <whose>',
          help: 'of this user or API user',
          to: 'owner',
          find: async (client, value) => (await findOwner(client, value)).id,
        },
        { flag: '--permission <pattern>', help: 'with this in its list', to: 'permission' },
        deletedOnly,
        byExternalId,
        sorting('createdAt', 'name', 'expiresAt'),
      ],
    }),
    showVerb<Token>(tokenKind, fields, {
      examples: ['keyward tokens show ci', 'keyward tokens show ci --json'],
      acts: true,
    }),
    makeVerb<Token>({
      name: 'rename',
      summary: 'give it another name',
      examples: ['keyward tokens rename ci ci-old'],
      acts: true,
      method: 'PATCH',
      routes: ['PATCH /v1/tokens/{id}'],
      arguments: [thing(tokenKind), { name: 'name', help: 'the new name' }],
      path: pathOf(''),
      body: async ({ args }) => ({ name: args.name }),
      shows: fields,
    }),
    makeVerb<Token>({
      name: 'narrow',
      summary: 'let it do less: fewer permissions, fewer addresses, a nearer end',
      examples: [
        'keyward tokens narrow ci --permissions read:funds',
        'keyward tokens narrow ci --permissions read:funds --observe 14d',
        'keyward tokens narrow ci --expires 30d --addresses 192.0.2.0/24',
      ],
      acts: true,
      method: 'PATCH',
      routes: ['PATCH /v1/tokens/{id}'],
      arguments: [thing(tokenKind)],
      path: pathOf(''),
      fields: [permissions, addresses, apis, limits, expires, use, observe],
      shows: fields,
      note: ({ observed }) =>
        observed == null
          ? null
          : 'Nothing is refused for it until then: keyward observations shows what would have been.',
    }),
    makeVerb<Token>({
      name: 'update',
      summary: 'change what is known of it',
      examples: ['keyward tokens update ci --description "Builds of the shop"'],
      acts: true,
      method: 'PATCH',
      routes: ['PATCH /v1/tokens/{id}'],
      arguments: [thing(tokenKind)],
      path: pathOf(''),
      fields: [permissions, expires, ...shared],
      shows: fields,
    }),
    actVerb(tokenKind, {
      act: '/deactivate',
      summary: 'refuse it from now on, until it is activated again',
      done: 'is deactivated',
      examples: ['keyward tokens deactivate ci', 'keyward tokens deactivate ci --receipt 2s --descendants'],
      acts: true,
      fields: [receipt, descendants],
    }),
    actVerb(tokenKind, {
      act: '/activate',
      summary: 'take it again',
      done: 'is active',
      examples: ['keyward tokens activate ci'],
      acts: true,
    }),
    makeVerb<Token>({
      name: 'rotate',
      summary: 'give it a new secret; the old one works for a while beside it',
      examples: ['keyward tokens rotate ci', 'keyward tokens rotate ci --overlap 7d --secret-to ci.secret'],
      acts: true,
      routes: ['POST /v1/tokens/{id}/rotate'],
      arguments: [thing(tokenKind)],
      path: pathOf('/rotate'),
      fields: [overlap],
      body: async ({ options }) => (options.overlap === undefined ? { overlapSeconds: 86_400 } : {}),
      in: 'token',
      secret: 'secret',
      shows: fields,
    }),
    actVerb(tokenKind, {
      name: 'end-overlap',
      method: 'DELETE',
      act: '/previous-secret',
      summary: 'end the secret from before a rotation now',
      done: 'has its new secret alone',
      loses: 'calls with its old secret will be refused.',
      examples: ['keyward tokens end-overlap rotated --yes'],
      acts: true,
    }),
    actVerb(tokenKind, {
      method: 'DELETE',
      act: '',
      summary: 'delete it; it can be restored',
      done: 'is deleted',
      loses: 'every call with it will be refused.',
      examples: ['keyward tokens delete ci --yes', 'keyward tokens delete ci --dry-run'],
      acts: true,
      fields: [receipt, descendants],
    }),
    actVerb(tokenKind, {
      act: '/restore',
      summary: 'bring back a deleted one',
      done: 'is restored',
      examples: ['keyward tokens restore gone'],
      acts: true,
      among: { deleted: 'only' },
    }),
    bulkVerb(tokenKind),
    revealVerb(tokenKind),
    lookupVerb,
  ],
};
