// `keyward suspensions`: how much stands suspended since a backup was restored. `keyward restore release` ends it.

import type { SuspendedCounts } from '@keyward/sdk/wire';
import { ask } from '../client/client.ts';
import type { Verb } from '../grammar/noun.ts';
import { type Column, note, showRecord } from '../grammar/show.ts';

const fields: readonly Column<SuspendedCounts>[] = [
  { title: 'Organizations', of: ({ organizations }) => organizations },
  { title: 'Users', of: ({ users }) => users },
  { title: 'API users', of: ({ apiUsers }) => apiUsers },
  { title: 'API tokens', of: ({ apiTokens }) => apiTokens },
  { title: 'Applications', of: ({ applications }) => applications },
];

export const suspensions: Verb = {
  name: 'suspensions',
  summary: 'how much stands suspended since a backup was restored',
  examples: ['keyward suspensions', 'keyward suspensions --json'],
  routes: ['GET /v1/suspensions'],
  async run(call) {
    const counts = await ask<SuspendedCounts>(await call.client(), 'GET', '/v1/suspensions');
    showRecord(call, fields, counts);
    const isAny = Object.values(counts).some((count) => count > 0);
    note(call, isAny ? 'keyward restore release lets all or some of it work again.' : 'Nothing stands suspended.');
  },
};
