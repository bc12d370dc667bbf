// `keyward federated-credentials`: outside tokens that are taken in place of an API user's password, as of a CI system.

import type { FederatedCredential } from '@keyward/sdk/wire';
import { pages } from '../client/client.ts';
import type { Kind } from '../grammar/named.ts';
import type { Noun } from '../grammar/noun.ts';
import { asJson, asText, orNone } from '../grammar/readings.ts';
import { type Column, showPages } from '../grammar/show.ts';
import { actVerb, changeVerb, type Field, makeVerb, pathTo, showVerb, thing } from '../grammar/verbs.ts';
import { apiUserKind } from './owner.ts';
import { receipt } from './parts.ts';

const kind: Kind = {
  word: 'federated credential',
  path: '/v1/federated-credentials',
  names: ({ name }) => [name],
  isKeyed: true,
};
const under = '/federated-credentials';

const columns: readonly Column<FederatedCredential>[] = [
  { title: 'NAME', of: ({ name }) => name },
  { title: 'ISSUER', of: ({ issuer }) => issuer ?? 'itself' },
  {
    title: 'CONDITIONS',
    of: ({ conditions }) => Object.entries(conditions).map(([claim, value]) => `${claim}=${value}`),
  },
  { title: 'ID', of: ({ id }) => id, style: () => 'dim' },
];
const fields: readonly Column<FederatedCredential>[] = [
  { title: 'Name', of: ({ name }) => name },
  { title: 'Id', of: ({ id }) => id },
  { title: 'API user', of: ({ apiUser }) => apiUser },
  { title: 'Issuer', of: ({ issuer }) => issuer ?? 'itself' },
  { title: 'Audience', of: ({ audience }) => audience },
  {
    title: 'Conditions',
    of: ({ conditions }) => Object.entries(conditions).map(([claim, value]) => `${claim}=${value}`),
  },
  { title: 'Keys at', of: ({ jwksUri }) => jwksUri },
  { title: 'Created', of: ({ createdAt }) => createdAt },
];
const name: Field = { flag: '--name <name>', help: 'what it is called', to: 'name' };
const more: readonly Field[] = [
  {
    flag: '--audience <text>',
    help: 'whom its tokens are for; this server unless said otherwise',
    to: 'audience',
    as: orNone(asText),
  },
  {
    flag: '--conditions <json>',
    help: 'what claims must be, as {"sub":"repo:acme/*"}, or @file',
    to: 'conditions',
    as: asJson,
  },
  {
    flag: '--jwks-uri <url>',
    help: 'where the keys are, in place of what the issuer says',
    to: 'jwksUri',
    as: orNone(asText),
  },
  { flag: '--jwks <json>', help: 'the keys themselves, or @file', to: 'jwks', as: orNone(asJson) },
];

export const federatedCredentials: Noun = {
  name: 'federated-credentials',
  summary: 'outside tokens in place of the passwords of API users',
  aliases: ['federated-credential'],
  verbs: [
    {
      name: 'list',
      summary: 'list those of an API user',
      examples: ['keyward federated-credentials list batch'],
      arguments: [thing(apiUserKind)],
      acts: true,
      routes: ['GET /v1/api-users/{id}/federated-credentials'],
      async run(call) {
        const path = await pathTo(apiUserKind, under)(call);
        const found = pages<FederatedCredential>(await call.client(), path, {});
        await showPages(call, columns, found, { all: true, none: 'It has none.', more: '' });
      },
    },
    makeVerb<FederatedCredential>({
      examples: [
        'keyward federated-credentials create batch --name shop --issuer https://token.actions.githubusercontent.com --conditions \'{"sub":"repo:acme/shop:ref:refs/heads/main","repository_id":"17","repository_owner_id":"4"}\' --dry-run',
      ],
      acts: true,
      routes: ['POST /v1/api-users/{id}/federated-credentials'],
      arguments: [thing(apiUserKind)],
      path: pathTo(apiUserKind, under),
      fields: [
        { ...name, isRequired: true },
        {
          flag: '--issuer <url>',
          help: 'who signs its tokens; none for the client itself',
          to: 'issuer',
          as: orNone(asText),
          isRequired: true,
        },
        ...more,
      ],
      shows: fields,
    }),
    showVerb<FederatedCredential>(kind, fields, {
      examples: ['keyward federated-credentials show $FEDERATED'],
      acts: true,
    }),
    changeVerb<FederatedCredential>(kind, {
      examples: ['keyward federated-credentials update $FEDERATED --name shop-main'],
      acts: true,
      fields: [name, ...more],
      shows: fields,
    }),
    actVerb(kind, {
      method: 'DELETE',
      act: '',
      done: 'is deleted',
      loses: 'all that was made through it ends.',
      examples: ['keyward federated-credentials delete $FEDERATED --yes'],
      acts: true,
      fields: [receipt],
    }),
  ],
};
