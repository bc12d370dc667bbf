// Routes of checks, and of what is known of them: keys, journal, usage and feed. For tests only.

import { at, type Rows } from './row.ts';

export const checking: Rows = {
  'GET /v1/signing-keys': { path: at('/v1/signing-keys'), needs: ['read:signing_key'], crossing: 'own' },
  'POST /v1/signing-keys/rotate': {
    path: at('/v1/signing-keys/rotate'),
    body: () => ({ profile: 'oauth' }),
    needs: ['rotate:signing_key'],
    crossing: 403,
  },
  'POST /v1/signing-keys/:kid/revoke': {
    path: ({ kid }) => `/v1/signing-keys/${kid}/revoke`,
    needs: ['rotate:signing_key'],
    crossing: 403,
  },

  'GET /v1/check': { path: at('/v1/check'), needs: 'anyone', crossing: 'own' },
  'POST /v1/verify': {
    path: at('/v1/verify'),
    body: () => ({ credential: 'nonsense' }),
    needs: ['verify:credential'],
    crossing: 'own',
  },

  'POST /v1/lookup': {
    path: at('/v1/lookup'),
    body: () => ({ secret: 'nonsense' }),
    needs: 'anyone',
    crossing: 'own',
  },

  'POST /v1/leaks': {
    path: at('/v1/leaks'),
    body: () => ({ tokens: ['nonsense'] }),
    needs: 'open',
    crossing: 'own',
    answers: 200,
  },

  'GET /v1/journal': { path: at('/v1/journal'), needs: ['read:journal'], crossing: 'own' },
  'GET /v1/journal/export': { path: at('/v1/journal/export'), needs: ['read:journal'], crossing: 'own' },
  'GET /v1/journal/chain': { path: at('/v1/journal/chain'), needs: ['read:journal'], crossing: 'own' },
  'GET /v1/usage': { path: at('/v1/usage'), needs: 'anyone', crossing: 'own' },
  'GET /v1/calls': { path: at('/v1/calls'), needs: 'anyone', crossing: 'own' },
  'GET /v1/refusals/:id': { path: at('/v1/refusals/00000000-1'), needs: 'anyone', crossing: 404 },
  'POST /v1/explain': {
    path: at('/v1/explain'),
    body: () => ({ credential: 'nonsense', permissions: [] }),
    needs: 'anyone',
    crossing: 'own',
  },
  'GET /v1/advice': { path: at('/v1/advice'), needs: ['read:organization_api_key'], crossing: 'own' },
  'GET /v1/observations': { path: at('/v1/observations'), needs: ['read:usage'], crossing: 'own' },
  'GET /v1/budget': { path: at('/v1/budget'), needs: 'anyone', crossing: 'own' },
  'GET /v1/verifiers': { path: at('/v1/verifiers'), needs: ['follow:feed', 'read:journal'], crossing: 'own' },
  'POST /v1/verifier-reports': {
    path: at('/v1/verifier-reports'),
    body: () => ({ verifier: 'a-verifier', sentAt: '2026-07-01T12:00:00Z' }),
    needs: ['follow:feed'],
    crossing: 'own',
  },
  'GET /v1/revoked-access-tokens': {
    path: at('/v1/revoked-access-tokens'),
    needs: ['follow:feed'],
    crossing: 'own',
  },
  'GET /v1/receipts/latest': {
    path: at('/v1/receipts/latest'),
    needs: ['follow:feed', 'read:journal'],
    crossing: 'own',
  },
  'GET /v1/settings': { path: at('/v1/settings'), needs: ['read:organization'], crossing: 'own' },
  'GET /v1/connection': { path: at('/v1/connection'), needs: 'anyone', crossing: 'own' },
  'GET /v1/feed': { path: at('/v1/feed'), needs: ['follow:feed'], crossing: 'own' },
  'POST /v1/feed/acknowledgements': {
    path: at('/v1/feed/acknowledgements'),
    body: () => ({ verifier: 'a-verifier', cursor: 1 }),
    needs: ['follow:feed'],
    crossing: 'own',
  },
  'POST /v1/leases': {
    path: at('/v1/leases'),
    body: () => ({ verifier: 'a-verifier', leases: [{ wanted: 1 }] }),
    needs: ['follow:feed'],
    crossing: 'own',
  },
};
