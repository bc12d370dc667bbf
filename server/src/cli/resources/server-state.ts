// `keyward settings` and `keyward verifiers`: how the server was told to work, and who follows what it decides.

import type { LatestReceipt, ServerSettings, Verifier } from '@keyward/sdk/wire';
import { ask } from '../client/client.ts';
import type { Noun, Verb } from '../grammar/noun.ts';
import { type Column, showRecord } from '../grammar/show.ts';
import { listVerb } from '../grammar/verbs.ts';

const settingFields: readonly Column<ServerSettings>[] = [
  { title: 'Address', of: ({ url }) => url },
  { title: 'Version', of: ({ version }) => version },
  { title: 'Dialects', of: ({ dialects }) => Object.keys(dialects).filter((name) => dialects[name]) },
  { title: 'Database', of: ({ database }) => database },
  { title: 'Failed sign-ins', of: ({ signInFailures }) => signInFailures && `${signInFailures} a minute` },
  { title: 'Sessions idle', of: ({ sessionIdleMinutes }) => sessionIdleMinutes && `${sessionIdleMinutes} minutes` },
  { title: 'Sessions last', of: ({ sessionHours }) => sessionHours && `${sessionHours} hours` },
  { title: 'Tokens begin with', of: ({ tokenPrefix }) => tokenPrefix },
  { title: 'Plan of the new', of: ({ defaultPlan }) => defaultPlan },
  { title: 'Changed in', of: ({ whereToChange }) => whereToChange },
];

export const settings: Verb = {
  name: 'settings',
  summary: 'how the server was told to work',
  examples: ['keyward settings', 'keyward settings --json'],
  routes: ['GET /v1/settings'],
  async run(call) {
    showRecord(call, settingFields, await ask<ServerSettings>(await call.client(), 'GET', '/v1/settings'));
  },
};

const columns: readonly Column<Verifier>[] = [
  { title: 'NAME', of: ({ name }) => name },
  { title: 'ADDRESS', of: ({ address }) => address },
  { title: 'SINCE', of: ({ connectedAt }) => connectedAt },
  { title: 'CURSOR', of: ({ cursor }) => cursor },
  {
    title: 'LAG',
    of: ({ lagMs }) => `${Math.round(lagMs)} ms`,
    style: ({ lagMs }) => (lagMs > 1000 ? 'red' : 'green'),
  },
  { title: 'NODE', of: ({ node }) => node },
];

const receiptFields: readonly Column<LatestReceipt>[] = [
  { title: 'At', of: ({ receipt }) => receipt?.at ?? 'none was given yet' },
  { title: 'Action', of: ({ receipt }) => receipt?.action },
  { title: 'Of', of: ({ receipt }) => receipt && `${receipt.subject.type} ${receipt.subject.id}` },
  { title: 'Effective on', of: ({ receipt }) => receipt && `${receipt.effective} of ${receipt.of}` },
  { title: 'Slowest', of: ({ receipt }) => receipt?.slowestMs && `${Math.round(receipt.slowestMs)} ms` },
  { title: 'Waiting for', of: ({ receipt }) => receipt?.waitingFor },
];

export const verifiers: Noun = {
  name: 'verifiers',
  summary: 'who checks calls elsewhere, and how far behind each is',
  aliases: ['verifier'],
  verbs: [
    listVerb<Verifier>({
      summary: 'who follows this node right now',
      examples: ['keyward verifiers list'],
      path: '/v1/verifiers',
      columns,
      none: 'Nobody follows this node.',
      isWhole: true,
    }),
    {
      name: 'receipt',
      summary: 'the last receipt that this node gave: how soon everybody had heard of a change',
      examples: ['keyward verifiers receipt'],
      routes: ['GET /v1/receipts/latest'],
      async run(call) {
        showRecord(call, receiptFields, await ask<LatestReceipt>(await call.client(), 'GET', '/v1/receipts/latest'));
      },
    },
  ],
};
