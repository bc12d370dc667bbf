// Endpoints of what is imported. For tests only.

import { bearer, patterns, type Rows } from './row.ts';

const recipe = { ...bearer, lane: 'tokens', parameter: '@@recipe@@' };

export const imports: Rows = [
  ['GET /v1/import-recipes', { ...bearer, lane: 'tokens' }],
  [
    'POST /v1/import-recipes',
    {
      ...bearer,
      lane: 'tokens',
      body: (n) => ({
        name: `recipe-${n}`,
        algorithm: 'sha256',
        encoding: 'hex',
        shape: { prefix: 'old_', suffix: '', alphabet: 'base62', minLength: 20, maxLength: 40 },
        hashed: 'after_prefix',
        before: 'a',
        after: 'b',
        salt: 'before',
        locator: { start: 4, length: 8 },
        pepper: { secret: 'pepper', as: 'after' },
      }),
    },
  ],
  ['GET /v1/import-recipes/:id', recipe],
  ['DELETE /v1/import-recipes/:id', recipe],
  [
    'POST /v1/imports/tokens',
    {
      ...bearer,
      lane: 'tokens',
      body: (n) => ({
        import: 'a file',
        recipe: 'old-keys',
        defaults: { permissions: patterns, use: 'both', expiresAt: '2099-01-01T00:00:00Z' },
        rows: [
          {
            line: n,
            name: `imported-${n}`,
            description: 'd',
            secret: `old-secret-of-${n}`,
            addresses: ['192.0.2.0/24'],
            apis: null,
            limits: [{ limit: 5, windowMs: 60_000 }],
            owner: { type: 'user', id: '@@user@@' },
            externalId: `imported-${n}`,
            metadata: { n },
          },
        ],
        dryRun: false,
        samples: ['old-secret-of-1'],
      }),
    },
  ],
  [
    'POST /v1/imports/users',
    {
      ...bearer,
      lane: 'users',
      body: (n) => ({
        rows: [
          {
            line: n,
            username: `imported-${n}@example.com`,
            name: 'Ann',
            role: 'viewer',
            passwordHash: '$2b$10$N9qo8uLOickgx2ZMRZoMyeIjZAgcfl7p92ldGxad68LJZdL17lhWy',
          },
        ],
        dryRun: false,
      }),
    },
  ],
  [
    'POST /v1/imports/api-users',
    {
      ...bearer,
      lane: 'users',
      body: (n) => ({
        rows: [
          {
            line: n,
            username: `imported machine ${n}`,
            name: 'Robot',
            role: 'viewer',
            passwordHash: '$2b$10$N9qo8uLOickgx2ZMRZoMyeIjZAgcfl7p92ldGxad68LJZdL17lhWy',
            externalId: `imported-machine-${n}`,
            metadata: { n },
          },
        ],
        dryRun: false,
      }),
    },
  ],
  ['GET /v1/secret-shapes', { ...bearer, lane: 'tokens' }],
];
