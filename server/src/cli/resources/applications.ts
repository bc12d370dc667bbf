// `keyward applications`: programs that people let act for them.

import type { Application, ApplicationInUse } from '@keyward/sdk/wire';
import type { Kind } from '../grammar/named.ts';
import type { Noun } from '../grammar/noun.ts';
import { asJson, asList, asText, orNone } from '../grammar/readings.ts';
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
import { receipt } from './parts.ts';

export const applicationKind: Kind = {
  word: 'application',
  path: '/v1/applications',
  names: ({ name, metadataUrl }) => [name, metadataUrl],
};

const columns: readonly Column<ApplicationInUse>[] = [
  { title: 'NAME', of: ({ name }) => name },
  { title: 'TYPE', of: ({ type }) => type },
  { title: 'ACTIVE', of: ({ active }) => active },
  { title: 'PEOPLE', of: ({ people }) => people },
  { title: 'LAST USED', of: ({ lastUsedAt }) => lastUsedAt },
  { title: 'CLIENT ID', of: ({ id, metadataUrl }) => metadataUrl ?? id },
];
const fields: readonly Column<Application>[] = [
  { title: 'Name', of: ({ name }) => name },
  { title: 'Client id', of: ({ id, metadataUrl }) => metadataUrl ?? id },
  { title: 'Type', of: ({ type }) => type },
  { title: 'Active', of: ({ active }) => active },
  { title: 'Proves itself by', of: ({ tokenEndpointAuthMethod }) => tokenEndpointAuthMethod },
  { title: 'Redirect URIs', of: ({ redirectUris }) => redirectUris },
  { title: 'Grants', of: ({ grants }) => grants },
  { title: 'May ask for', of: ({ permissions }) => permissions },
  { title: 'Keys at', of: ({ jwksUri }) => jwksUri },
  { title: 'Created', of: ({ createdAt }) => createdAt },
  { title: 'Deactivated', of: ({ deactivatedAt }) => deactivatedAt },
];

const deviceGrant = 'urn:ietf:params:oauth:grant-type:device_code';
const name: Field = { flag: '--name <name>', help: 'what people see', to: 'name' };
const permissions: Field = { flag: '--permissions <list>', help: 'what it may ask for', to: 'permissions', as: asList };
const more: readonly Field[] = [
  { flag: '--redirect-uris <list>', help: 'where answers go, compared exactly', to: 'redirectUris', as: asList },
  {
    flag: '--grants <list>',
    help: 'authorization_code, refresh_token, device_code',
    to: 'grants',
    as: (given, flag, terminal) =>
      (asList(given, flag, terminal) as string[]).map((one) => (one === 'device_code' ? deviceGrant : one)),
  },
  { flag: '--logo-url <url>', help: 'its picture; none for none', to: 'logoUrl', as: orNone(asText) },
  { flag: '--jwks-uri <url>', help: 'where its own keys are; none for none', to: 'jwksUri', as: orNone(asText) },
  { flag: '--jwks <json>', help: 'its own public keys, or @file; none for none', to: 'jwks', as: orNone(asJson) },
];

export const applications: Noun = {
  name: 'applications',
  summary: 'programs that people let act for them',
  aliases: ['application'],
  verbs: [
    listVerb<ApplicationInUse>({
      summary: 'list them, the newest first',
      examples: ['keyward applications list'],
      acts: true,
      path: applicationKind.path,
      columns,
      none: 'There is no such application.',
      fields: [sorting('createdAt', 'name')],
    }),
    showVerb<Application>(applicationKind, fields, { examples: ['keyward applications show Dashboard'], acts: true }),
    makeVerb<Application>({
      summary: 'register one; a confidential one gets a secret, which is shown this once',
      examples: [
        'keyward applications create --name Reports --type confidential --redirect-uris https://reports.example.com/callback --permissions read:funds',
      ],
      acts: true,
      path: applicationKind.path,
      fields: [
        { ...name, isRequired: true },
        {
          flag: '--type <type>',
          help: 'whether it can keep a secret',
          to: 'type',
          choices: ['public', 'confidential'],
          isRequired: true,
        },
        { ...permissions, isRequired: true },
        ...more,
      ],
      shows: fields,
      secret: 'secret',
    }),
    changeVerb<Application>(applicationKind, {
      examples: ['keyward applications update Dashboard --permissions read:funds'],
      acts: true,
      fields: [name, permissions, ...more],
      shows: fields,
    }),
    makeVerb<Application>({
      name: 'rotate',
      summary: 'give it a new secret; the one before ends at once',
      examples: ['keyward applications rotate Dashboard --secret-to dashboard.secret'],
      acts: true,
      routes: ['POST /v1/applications/{id}/rotate'],
      arguments: [thing(applicationKind)],
      path: pathTo(applicationKind, '/rotate'),
      shows: fields,
      secret: 'secret',
    }),
    actVerb(applicationKind, {
      act: '/deactivate',
      summary: 'refuse it from now on, until it is activated again',
      done: 'is deactivated',
      examples: ['keyward applications deactivate Dashboard'],
      acts: true,
      fields: [receipt],
    }),
    actVerb(applicationKind, {
      act: '/activate',
      summary: 'take it again',
      done: 'is active',
      examples: ['keyward applications activate Dashboard'],
      acts: true,
    }),
    actVerb(applicationKind, {
      method: 'DELETE',
      act: '',
      done: 'is deleted',
      loses: 'all that people let it do ends.',
      examples: ['keyward applications delete Dashboard --yes'],
      acts: true,
      fields: [receipt],
    }),
  ],
};
