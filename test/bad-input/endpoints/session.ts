// Endpoints of signing in, of sessions, and of what people do to themselves. For tests only.

import { bearer, type Rows } from './row.ts';

export const session: Rows = [
  [
    'POST /v1/login',
    {
      credential: 'body',
      lane: 'sign-in',
      slow: true,
      body: () => ({ email: 'x@acme.example', password: 'wrong', code: '1' }),
    },
  ],
  [
    'POST /v1/access-tokens',
    {
      credential: 'body',
      lane: 'sign-in',
      slow: true,
      body: () => ({ username: 'x@api.keyward.local', password: 'wrong', form: 'jwt', lifetimeSeconds: 60 }),
    },
  ],
  [
    'POST /v1/session',
    {
      credential: 'body',
      lane: 'sign-in',
      slow: true,
      body: () => ({ email: 'x@acme.example', password: 'wrong', code: '123456' }),
    },
  ],
  ['GET /v1/set-up', { credential: 'none' }],
  [
    'POST /v1/set-up',
    {
      credential: 'body',
      body: () => ({
        token: 'wrong',
        organization: 'acme',
        email: 'a@acme.example',
        name: 'A',
        password: 'fifteen characters',
      }),
    },
  ],
  ['POST /v1/password-links/look', { credential: 'body', body: () => ({ token: 'wrong' }) }],
  [
    'POST /v1/password-links/redeem',
    { credential: 'body', body: () => ({ token: 'wrong', password: 'fifteen characters' }) },
  ],
  ['GET /v1/session', bearer],
  ['DELETE /v1/session', bearer],
  ['POST /v1/session/confirmation', { ...bearer, body: () => ({ password: 'wrong' }) }],
  ['GET /v1/sessions', bearer],
  ['DELETE /v1/sessions', bearer],
  ['DELETE /v1/sessions/:id', { ...bearer, parameter: 'nosuchsession' }],
  ['GET /v1/self', bearer],
  ['PATCH /v1/self', { ...bearer, body: () => ({ name: 'Myself' }) }],
  ['POST /v1/self/second-factor', { ...bearer, slow: true, body: () => ({ password: 'wrong' }) }],
  ['POST /v1/self/second-factor/confirmation', { ...bearer, body: () => ({ code: '123456' }) }],
  ['DELETE /v1/self/second-factor', { ...bearer, slow: true, body: () => ({ password: 'wrong' }) }],
  ['PUT /v1/self/password', { ...bearer, slow: true, body: () => ({ current: 'wrong', next: 'fifteen characters' }) }],
];
