// `keyward api-users access-tokens`: how many access tokens are still out, before somebody deactivates what they come from.

import type { AccessTokensInFlight } from '@keyward/sdk/wire';
import { ask } from '../client/client.ts';
import type { Verb } from '../grammar/noun.ts';
import { showRecord } from '../grammar/show.ts';
import { pathTo, thing } from '../grammar/verbs.ts';
import { apiUserKind } from './owner.ts';

export const countVerb: Verb = {
  name: 'access-tokens',
  summary: 'about how many access tokens made from it have not ended',
  examples: ['keyward api-users access-tokens batch'],
  arguments: [thing(apiUserKind)],
  acts: true,
  routes: ['GET /v1/api-users/{id}/access-tokens'],
  async run(call) {
    const path = await pathTo(apiUserKind, '/access-tokens')(call);
    const answer = await ask<AccessTokensInFlight>(await call.client(), 'GET', path);
    showRecord(call, [{ title: 'About', of: ({ about }: AccessTokensInFlight) => about }], answer);
  },
};
