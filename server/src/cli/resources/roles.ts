// `keyward roles`: named sets of permissions, which people and API users have.

import type { Role } from '@keyward/sdk/wire';
import type { Kind } from '../grammar/named.ts';
import type { Noun } from '../grammar/noun.ts';
import { asList } from '../grammar/readings.ts';
import type { Column } from '../grammar/show.ts';
import { actVerb, changeVerb, type Field, listVerb, makeVerb } from '../grammar/verbs.ts';

const kind: Kind = { word: 'role', path: '/v1/roles', names: ({ id }) => [id], isKeyed: true, parameter: 'name' };

const columns: readonly Column<Role>[] = [
  { title: 'NAME', of: ({ name }) => name },
  { title: 'BUILT-IN', of: ({ builtIn }) => builtIn },
  { title: 'PERMISSIONS', of: ({ permissions }) => permissions },
  { title: 'DESCRIPTION', of: ({ description }) => description },
];
const fields: readonly Column<Role>[] = [
  { title: 'Name', of: ({ name }) => name },
  { title: 'Description', of: ({ description }) => description },
  { title: 'Permissions', of: ({ permissions }) => permissions },
  { title: 'Created', of: ({ createdAt }) => createdAt },
];
const permissions: Field = {
  flag: '--permissions <list>',
  help: 'all that it holds, as read:funds,read:*',
  to: 'permissions',
  as: asList,
};
const description: Field = { flag: '--description <text>', help: 'whom it is for', to: 'description' };

export const roles: Noun = {
  name: 'roles',
  summary: 'named sets of permissions',
  aliases: ['role'],
  verbs: [
    listVerb<Role>({
      examples: ['keyward roles list'],
      acts: true,
      path: kind.path,
      columns,
      none: 'There is no role.',
      isWhole: true,
    }),
    makeVerb<Role>({
      examples: ['keyward roles create --name auditor --permissions read:journal,read:usage'],
      acts: true,
      path: kind.path,
      fields: [
        { flag: '--name <name>', help: 'its own in the organization', to: 'name', isRequired: true },
        { ...permissions, isRequired: true },
        description,
      ],
      shows: fields,
    }),
    changeVerb<Role>(kind, {
      examples: ['keyward roles update support --permissions read:funds'],
      acts: true,
      fields: [permissions, description],
      shows: fields,
    }),
    actVerb(kind, {
      method: 'DELETE',
      act: '',
      done: 'is deleted',
      loses: 'it cannot be brought back.',
      examples: ['keyward roles delete support --yes'],
      acts: true,
    }),
  ],
};
