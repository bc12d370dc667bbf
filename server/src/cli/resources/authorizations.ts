// `keyward authorizations`: what people let applications do, one's own or everyone's.

import type { Authorization } from '@keyward/sdk/wire';
import { ask, pages } from '../client/client.ts';
import { find, type Kind } from '../grammar/named.ts';
import type { Noun } from '../grammar/noun.ts';
import { type Column, showDone, showPages } from '../grammar/show.ts';
import { actVerb, agreed, argument, type Field, isRehearsal, listVerb, thing } from '../grammar/verbs.ts';
import { applicationKind } from './applications.ts';
import { userKind } from './owner.ts';
import { receipt } from './parts.ts';

const kind: Kind = { word: 'authorization', path: '/v1/authorizations', names: ({ id }) => [id], isKeyed: true };
const own = '/v1/self/authorizations';

const columns: readonly Column<Authorization>[] = [
  { title: 'USER', of: ({ user }) => user.email },
  { title: 'APPLICATION', of: ({ application }) => application.name },
  { title: 'API', of: ({ api }) => api },
  { title: 'MAY', of: ({ scope }) => scope },
  { title: 'LAST USED', of: ({ lastUsedAt }) => lastUsedAt },
  { title: 'ID', of: ({ id }) => id, style: () => 'dim' },
];
const by = (flag: string, to: string, of: Kind): Field => ({
  flag,
  help: `only of this ${of.word}`,
  to,
  find: async (client, value) => (await find(client, of, String(value))).id,
});

export const authorizations: Noun = {
  name: 'authorizations',
  summary: 'what people let applications do',
  aliases: ['authorization'],
  verbs: [
    listVerb<Authorization>({
      examples: ['keyward authorizations list'],
      acts: true,
      path: kind.path,
      columns,
      none: 'Nobody lets an application do anything.',
      fields: [by('--user <which>', 'user', userKind), by('--application <which>', 'application', applicationKind)],
      isUnordered: true,
    }),
    actVerb(kind, {
      method: 'DELETE',
      act: '',
      done: 'has ended',
      loses: 'the application loses what it was let do.',
      examples: ['keyward authorizations delete 0b7c9c3e-1111-4222-8333-444455556666 --dry-run'],
      acts: true,
      fields: [receipt],
    }),
    {
      name: 'own',
      summary: 'list your own',
      examples: ['keyward authorizations own'],
      routes: [`GET ${own}`],
      async run(call) {
        const found = pages<Authorization>(await call.client(), own, {});
        await showPages(call, columns, found, { all: true, none: 'You let no application do anything.', more: '' });
      },
    },
    {
      name: 'end-own',
      summary: 'end one of your own',
      examples: ['keyward authorizations end-own 0b7c9c3e-1111-4222-8333-444455556666 --dry-run'],
      arguments: [thing(kind)],
      routes: [`DELETE ${own}/{id}`],
      changes: true,
      destroys: true,
      async run(call) {
        const path = `${own}/${encodeURIComponent(argument(call))}`;
        if (isRehearsal(call, 'DELETE', path)) return;
        await agreed(call, 'The application loses what you let it do.');
        showDone(call, 'It has ended.', await ask(await call.client(), 'DELETE', path));
      },
    },
  ],
};
