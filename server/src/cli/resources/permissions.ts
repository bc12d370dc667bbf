// `keyward permissions`: what can be granted at all: Keyward's own permissions, and those of the APIs.

import type { Holders, Permission } from '@keyward/sdk/wire';
import { ask } from '../client/client.ts';
import type { Kind } from '../grammar/named.ts';
import type { Noun } from '../grammar/noun.ts';
import { type Column, showRecord } from '../grammar/show.ts';
import { actVerb, changeVerb, type Field, listVerb, makeVerb, pathTo, thing } from '../grammar/verbs.ts';
import { force } from './parts.ts';

const kind: Kind = {
  word: 'permission',
  path: '/v1/permissions',
  names: ({ id }) => [id],
  isKeyed: true,
  parameter: 'name',
};

const columns: readonly Column<Permission>[] = [
  { title: 'NAME', of: ({ name }) => name },
  { title: 'API', of: ({ api }) => api ?? "Keyward's own" },
  { title: 'GROUP', of: ({ group }) => group },
  { title: 'DESCRIPTION', of: ({ description }) => description },
];
const fields: readonly Column<Permission>[] = [
  { title: 'Name', of: ({ name }) => name },
  { title: 'API', of: ({ api }) => api },
  { title: 'Group', of: ({ group }) => group },
  { title: 'Description', of: ({ description }) => description },
];
const holders: readonly Column<Holders>[] = [
  { title: 'Roles', of: (held) => held.roles },
  { title: 'API tokens', of: ({ apiTokens }) => apiTokens },
  { title: 'Applications', of: ({ applications }) => applications },
  { title: 'Routes', of: ({ routes }) => routes },
  {
    title: 'Among them',
    of: ({ first }) => first.map(({ type, name, organization }) => `${type} ${name} of ${organization.name}`),
  },
];
const texts: readonly Field[] = [
  { flag: '--description <text>', help: 'what it lets do', to: 'description' },
  { flag: '--group <name>', help: 'what it is shown together with', to: 'group' },
];

export const permissions: Noun = {
  name: 'permissions',
  summary: 'what can be granted',
  aliases: ['permission'],
  verbs: [
    listVerb<Permission>({
      examples: ['keyward permissions list'],
      path: kind.path,
      columns,
      none: 'There is no permission.',
      isWhole: true,
    }),
    makeVerb<Permission>({
      summary: 'register one of an API',
      examples: ['keyward permissions create --name read:invoice --description "See all invoices."'],
      path: kind.path,
      fields: [
        { flag: '--name <verb:resource>', help: 'unique on the server', to: 'name', isRequired: true },
        { flag: '--api <handle>', help: 'of which API; default unless said otherwise', to: 'api' },
        ...texts,
      ],
      shows: fields,
    }),
    changeVerb<Permission>(kind, {
      examples: ['keyward permissions update read:spare --group Spares'],
      fields: texts,
      shows: fields,
    }),
    {
      name: 'holders',
      summary: 'who holds it by its name, and which routes require it',
      examples: ['keyward permissions holders read:funds'],
      arguments: [thing(kind)],
      routes: ['GET /v1/permissions/{name}/holders'],
      async run(call) {
        const path = await pathTo(kind, '/holders')(call);
        showRecord(call, holders, await ask<Holders>(await call.client(), 'GET', path));
      },
    },
    actVerb(kind, {
      method: 'DELETE',
      act: '',
      done: 'is deleted',
      loses: 'nobody can be granted it any more.',
      examples: ['keyward permissions delete read:spare --yes'],
      fields: [force],
    }),
  ],
};
