// Endpoints of the bluebricks dialect. For tests only.

import { bearer, type Rows } from './row.ts';

export const bluebricks: Rows = [
  ['POST /api/v1/auth/key', { ...bearer, lane: 'tokens', body: (n) => ({ name: `key-${n}` }) }],
  ['GET /api/v1/auth/keys', { ...bearer, lane: 'tokens' }],
  ['POST /api/v1/auth/key/deactivate', { ...bearer, lane: 'tokens', body: () => ({ name: 'victim' }) }],
  ['POST /api/v1/auth/key/activate', { ...bearer, lane: 'tokens', body: () => ({ name: 'victim' }) }],
];
