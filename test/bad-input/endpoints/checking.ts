// Endpoints of checks, and of what is known of them: keys, journal, usage and feed; and the probes. For tests only.

import { canary } from '../headers.ts';
import { bearer, patterns, type Row, type Rows } from './row.ts';

export const checking: Rows = [
  ['GET /v1/check', bearer],
  [
    'POST /v1/verify',
    {
      ...bearer,
      body: () => ({
        credential: canary,
        permissions: patterns,
        dpop: { jkt: 'A'.repeat(43) },
        match: 'any',
        cost: 0,
        address: '192.0.2.1',
        cursor: 0,
        plan: 'no-such-plan',
        api: 'no-such-api',
        organization: 'acme',
      }),
    },
  ],
  ['GET /v1/signing-keys', { ...bearer, lane: 'signing-keys' }],
  [
    'POST /v1/signing-keys/rotate',
    { ...bearer, lane: 'signing-keys', slow: true, body: () => ({ profile: 'oauth', algorithm: 'ES256' }) },
  ],
  ['POST /v1/signing-keys/:kid/revoke', { ...bearer, lane: 'signing-keys', parameter: 'nosuchkey' }],
  ['GET /v1/journal', { ...bearer, changing: true }],
  ['GET /v1/journal/export', { ...bearer, changing: true }],
  ['GET /v1/journal/chain', { ...bearer, changing: true }],
  ['GET /v1/usage', { ...bearer, changing: true }],
  ['GET /v1/calls', { ...bearer, changing: true }],
  ['GET /v1/refusals/:id', { ...bearer, parameter: 'no-such-refusal' }],
  [
    'POST /v1/explain',
    {
      ...bearer,
      changing: true,
      body: () => ({
        credential: '@@token@@',
        method: 'GET',
        path: '/orders',
        permissions: patterns,
        match: 'any',
        api: 'no-such-api',
        address: '192.0.2.1',
      }),
    },
  ],
  ['GET /v1/observations', bearer],
  ['GET /v1/advice', { ...bearer, changing: true }],
  ['GET /v1/tokens/:id/advice', { ...bearer, parameter: '@@token@@', changing: true }],
  ['GET /v1/api-users/:id/advice', { ...bearer, parameter: 'no-such-api-user' }],
  ['GET /v1/budget', { ...bearer, changing: true }],
  ['GET /v1/verifiers', { ...bearer, changing: true }],
  ['GET /v1/revoked-access-tokens', bearer],
  [
    'POST /v1/verifier-reports',
    {
      ...bearer,
      body: () => ({
        ...{ verifier: 'v', sentAt: '2026-07-01T12:00:00Z', calls: [], findings: [] },
        uses: [{ credential: { type: 'api_token', id: 'x' }, permissions: ['read:x'], apis: ['x'], addresses: ['x'] }],
        observed: [
          {
            ...{ credential: { type: 'api_token', id: 'x' }, subject: { type: 'api_token', id: 'x' } },
            ...{ bound: 'narrowing', until: '2026-07-02T12:00:00Z', reason: 'missing_permission', calls: 1 },
            last: { at: '2026-07-01T12:00:00Z', refusal: 'v0123456789ab-1' },
          },
        ],
      }),
    },
  ],
  ['GET /v1/receipts/latest', { ...bearer, changing: true }],
  ['GET /v1/settings', bearer],
  ['GET /v1/connection', { ...bearer, changing: true }],
  ['GET /v1/feed', bearer],
  ['POST /v1/feed/acknowledgements', { ...bearer, body: () => ({ verifier: 'v', cursor: 1 }) }],
  ['POST /v1/leases', { ...bearer, body: () => ({ verifier: 'v', cursor: 0, leases: [{ wanted: 1, returned: 1 }] }) }],
  [
    'POST /v1/lookup',
    { ...bearer, body: () => ({ secret: '@@token@@', start: 'kw_abc', lastFour: 'abcd', address: '192.0.2.1' }) },
  ],
  [
    'POST /v1/leaks',
    { credential: 'none', body: () => ({ tokens: [canary], url: 'https://git.example/a', source: 'ci' }) },
  ],
  ['GET /.well-known/jwks.json', { credential: 'none', lane: 'signing-keys' }],
  ...['GET /healthz', 'HEAD /healthz', 'GET /readyz', 'HEAD /readyz'].map((route): [string, Row] => [
    route,
    { credential: 'none' },
  ]),
];
