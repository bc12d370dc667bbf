// Endpoints of API tokens. For tests only.

import { bearer, noun, patterns, type Rows } from './row.ts';

const limit = { limit: 5, windowMs: 60_000 };

export const tokens: Rows = [
  ...noun(
    'tokens',
    '@@token@@',
    (n) => ({
      name: `token-${n}`,
      description: 'd',
      permissions: patterns,
      use: 'both',
      expiresAt: '2099-01-01T00:00:00Z',
      readable: true,
      addresses: ['192.0.2.0/24'],
      apis: null,
      limits: [limit],
      owner: { type: 'user', id: '@@user@@' },
      externalId: `key-${n}`,
      metadata: { n },
    }),
    (n) => ({
      name: `renamed-${n}`,
      description: 'e',
      permissions: patterns,
      addresses: [],
      observe: null,
      apis: null,
      limits: [limit],
      owner: { type: 'user', id: '@@user@@' },
      use: 'both',
      expiresAt: '2099-01-01T00:00:00Z',
      externalId: `key-${n}`,
      metadata: { n },
    }),
    ['deactivate', 'activate', 'restore'],
  ),
  [
    'POST /v1/tokens/bulk',
    { ...bearer, lane: 'tokens', body: () => ({ ids: ['@@token@@'], action: 'activate', descendants: false }) },
  ],
  [
    'POST /v1/tokens/:id/rotate',
    { ...bearer, lane: 'tokens', parameter: '@@token@@', body: () => ({ overlapSeconds: 0 }) },
  ],
  ['DELETE /v1/tokens/:id/previous-secret', { ...bearer, lane: 'tokens', parameter: '@@token@@' }],
  [
    'POST /v1/tokens/:id/reveal',
    { ...bearer, lane: 'tokens', parameter: '@@token@@', slow: true, body: () => ({ password: 'wrong' }) },
  ],
];
