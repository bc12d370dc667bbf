// Endpoints of applications, and of what people let them and their devices do. For tests only.

import { bearer, noun, patterns, type Rows } from './row.ts';

export const applications: Rows = [
  ...noun(
    'applications',
    'no-such-application',
    (n) => ({
      name: `application-${n}`,
      type: 'public',
      redirectUris: ['https://app.example/callback'],
      grants: ['authorization_code'],
      permissions: patterns,
      logoUrl: 'https://app.example/logo.png',
      jwksUri: null,
      jwks: null,
    }),
    (n) => ({
      name: `renamed-${n}`,
      redirectUris: ['https://app.example/other'],
      grants: ['authorization_code'],
      permissions: patterns,
      logoUrl: null,
      jwksUri: null,
      jwks: null,
    }),
    ['rotate', 'deactivate', 'activate'],
  ),
  ['GET /v1/authorizations', bearer],
  ['DELETE /v1/authorizations/:id', { ...bearer, parameter: 'no-such-authorization' }],
  ['GET /v1/self/authorizations', bearer],
  ['DELETE /v1/self/authorizations/:id', { ...bearer, parameter: 'no-such-authorization' }],
  ['POST /v1/consents/look', { ...bearer, body: () => ({ request: 'wrong' }) }],
  ['POST /v1/consents', { ...bearer, body: () => ({ request: 'wrong', allow: true, permissions: [] }) }],
  ['POST /v1/devices/look', { ...bearer, body: () => ({ userCode: 'wrong' }) }],
  ['POST /v1/devices', { ...bearer, body: () => ({ userCode: 'wrong', allow: true, permissions: [] }) }],
];
