// `keyward api-users`: machine identities with a generated username and password.

import type { ApiUser } from '@keyward/sdk/wire';
import type { Noun } from '../grammar/noun.ts';
import { asSeconds } from '../grammar/readings.ts';
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
import { countVerb } from './counts.ts';
import { apiUserKind as kind } from './owner.ts';
import { byExternalId, deletedOnly, descendants, external, receipt, stateOf, stateStyle } from './parts.ts';

const columns: readonly Column<ApiUser>[] = [
  { title: 'NAME', of: ({ name }) => name },
  { title: 'ROLE', of: ({ role }) => role },
  { title: 'STATE', of: ({ state }) => state, style: stateStyle },
  { title: 'USERNAME', of: ({ username }) => username },
  { title: 'LAST USED', of: ({ lastUsed }) => lastUsed?.at },
  { title: 'ID', of: ({ id }) => id, style: () => 'dim' },
];

const fields: readonly Column<ApiUser>[] = [
  { title: 'Name', of: ({ name }) => name },
  { title: 'Id', of: ({ id }) => id },
  { title: 'Username', of: ({ username }) => username },
  { title: 'Role', of: ({ role }) => role },
  { title: 'State', of: stateOf, style: stateStyle },
  {
    title: 'Last used',
    of: ({ lastUsed }) => lastUsed && [lastUsed.at, lastUsed.address].filter(Boolean).join(' from '),
  },
  { title: 'Old password until', of: ({ rotation }) => rotation?.previousUntil },
  { title: 'External id', of: ({ externalId }) => externalId },
  { title: 'Metadata', of: ({ metadata }) => metadata },
  { title: 'Created', of: ({ createdAt }) => createdAt },
  { title: 'Deactivated', of: ({ deactivatedAt }) => deactivatedAt },
  { title: 'Deleted', of: ({ deletedAt }) => deletedAt },
];

const name: Field = { flag: '--name <name>', help: 'what it is called', to: 'name' };
const role: Field = { flag: '--role <role>', help: 'what it may do, as member', to: 'role' };
const overlap: Field = {
  flag: '--overlap <time>',
  help: 'so long the old password works beside the new one; 0 ends it now',
  to: 'overlapSeconds',
  as: asSeconds,
};

export const apiUsers: Noun = {
  name: 'api-users',
  summary: 'API users: machines with a generated username and password',
  aliases: ['api-user'],
  verbs: [
    makeVerb<ApiUser>({
      summary: 'make one; its password is shown this once',
      examples: [
        'keyward api-users create --name till --role member',
        'keyward api-users create --name till-2 --role member --external-id till-2 --json',
      ],
      acts: true,
      path: kind.path,
      fields: [{ ...name, isRequired: true }, { ...role, isRequired: true }, ...external],
      shows: fields,
      secret: 'password',
    }),
    listVerb<ApiUser>({
      summary: 'list them, the newest first',
      examples: ['keyward api-users list', 'keyward api-users list --all --json'],
      acts: true,
      path: kind.path,
      columns,
      none: 'There is no such API user.',
      fields: [deletedOnly, byExternalId, sorting('createdAt', 'name')],
    }),
    showVerb<ApiUser>(kind, fields, { examples: ['keyward api-users show batch'], acts: true }),
    changeVerb<ApiUser>(kind, {
      examples: ['keyward api-users update batch --role viewer'],
      acts: true,
      fields: [name, role, ...external],
      shows: fields,
    }),
    makeVerb<ApiUser>({
      name: 'rotate',
      summary: 'give it a new password; the old one works for a while beside it',
      examples: [
        'keyward api-users rotate batch',
        'keyward api-users rotate batch --overlap 7d --secret-to batch.password',
      ],
      acts: true,
      routes: ['POST /v1/api-users/{id}/rotate'],
      arguments: [thing(kind)],
      path: pathTo(kind, '/rotate'),
      fields: [overlap],
      body: async ({ options }) => (options.overlap === undefined ? { overlapSeconds: 86_400 } : {}),
      shows: fields,
      secret: 'password',
    }),
    actVerb(kind, {
      name: 'end-overlap',
      method: 'DELETE',
      act: '/previous-password',
      summary: 'end the password from before a rotation now',
      done: 'has its new password alone',
      loses: 'whoever uses its old password will be refused.',
      examples: ['keyward api-users end-overlap rotated --yes'],
      acts: true,
    }),
    makeVerb<ApiUser>({
      name: 'successor',
      summary: 'make another one like it, to move to at your own pace',
      examples: ['keyward api-users successor batch'],
      acts: true,
      routes: ['POST /v1/api-users/{id}/successor'],
      arguments: [thing(kind)],
      path: pathTo(kind, '/successor'),
      shows: fields,
      secret: 'password',
    }),
    actVerb(kind, {
      act: '/deactivate',
      summary: 'refuse it from now on, until it is activated again',
      done: 'is deactivated',
      examples: ['keyward api-users deactivate batch', 'keyward api-users deactivate batch --cut-off --receipt 2s'],
      acts: true,
      fields: [receipt, descendants],
      body: [{ flag: '--cut-off', help: 'end access tokens too that would outlive it', to: 'cutOff' }],
    }),
    actVerb(kind, {
      act: '/activate',
      summary: 'take it again',
      done: 'is active',
      examples: ['keyward api-users activate batch'],
      acts: true,
    }),
    actVerb(kind, {
      method: 'DELETE',
      act: '',
      summary: 'delete it; it can be restored',
      done: 'is deleted',
      loses: 'it and what it owns will be refused.',
      examples: ['keyward api-users delete batch --yes', 'keyward api-users delete batch --dry-run'],
      acts: true,
      fields: [receipt, descendants],
    }),
    actVerb(kind, {
      act: '/restore',
      summary: 'bring back a deleted one',
      done: 'is restored',
      examples: ['keyward api-users restore gone'],
      acts: true,
      among: { deleted: 'only' },
    }),
    countVerb,
  ],
};
