// Endpoints of what can be granted: permissions, APIs and plans. For tests only.

import { bearer, grants, noun, type Rows } from './row.ts';

const limit = { limit: 5, windowMs: 60_000, per: 'organization', cap: 9 };

/** Of an API. */
const signed = { signingAlgorithm: 'ES256' };

export const catalogue: Rows = [
  ...noun(
    'permissions',
    'read:funds',
    (n) => ({ name: `read:thing-${n}`, api: 'default', description: 'd', group: 'g' }),
    () => ({ description: 'e', group: 'h' }),
    [],
  ),
  ['GET /v1/permissions/:name/holders', { ...bearer, lane: grants, parameter: 'read:funds' }],
  ...noun(
    'apis',
    'orders',
    (n) => ({ handle: `api-${n}`, name: 'A', identifier: `urn:test:api-${n}`, ...signed, description: 'd' }),
    (n) => ({ name: 'B', identifier: `urn:test:renamed-${n}`, ...signed, description: 'e' }),
    [],
  ),
  ['GET /v1/plans', { ...bearer, lane: 'plans' }],
  [
    'POST /v1/plans',
    {
      ...bearer,
      lane: 'plans',
      body: (n) => ({
        id: `plan-${n}`,
        name: 'P',
        limits: [limit],
        whenUnavailable: 'deny',
        entitlement: ['*:*'],
      }),
    },
  ],
  ['DELETE /v1/plans/:id', { ...bearer, lane: 'plans', parameter: 'no-such-plan' }],
  [
    'PATCH /v1/plans/:id',
    {
      ...bearer,
      lane: 'plans',
      parameter: 'some-plan',
      body: () => ({ name: 'P', limits: [limit], whenUnavailable: 'local', entitlement: ['*:*'], observe: null }),
    },
  ],
  [
    'PUT /v1/plans/:id',
    {
      ...bearer,
      lane: 'plans',
      parameter: 'some-plan',
      body: () => ({ name: 'P', limits: [limit], whenUnavailable: 'deny', entitlement: ['*:*'] }),
    },
  ],
];
