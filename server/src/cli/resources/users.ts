// `keyward users`: people who sign in, and the links and passwords that they begin with.

import type { Invitation, Link, User } from '@keyward/sdk/wire';
import type { Noun } from '../grammar/noun.ts';
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
import { findOwner, userKind } from './owner.ts';
import { descendants, receipt, stateOf, stateStyle } from './parts.ts';

const columns: readonly Column<User>[] = [
  { title: 'E-MAIL', of: ({ email }) => email },
  { title: 'NAME', of: ({ name }) => name },
  { title: 'ROLE', of: ({ role }) => role },
  { title: 'STATE', of: ({ state }) => state, style: stateStyle },
  { title: 'SECOND FACTOR', of: ({ secondFactor }) => secondFactor },
  { title: 'LAST SEEN', of: ({ lastSeenAt }) => lastSeenAt },
  { title: 'ID', of: ({ id }) => id, style: () => 'dim' },
];

const fields: readonly Column<User>[] = [
  { title: 'E-mail', of: ({ email }) => email },
  { title: 'Name', of: ({ name }) => name },
  { title: 'Id', of: ({ id }) => id },
  { title: 'Role', of: ({ role }) => role },
  { title: 'State', of: stateOf, style: stateStyle },
  { title: 'Second factor', of: ({ secondFactor }) => secondFactor },
  { title: 'Last seen', of: ({ lastSeenAt }) => lastSeenAt },
  { title: 'Created', of: ({ createdAt }) => createdAt },
  { title: 'Deactivated', of: ({ deactivatedAt }) => deactivatedAt },
];

const linkFields: readonly Column<Link>[] = [
  { title: 'Link', of: ({ url }) => url },
  { title: 'Until', of: ({ expiresAt }) => expiresAt },
];

const person: readonly Field[] = [
  { flag: '--email <address>', help: 'what they sign in with', to: 'email', isRequired: true },
  { flag: '--name <name>', help: 'what they are called', to: 'name', isRequired: true },
  { flag: '--role <role>', help: 'owner, admin, member, viewer or one of your own', to: 'role', isRequired: true },
];

export const users: Noun = {
  name: 'users',
  summary: 'people: they sign in, and have a role',
  aliases: ['user'],
  verbs: [
    listVerb<User>({
      summary: 'list them, the newest first',
      examples: ['keyward users list', 'keyward users list --search ann --json'],
      acts: true,
      path: userKind.path,
      columns,
      none: 'There is no such user.',
      fields: [sorting('createdAt', 'name')],
    }),
    showVerb<User>(userKind, fields, { examples: ['keyward users show ann@example.com'], acts: true }),
    makeVerb<User>({
      summary: 'make one with a password, which is shown this once',
      examples: ['keyward users create --email bea@example.com --name Bea --role member --secret-to bea.password'],
      acts: true,
      path: userKind.path,
      fields: person,
      shows: fields,
      secret: 'password',
    }),
    makeVerb<Invitation>({
      name: 'invite',
      summary: 'make a link with which somebody chooses a password',
      examples: ['keyward users invite --email carol@example.com --name Carol --role viewer'],
      path: '/v1/invitations',
      fields: person,
      shows: [
        { title: 'E-mail', of: ({ user }) => user.email },
        { title: 'Link', of: ({ link }) => link.url },
        { title: 'Until', of: ({ link }) => link.expiresAt },
      ],
      note: () => 'The link is shown this once, and works once.',
    }),
    changeVerb<User>(userKind, {
      examples: ['keyward users update ann@example.com --role admin'],
      acts: true,
      fields: [
        { flag: '--name <name>', help: 'what they are called', to: 'name' },
        { flag: '--role <role>', help: 'another role', to: 'role' },
      ],
      shows: fields,
    }),
    actVerb(userKind, {
      act: '/deactivate',
      summary: 'sign them out and refuse them and their tokens, until they are activated again',
      done: 'is deactivated',
      examples: ['keyward users deactivate ann@example.com'],
      acts: true,
      fields: [receipt, descendants],
    }),
    actVerb(userKind, {
      act: '/activate',
      summary: 'let them in again',
      done: 'is active',
      examples: ['keyward users activate ann@example.com'],
      acts: true,
    }),
    makeVerb<{ password: string }>({
      name: 'reset-password',
      summary: 'give them a new password, which is shown this once',
      examples: ['keyward users reset-password ann@example.com'],
      acts: true,
      routes: ['POST /v1/users/{id}/reset-password'],
      arguments: [thing(userKind)],
      path: pathTo(userKind, '/reset-password'),
      shows: [],
      secret: 'password',
    }),
    makeVerb<Link>({
      name: 'password-link',
      summary: 'make a link with which they choose a new password',
      examples: ['keyward users password-link ann@example.com'],
      routes: ['POST /v1/users/{id}/password-link'],
      arguments: [thing(userKind)],
      path: pathTo(userKind, '/password-link'),
      shows: linkFields,
      note: () => 'The link is shown this once, and works once.',
    }),
    actVerb(userKind, {
      name: 'remove-second-factor',
      method: 'DELETE',
      act: '/second-factor',
      summary: 'let them sign in with the password alone, where they lost the rest',
      done: 'has no second factor',
      loses: 'the password alone will be enough to sign in.',
      examples: ['keyward users remove-second-factor ann@example.com --dry-run'],
      acts: true,
    }),
    actVerb(userKind, {
      method: 'DELETE',
      act: '',
      done: 'is deleted',
      loses: 'they cannot sign in any more, and cannot be brought back.',
      examples: ['keyward users delete bob@example.com --tokens end --yes'],
      acts: true,
      fields: [
        {
          flag: '--tokens <what>',
          help: 'what becomes of their API tokens',
          to: 'tokens',
          choices: ['end', 'handover'],
        },
        {
          flag: '--to <whose>',
          help: 'to whom they are handed over, as user:ann@example.com',
          to: 'to',
          find: async (client, value) => {
            const { type, id } = await findOwner(client, value);
            return `${type}:${id}`;
          },
        },
        receipt,
        descendants,
      ],
    }),
  ],
};
