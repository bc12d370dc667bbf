// Verdicts, budgets, usage, the journal and the feed: what the description says of them.

import { FeedHello, JournalEntry } from '@keyward/sdk/wire';
import { Type } from 'typebox';
import { type Operations, samples } from '../../operation.ts';

const followers = { permissions: ['follow:feed', 'read:journal'] } as const;
const follow = { permissions: ['follow:feed'] } as const;
const readJournal = { permissions: ['read:journal'] } as const;

export const checking: Operations = {
  'GET /v1/check': {
    id: 'check',
    summary: 'Ask whether the call may proceed',
    description: 'Sent with the credential of the call. It may if the answer is 200, which has identity headers.',
    credential: 'call',
    fails: ['not_found', 'too_many_requests'],
    answers: { 200: null },
  },
  'POST /v1/verify': {
    id: 'verify',
    summary: 'Ask whether a credential may do something',
    description: 'The verdict is in the body of 200, whatever it is.',
    permissions: ['verify:credential'],
    fails: ['not_found'],
    body: { credential: samples.apiToken, permissions: ['read:demo_funds'], cost: 0 },
  },
  'POST /v1/lookup': {
    id: 'lookUp',
    summary: 'Find out whose a secret is, and what it would be answered',
    body: { secret: samples.apiToken },
  },
  'POST /v1/leaks': {
    id: 'reportLeaks',
    summary: 'Report API tokens that were found where they should not be',
    description:
      "Whoever has a token may show it here, with a credential or without one; its organization's `leakPolicy` says what becomes of it. Reports of GitHub's secret scanning are taken too, in their own form, where the setting `leaks.githubKeys` says where its keys are.",
    credential: 'none',
    fails: ['unauthenticated', 'forbidden', 'too_many_requests'],
    body: {
      tokens: ['kw_EXAMPLEEXAMPLEEXAMPLE_found-somewhere'],
      url: 'https://git.example/acme/app/src/config.ts',
      source: 'ci',
    },
  },
  'GET /v1/budget': { id: 'readBudget', summary: "See what is left of the caller's limits" },
  'GET /v1/usage': { id: 'readUsage', summary: 'Count calls, by time and by verdict, credential or path' },
  'GET /v1/calls': {
    id: 'listCalls',
    summary: 'List recent calls, one by one',
    description: 'Those that the nodes remember, the newest first: of many in a second only some.',
  },
  'GET /v1/refusals/:id': {
    id: 'explainRefusal',
    summary: 'Explain why a call was refused',
    description: 'By the `Keyward-Refusal` of its answer, for as long as the call is remembered.',
    needs: 'a call that was refused',
    fails: ['not_found'],
  },
  'POST /v1/explain': {
    id: 'explainCall',
    summary: 'Explain what a call would be answered',
    description: 'It spends nothing and leaves no trace.',
    fails: ['not_found'],
    body: { credential: samples.apiToken, permissions: ['read:demo_funds'], address: '192.0.2.1' },
  },
  'GET /v1/tokens/:id/advice': {
    id: 'adviseOnToken',
    summary: 'See what an API token really used, and what it could be left with',
    permissions: ['manage:own_api_key', 'read:organization_api_key'],
  },
  'GET /v1/api-users/:id/advice': {
    id: 'adviseOnApiUser',
    summary: 'See what an API user really used, and which role would do',
    permissions: ['read:api_user'],
  },
  'GET /v1/advice': {
    id: 'advise',
    summary: 'See what of all API tokens is more than it need be',
    permissions: ['read:organization_api_key'],
  },
  'GET /v1/observations': {
    id: 'listObservations',
    summary: 'See what is only observed so far, and who would have been refused',
    permissions: ['read:usage'],
  },
  'GET /v1/journal': { ...readJournal, id: 'listJournal', summary: 'Read what was changed, by whom' },
  'GET /v1/journal/export': {
    ...readJournal,
    id: 'exportJournal',
    summary: 'Download the journal as one file',
    answers: { 200: { 'text/csv': Type.String(), 'application/json': Type.Array(JournalEntry) } },
  },
  'GET /v1/journal/chain': { ...readJournal, id: 'readChain', summary: "See how the journal's chain stands" },
  'GET /v1/verifiers': { ...followers, id: 'listVerifiers', summary: 'List who follows the feed' },
  'POST /v1/verifier-reports': {
    ...follow,
    id: 'reportCalls',
    summary: 'Tell of calls that a verifier has checked by itself',
    description:
      'Some of them, a few seconds at once, and what went wrong. Those of credentials that are not its to know of are not taken.',
    fails: ['too_many_requests'],
    body: { verifier: 'orders', sentAt: '2026-07-01T12:00:00Z', findings: [{ kind: 'feed_late', count: 1 }] },
  },
  'GET /v1/revoked-access-tokens': {
    ...follow,
    id: 'listRevokedAccessTokens',
    summary: 'List access tokens that were revoked one by one',
    description: 'Those that have not ended by themselves: a verifier refuses them.',
  },
  'GET /v1/receipts/latest': { ...followers, id: 'readLatestReceipt', summary: 'Read the newest receipt' },
  'GET /v1/feed': {
    ...follow,
    id: 'followFeed',
    summary: 'Follow the journal as server-sent events',
    description: `Events \`hello\`, \`change\` and \`heartbeat\`; the first is \`hello\`, with \`${Object.keys(FeedHello.properties).join('`, `')}\`.`,
    credential: 'bearer',
    fails: ['too_many_requests'],
    headers: Type.Object({ 'last-event-id': Type.Optional(Type.String()) }),
    answers: { 200: { 'text/event-stream': Type.String() } },
    streams: true,
  },
  'POST /v1/feed/acknowledgements': {
    ...follow,
    id: 'acknowledge',
    summary: 'Say how far a verifier has come',
    body: { verifier: 'a-verifier', cursor: 0 },
    needs: 'a verifier that follows the feed',
  },
  'POST /v1/leases': {
    ...follow,
    id: 'lease',
    summary: "Lease a part of an organization's budget",
    body: { verifier: 'a-verifier', leases: [{ wanted: 1 }] },
    needs: 'a verifier that follows the feed',
  },
};
