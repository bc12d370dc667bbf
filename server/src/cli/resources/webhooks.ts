// `keyward webhooks` and `keyward webhook-deliveries`: where an organization has what happens sent, and what was sent there.

import type { Repeated, Webhook, WebhookDelivery } from '@keyward/sdk/wire';
import { ask, pages } from '../client/client.ts';
import { find, type Kind } from '../grammar/named.ts';
import type { Noun, Verb } from '../grammar/noun.ts';
import { asList, asNumber, asSeconds } from '../grammar/readings.ts';
import { type Column, showDone, showPages, showRecord } from '../grammar/show.ts';
import {
  actVerb,
  argument,
  type Field,
  isRehearsal,
  listVerb,
  makeVerb,
  pathTo,
  queryOf,
  showVerb,
  thing,
} from '../grammar/verbs.ts';

const webhookKind: Kind = {
  word: 'webhook',
  path: '/v1/webhooks',
  names: ({ url, description }) => [url, ...(description === '' ? [] : [description])],
};

const stateOf = ({ active, failingSince, deactivatedFor }: Webhook) =>
  active ? (failingSince === null ? 'active' : 'failing') : (deactivatedFor ?? 'off');

const columns: readonly Column<Webhook>[] = [
  { title: 'ADDRESS', of: ({ url }) => url },
  { title: 'STATE', of: stateOf, style: (webhook) => (stateOf(webhook) === 'active' ? 'green' : 'yellow') },
  { title: 'EVENTS', of: ({ events }) => events },
  { title: 'DESCRIPTION', of: ({ description }) => description },
  { title: 'ID', of: ({ id }) => id, style: () => 'dim' },
];

const fields: readonly Column<Webhook>[] = [
  { title: 'Address', of: ({ url }) => url },
  { title: 'Id', of: ({ id }) => id },
  { title: 'State', of: stateOf },
  { title: 'Events', of: ({ events }) => events },
  { title: 'Description', of: ({ description }) => description },
  { title: 'Tells of ends', of: ({ expiringDays }) => `${expiringDays} days ahead` },
  { title: 'Failing since', of: ({ failingSince }) => failingSince },
  { title: 'Next try', of: ({ nextTryAt }) => nextTryAt },
  { title: 'Created', of: ({ createdAt }) => createdAt },
  { title: 'Off since', of: ({ deactivatedAt }) => deactivatedAt },
];

const deliveryColumns: readonly Column<WebhookDelivery>[] = [
  { title: 'AT', of: ({ createdAt }) => createdAt },
  { title: 'EVENT', of: ({ event }) => event },
  { title: 'STATUS', of: ({ status }) => status, style: ({ status }) => (status === 'dead' ? 'red' : 'green') },
  { title: 'TRIES', of: ({ tries }) => tries },
  { title: 'ANSWER', of: ({ answer }) => answer && (answer.failure ?? answer.status) },
  { title: 'ID', of: ({ id }) => id, style: () => 'dim' },
];

const deliveryFields: readonly Column<WebhookDelivery>[] = [
  { title: 'Id', of: ({ id }) => id },
  { title: 'Event', of: ({ event }) => event },
  { title: 'Status', of: ({ status }) => status },
  { title: 'Tries', of: ({ tries }) => tries },
  { title: 'Created', of: ({ createdAt }) => createdAt },
  { title: 'Tried', of: ({ triedAt }) => triedAt },
  { title: 'Sent', of: ({ request }) => request },
  { title: 'Answer', of: ({ answer }) => answer && (answer.failure ?? answer.status) },
  { title: 'Answered', of: ({ answer }) => answer?.body },
];

const url: Field = {
  flag: '--url <url>',
  help: 'where messages are posted to, as https://hooks.example.com/x',
  to: 'url',
};
const shared: readonly Field[] = [
  {
    flag: '--events <list>',
    help: 'which are sent, as token.created,token.leaked; * for all',
    to: 'events',
    as: asList,
  },
  { flag: '--description <text>', help: 'what it is for', to: 'description' },
  {
    flag: '--expiring-days <days>',
    help: 'tell of tokens that expire so many days ahead',
    to: 'expiringDays',
    as: asNumber,
  },
];
const overlap: Field = {
  flag: '--overlap <time>',
  help: 'so long the old secret signs too; a day unless said otherwise',
  to: 'overlapSeconds',
  as: asSeconds,
};

const pathOf = (act: string) => pathTo(webhookKind, act);
const one = 'https://hooks.example.com/keyward';

const repeatDead: Verb = {
  name: 'repeat',
  summary: 'send all again that was given up',
  examples: [`keyward webhooks repeat ${one}`],
  arguments: [thing(webhookKind)],
  routes: ['POST /v1/webhooks/{id}/repeat'],
  acts: true,
  changes: true,
  async run(call) {
    const path = await pathOf('/repeat')(call);
    if (isRehearsal(call, 'POST', path)) return;
    const answer = await ask<Repeated>(await call.client(), 'POST', path);
    showDone(call, `${answer.repeated} that were given up are sent again.`, answer);
  },
};

