// Signing in, sessions, links that work once, and the caller itself: what the description says of them.

import { type Operations, samples } from '../../operation.ts';

const { email, password, apiToken } = samples;
const signIn = { credential: 'none', fails: ['unauthenticated', 'too_many_requests'] } as const;
const link = { credential: 'none', fails: ['not_found', 'too_many_requests'], needs: "a link's token" } as const;
const confirmed = { credential: 'person', needs: 'a session', fails: ['too_many_requests'] } as const;
const last = { credential: 'person', isLast: true, needs: 'a session to spare' } as const;
const linkToken = 'the-part-of-the-link-behind-the-hash';

export const signingIn: Operations = {
  'POST /v1/login': {
    ...signIn,
    id: 'login',
    summary: 'Sign in for an access token of twelve hours',
    fails: [...signIn.fails, 'second_factor_required'],
    body: { email, password },
  },
  'POST /v1/access-tokens': {
    ...signIn,
    id: 'createAccessToken',
    summary: 'Exchange an API token, or a name and password, for an access token',
    body: { apiToken, form: 'jwt', lifetimeSeconds: 3600 },
  },
  'POST /v1/session': {
    ...signIn,
    id: 'startSession',
    summary: 'Sign in with a cookie',
    description: 'For pages of this server: the session is in the `Set-Cookie` of the answer.',
    fails: [...signIn.fails, 'second_factor_required', 'forbidden'],
    body: { email, password },
  },
  'GET /v1/session': {
    id: 'readSession',
    summary: 'Read the session that asks',
    credential: 'person',
    fails: ['not_found'],
    needs: 'a session',
  },
  'DELETE /v1/session': { ...last, id: 'endSession', summary: 'Sign out', fails: ['not_found'] },
  'POST /v1/session/confirmation': {
    ...confirmed,
    id: 'confirmSession',
    summary: 'Show the password once more',
    fails: ['not_found', 'too_many_requests'],
    body: { password },
  },
  'GET /v1/sessions': { id: 'listSessions', summary: "List one's own sessions", credential: 'person' },
  'DELETE /v1/sessions': { id: 'endOtherSessions', summary: 'End all other sessions', credential: 'person' },
  'DELETE /v1/sessions/:id': { ...last, id: 'endOneSession', summary: "End one of one's own sessions" },
  'GET /v1/set-up': {
    id: 'readSetUp',
    summary: 'Ask whether the server waits for its first owner',
    credential: 'none',
  },
  'POST /v1/set-up': {
    ...link,
    id: 'setUp',
    summary: 'Make the first organization and its owner',
    fails: ['not_found', 'too_many_requests', 'forbidden', 'conflict'],
    body: { token: linkToken, organization: 'acme', email, name: 'Olivia Owner', password },
  },
  'POST /v1/password-links/look': {
    ...link,
    id: 'lookAtPasswordLink',
    summary: 'See whom a password link is for',
    body: { token: linkToken },
  },
  'POST /v1/password-links/redeem': {
    ...link,
    id: 'redeemPasswordLink',
    summary: 'Choose a password by a link',
    fails: ['not_found', 'too_many_requests', 'forbidden'],
    body: { token: linkToken, password },
  },
  'GET /v1/self': { id: 'readSelf', summary: 'See whose the credential is and what it may do' },
  'PATCH /v1/self': {
    id: 'renameSelf',
    summary: 'Rename oneself',
    credential: 'person',
    body: { name: 'Olivia Owner' },
  },
  'PUT /v1/self/password': {
    ...confirmed,
    id: 'changePassword',
    summary: "Change one's own password",
    fails: ['conflict', 'too_many_requests'],
    body: { current: 'the password until now', next: 'quite another row of words' },
    needs: 'a new password',
  },
  'POST /v1/self/second-factor': {
    ...confirmed,
    id: 'prepareSecondFactor',
    summary: 'Begin with a second factor',
    fails: ['conflict', 'too_many_requests'],
    body: { password },
  },
  'POST /v1/self/second-factor/confirmation': {
    ...confirmed,
    id: 'confirmSecondFactor',
    summary: 'Prove the second factor, which then counts',
    fails: ['conflict', 'too_many_requests'],
    body: { code: '123456' },
  },
  'DELETE /v1/self/second-factor': {
    ...confirmed,
    id: 'removeOwnSecondFactor',
    summary: "Remove one's own second factor",
    fails: ['not_found', 'conflict', 'too_many_requests'],
    body: { password },
  },
};
