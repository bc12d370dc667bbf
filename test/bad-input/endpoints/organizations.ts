// Endpoints of organizations. For tests only.

import { bearer, noun, type Rows } from './row.ts';

export const organizations: Rows = [
  ...noun(
    'organizations',
    '@@org@@',
    (n) => ({
      name: `org-${n}`,
      planId: 'free',
      contributors: 2,
      longestTokenLifetimeMs: null,
      entitlement: ['*:*'],
      leakPolicy: { action: 'shorten', endsAfterMs: 86_400_000, descendants: true },
      externalId: `cus-${n}`,
      metadata: { n },
    }),
    (n) => ({
      name: `renamed-${n}`,
      planId: 'free',
      contributors: 3,
      longestTokenLifetimeMs: null,
      entitlement: ['*:*'],
      observe: null,
      leakPolicy: { action: 'shorten', endsAfterMs: 86_400_000, descendants: true },
      externalId: `cus-${n}`,
      metadata: { n },
    }),
    ['deactivate', 'activate', 'reset-budget'],
  ),
  ['GET /v1/suspensions', { ...bearer, lane: 'organizations' }],
  [
    'POST /v1/suspensions/release',
    {
      ...bearer,
      lane: 'organizations',
      body: () => ({
        all: true,
        organization: 'acme',
        users: ['@@user@@'],
        apiUsers: ['@@apiUser@@'],
        apiTokens: ['@@token@@'],
        applications: ['app'],
      }),
    },
  ],
  [
    'POST /v1/organizations/:id/owners',
    {
      ...bearer,
      lane: 'organizations',
      parameter: '@@org@@',
      body: (n) => ({ email: `owner-${n}@victim.example`, name: 'O' }),
    },
  ],
];