export const webhooks: Noun = {
  name: 'webhooks',
  summary: 'webhooks: where what happens is sent, signed',
  aliases: ['webhook'],
  verbs: [
    listVerb<Webhook>({
      summary: 'list them, the newest first',
      examples: ['keyward webhooks list', 'keyward webhooks list --json'],
      acts: true,
      path: webhookKind.path,
      columns,
      none: 'There is no webhook.',
    }),
    makeVerb<Webhook>({
      summary: 'have what happens sent to an address; the secret that signs is shown this once',
      examples: [
        `keyward webhooks create --url https://hooks.example.com/new --events token.created,token.leaked`,
        'keyward webhooks create --url https://hooks.example.com/all --secret-to webhook.secret',
      ],
      acts: true,
      path: webhookKind.path,
      fields: [{ ...url, isRequired: true }, ...shared],
      secret: 'secret',
      shows: fields,
    }),
    showVerb<Webhook>(webhookKind, fields, { examples: [`keyward webhooks show ${one}`], acts: true }),
    makeVerb<Webhook>({
      name: 'update',
      summary: 'change it, or switch it on or off',
      examples: [
        `keyward webhooks update ${one} --events token.leaked`,
        `keyward webhooks update ${one} --active true`,
      ],
      acts: true,
      method: 'PATCH',
      routes: ['PATCH /v1/webhooks/{id}'],
      arguments: [thing(webhookKind)],
      path: pathOf(''),
      fields: [
        url,
        ...shared,
        {
          flag: '--active <yes>',
          help: 'whether it is sent anything',
          to: 'active',
          choices: ['true', 'false'],
          as: (given) => given === 'true',
        },
      ],
      shows: fields,
    }),
    makeVerb<Webhook>({
      name: 'rotate-secret',
      summary: 'give it a new secret; the old one signs too for a while',
      examples: [`keyward webhooks rotate-secret ${one} --overlap 1h`],
      acts: true,
      routes: ['POST /v1/webhooks/{id}/rotate'],
      arguments: [thing(webhookKind)],
      path: pathOf('/rotate'),
      fields: [overlap],
      secret: 'secret',
      shows: fields,
    }),
    makeVerb<WebhookDelivery>({
      name: 'test',
      summary: 'send it a message that tells of nothing',
      examples: [`keyward webhooks test ${one}`],
      acts: true,
      routes: ['POST /v1/webhooks/{id}/test'],
      arguments: [thing(webhookKind)],
      path: pathOf('/test'),
      shows: deliveryFields,
      note: ({ id }) => `keyward webhook-deliveries show ${id} tells what came of it.`,
    }),
    repeatDead,
    actVerb(webhookKind, {
      method: 'DELETE',
      act: '',
      summary: 'delete it, with what it was sent and what waits',
      done: 'is deleted',
      loses: 'nothing is sent to it any more, and what it was sent can no longer be seen.',
      examples: [`keyward webhooks delete ${one} --yes`],
      acts: true,
    }),
  ],
};

const message = { name: 'message', help: 'its id, which was sent as webhook-id' };
const deliveryPath = (call: Parameters<typeof argument>[0], act = '') =>
  `/v1/webhook-deliveries/${encodeURIComponent(argument(call))}${act}`;

const status: readonly Field[] = [
  { flag: '--status <status>', help: 'which', to: 'status', choices: ['waiting', 'delivered', 'dead'] },
  { flag: '--limit <number>', help: 'so many at once, 200 at most', to: 'limit' },
  { flag: '--cursor <next>', help: 'go on where the page before ended', to: 'cursor' },
];

const list: Verb = {
  name: 'list',
  summary: 'list what a webhook was sent, the newest first',
  examples: [
    `keyward webhook-deliveries list ${one}`,
    `keyward webhook-deliveries list ${one} --status dead --all --json`,
  ],
  arguments: [thing(webhookKind)],
  options: [...status, { flag: '--all', help: 'every page' }],
  routes: ['GET /v1/webhooks/{id}/deliveries'],
  acts: true,
  async run(call) {
    const client = await call.client();
    const { id } = await find(client, webhookKind, argument(call));
    const all = call.options.all === true;
    const query = { ...(all && { limit: '200' }), ...(await queryOf(call, status)) };
    const found = pages<WebhookDelivery>(client, `${webhookKind.path}/${encodeURIComponent(id)}/deliveries`, query);
    await showPages(call, deliveryColumns, found, { all, none: 'Nothing was sent.', more: '--all lists them.' });
  },
};

export const webhookDeliveries: Noun = {
  name: 'webhook-deliveries',
  summary: 'what webhooks were sent, and what was answered',
  verbs: [
    list,
    {
      name: 'show',
      summary: 'show one, with what was sent and answered',
      examples: ['keyward webhook-deliveries show $MESSAGE'],
      arguments: [message],
      routes: ['GET /v1/webhook-deliveries/{id}'],
      acts: true,
      async run(call) {
        const client = await call.client();
        showRecord(call, deliveryFields, await ask<WebhookDelivery>(client, 'GET', deliveryPath(call)));
      },
    },
    makeVerb<WebhookDelivery>({
      name: 'repeat',
      summary: 'send one again that was accepted or given up',
      examples: ['keyward webhook-deliveries repeat $MESSAGE'],
      arguments: [message],
      routes: ['POST /v1/webhook-deliveries/{id}/repeat'],
      acts: true,
      path: async (call) => deliveryPath(call, '/repeat'),
      shows: deliveryFields,
    }),
  ],
};
