// Routes of signing in, of sessions, and of what people do to themselves. For tests only.

import { at, password, type Rows } from './row.ts';

export const session: Rows = {
  'POST /v1/login': {
    path: at('/v1/login'),
    body: () => ({ email: 'nobody@nowhere.example', password }),
    needs: 'open',
    crossing: 'own',
  },
  'POST /v1/access-tokens': {
    path: at('/v1/access-tokens'),
    body: () => ({ username: 'nobody@nowhere.example', password }),
    needs: 'open',
    crossing: 'own',
  },
  'POST /v1/session': {
    path: at('/v1/session'),
    body: () => ({ email: 'nobody@nowhere.example', password }),
    needs: 'open',
    crossing: 'own',
  },
  'GET /v1/set-up': { path: at('/v1/set-up'), needs: 'open', crossing: 'own', answers: 200 },
  'POST /v1/set-up': {
    path: at('/v1/set-up'),
    body: () => ({ token: 'nobody made it', organization: 'umbrella', email: 'a@b.example', name: 'A', password }),
    needs: 'open',
    crossing: 'own',
    answers: 404,
  },
  'POST /v1/password-links/look': {
    path: at('/v1/password-links/look'),
    body: () => ({ token: 'nobody made it' }),
    needs: 'open',
    crossing: 'own',
    answers: 404,
  },
  'POST /v1/password-links/redeem': {
    path: at('/v1/password-links/redeem'),
    body: () => ({ token: 'nobody made it', password }),
    needs: 'open',
    crossing: 'own',
    answers: 404,
  },
  // Without a session there is none to see, to end or to confirm: 404.
  'GET /v1/session': { path: at('/v1/session'), needs: 'anyone', crossing: 'own' },
  'DELETE /v1/session': { path: at('/v1/session'), needs: 'anyone', crossing: 'own' },
  'POST /v1/session/confirmation': {
    path: at('/v1/session/confirmation'),
    body: () => ({ password }),
    needs: 'anyone',
    crossing: 'own',
  },
  'GET /v1/sessions': { path: at('/v1/sessions'), needs: 'anyone', crossing: 'own', people: true },
  'DELETE /v1/sessions': { path: at('/v1/sessions'), needs: 'anyone', crossing: 'own', people: true },
  'DELETE /v1/sessions/:id': { path: at('/v1/sessions/nobodys'), needs: 'anyone', crossing: 'own', people: true },
  'GET /v1/self': { path: at('/v1/self'), needs: 'anyone', crossing: 'own' },
  'PATCH /v1/self': {
    path: at('/v1/self'),
    body: () => ({ name: 'Myself' }),
    needs: 'anyone',
    crossing: 'own',
    people: true,
  },
  'POST /v1/self/second-factor': {
    path: at('/v1/self/second-factor'),
    body: () => ({ password }),
    needs: 'anyone',
    crossing: 'own',
    people: true,
  },
  'POST /v1/self/second-factor/confirmation': {
    path: at('/v1/self/second-factor/confirmation'),
    body: () => ({ code: '123456' }),
    needs: 'anyone',
    crossing: 'own',
    people: true,
  },
  'DELETE /v1/self/second-factor': {
    path: at('/v1/self/second-factor'),
    body: () => ({ password }),
    needs: 'anyone',
    crossing: 'own',
    people: true,
  },
  'PUT /v1/self/password': {
    path: at('/v1/self/password'),
    body: () => ({ current: password, next: `${password} again` }),
    needs: 'anyone',
    crossing: 'own',
    people: true,
  },
};
