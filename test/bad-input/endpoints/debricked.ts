// Endpoints of the debricked dialect. For tests only.

import { bearer, patterns, type Rows } from './row.ts';

const accessTokens = '/api/1.0/open/access-tokens';
export const debricked: Rows = [
  [
    'POST /api/login_check',
    {
      credential: 'body',
      lane: 'sign-in',
      slow: true,
      body: () => ({ _username: 'x@acme.example', _password: 'wrong' }),
    },
  ],
  ['POST /api/login_refresh', { credential: 'body', lane: 'sign-in', body: () => ({ refresh_token: 'wrong' }) }],
  ['GET /app/oauth/authorize', { credential: 'none' }],
  [
    'POST /app/oauth/token',
    {
      credential: 'body',
      lane: 'sign-in',
      body: () => ({
        grant_type: 'refresh_token',
        refresh_token: 'wrong',
        client_id: 'x',
        client_secret: 'wrong',
        code: 'wrong',
        redirect_uri: 'http://localhost:9096/callback',
        code_verifier: 'wrong',
      }),
    },
  ],
  ...[accessTokens, `${accessTokens}/`].flatMap(
    (path): Rows => [
      [`GET ${path}`, { ...bearer, lane: 'tokens' }],
      [
        `POST ${path}`,
        { ...bearer, lane: 'tokens', body: () => ({ description: 'd', adminToken: false, access: patterns }) },
      ],
    ],
  ),
  [
    `POST ${accessTokens}/update-access-token`,
    { ...bearer, lane: 'tokens', body: () => ({ tokenId: 7, description: 'e', adminToken: false, access: patterns }) },
  ],
  [`DELETE ${accessTokens}/:tokenId`, { ...bearer, lane: 'tokens', parameter: '@@number@@' }],
];
