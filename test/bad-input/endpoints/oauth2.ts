// Endpoints of the oauth2 dialect, without the forms that they take. For tests only.

import { grants, type Rows } from './row.ts';

export const oauth2: Rows = [
  ['GET /oauth/authorize', { credential: 'none' }],
  ['POST /oauth/device', { credential: 'basic' }],
  ['POST /oauth/token', { credential: 'basic', lane: 'sign-in' }],
  ['POST /oauth/introspect', { credential: 'basic' }],
  ['POST /oauth/revoke', { credential: 'basic' }],
  ['GET /.well-known/oauth-authorization-server', { credential: 'none' }],
  ['GET /.well-known/oauth-protected-resource', { credential: 'none', lane: grants }],
  ['GET /.well-known/oauth-protected-resource/*', { credential: 'none', lane: grants }],
];
