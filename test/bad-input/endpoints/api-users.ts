// Endpoints of API users, and of what outside tokens they take. For tests only.

import { bearer, noun, type Row, type Rows } from './row.ts';

/** Whose outside tokens are taken. */
const trust = {
  issuer: 'https://issuer.example',
  audience: 'keyward',
  conditions: { sub: 'acme' },
  jwksUri: 'https://issuer.example/keys',
  jwks: null,
};

const { issuer: _, ...change } = trust;

export const apiUsers: Rows = [
  ...noun(
    'api-users',
    '@@apiUser@@',
    (n) => ({ name: 'A', role: 'viewer', externalId: `till-${n}`, metadata: { n } }),
    (n) => ({ name: 'B', role: 'member', externalId: `till-${n}`, metadata: { n } }),
    ['activate', 'restore'],
  ),
  [
    'POST /v1/api-users/:id/deactivate',
    { ...bearer, lane: 'api-users', parameter: '@@apiUser@@', body: () => ({ cutOff: true }) },
  ],
  [
    'POST /v1/api-users/:id/rotate',
    { ...bearer, lane: 'api-users', parameter: '@@apiUser@@', body: () => ({ overlapSeconds: 0 }) },
  ],
  ['DELETE /v1/api-users/:id/previous-password', { ...bearer, lane: 'api-users', parameter: '@@apiUser@@' }],
  ['POST /v1/api-users/:id/successor', { ...bearer, lane: 'api-users', parameter: '@@apiUser@@' }],
  ['GET /v1/api-users/:id/access-tokens', { ...bearer, lane: 'api-users', parameter: '@@apiUser@@' }],
  ['GET /v1/api-users/:id/federated-credentials', { ...bearer, lane: 'api-users', parameter: '@@apiUser@@' }],
  [
    'POST /v1/api-users/:id/federated-credentials',
    { ...bearer, lane: 'api-users', parameter: '@@apiUser@@', body: (n) => ({ name: `CI ${n}`, ...trust }) },
  ],
  ...(['GET', 'PATCH', 'DELETE'] as const).map((method): [string, Row] => [
    `${method} /v1/federated-credentials/:id`,
    {
      ...bearer,
      lane: 'api-users',
      parameter: '@@apiUser@@',
      ...(method === 'PATCH' && { body: () => ({ ...change, name: 'CI' }) }),
    },
  ]),
];
