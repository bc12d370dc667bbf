// `keyward apis`: what is guarded. They are the operator's, and the same for every organization.

import type { Api } from '@keyward/sdk/wire';
import type { Kind } from '../grammar/named.ts';
import type { Noun } from '../grammar/noun.ts';
import { asText, orNone } from '../grammar/readings.ts';
import type { Column } from '../grammar/show.ts';
import { actVerb, changeVerb, type Field, listVerb, makeVerb, showVerb } from '../grammar/verbs.ts';
import { force } from './parts.ts';

const kind: Kind = { word: 'API', path: '/v1/apis', names: ({ id }) => [id], isKeyed: true, parameter: 'handle' };

const columns: readonly Column<Api>[] = [
  { title: 'HANDLE', of: ({ handle }) => handle },
  { title: 'NAME', of: ({ name }) => name },
  { title: 'IDENTIFIER', of: ({ identifier }) => identifier },
  { title: 'SIGNED WITH', of: ({ signingAlgorithm }) => signingAlgorithm },
];
const fields: readonly Column<Api>[] = [
  { title: 'Handle', of: ({ handle }) => handle },
  { title: 'Name', of: ({ name }) => name },
  { title: 'Identifier', of: ({ identifier }) => identifier },
  { title: 'Description', of: ({ description }) => description },
  { title: 'Signed with', of: ({ signingAlgorithm }) => signingAlgorithm },
  { title: 'Created', of: ({ createdAt }) => createdAt },
];
const name: Field = { flag: '--name <name>', help: 'what people call it', to: 'name' };
const more: readonly Field[] = [
  {
    flag: '--identifier <uri>',
    help: 'its audience; none for the one by itself',
    to: 'identifier',
    as: orNone(asText),
  },
  { flag: '--description <text>', help: 'what it is for', to: 'description' },
  {
    flag: '--signing-algorithm <name>',
    help: 'what its access tokens are signed with',
    to: 'signingAlgorithm',
    choices: ['ES256', 'RS256', 'EdDSA'],
  },
];

export const apis: Noun = {
  name: 'apis',
  summary: 'the APIs that are guarded',
  verbs: [
    listVerb<Api>({
      examples: ['keyward apis list'],
      path: kind.path,
      columns,
      none: 'There is no API.',
      isWhole: true,
    }),
    showVerb<Api>(kind, fields, { examples: ['keyward apis show default'] }),
    makeVerb<Api>({
      examples: ['keyward apis create --handle billing --name Billing'],
      path: kind.path,
      fields: [
        { flag: '--handle <handle>', help: 'what routes and tokens name it by', to: 'handle', isRequired: true },
        { ...name, isRequired: true },
        ...more,
      ],
      shows: fields,
    }),
    changeVerb<Api>(kind, {
      examples: ['keyward apis update spare --description "Nobody\'s yet"'],
      fields: [name, ...more],
      shows: fields,
    }),
    actVerb(kind, {
      method: 'DELETE',
      act: '',
      done: 'is deleted',
      loses: 'its permissions go with it.',
      examples: ['keyward apis delete spare --yes'],
      fields: [force],
    }),
  ],
};
