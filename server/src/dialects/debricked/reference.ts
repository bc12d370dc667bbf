// What the description of the API says of Debricked's language. Its answers have no schema that writes them: here they are
// for readers, and tests hold them against what is answered.

import { Type } from 'typebox';
import { type Reference, samples } from '../operation.ts';

const Jwt = Type.Object({ token: Type.String() });
const Nothing = Type.Object({});
const yesOrNo = Type.Optional(Type.Enum(['true', 'false', '0', '1']));
const digits = Type.Optional(Type.String({ pattern: '^[0-9]{1,9}$' }));
const order = Type.Optional(Type.Enum(['asc', 'desc']));

/** Tokens of RFC 6749 section 5.1. */
const Tokens = Type.Object({
  access_token: Type.String(),
  token_type: Type.String(),
  expires_in: Type.Integer(),
  refresh_token: Type.Optional(Type.String()),
});

const AccessToken = Type.Object({
  description: Type.Optional(Type.String()),
  created: Type.Optional(Type.String({ format: 'date-time' })),
  accessScopes: Type.Optional(Type.String()),
  tokenId: Type.Integer(),
  userId: Type.Union([Type.Integer(), Type.Null()]),
});

const ListQuery = Type.Object({
  page: digits,
  rowsPerPage: digits,
  sortColumn: Type.Optional(Type.Enum(['created', 'description', 'accessScopes'])),
  order,
  search: Type.Optional(Type.String()),
  generateCsv: yesOrNo,
  'visibleColumns[]': Type.Optional(Type.Array(Type.Enum(['description', 'created', 'accessScopes']))),
});

const json = (schema: Parameters<typeof Type.Array>[0]) => ({ 200: { 'application/json': schema } });
const own = 'manage:own_api_key';
const list = '/api/1.0/open/access-tokens';

/** With the words of RFC 6749 section 5.2 at the endpoints below `/app/oauth`. */
const DebrickedError = Type.Object({
  code: Type.Integer(),
  message: Type.String(),
  error: Type.Optional(Type.String()),
  error_description: Type.Optional(Type.String()),
});

export const reference: Reference = {
  about: "Debricked's API: a password or a long-lived access token for a JWT of an hour, and managing those tokens.",
  error: DebrickedError,
  operations: {
    'POST /api/login_check': {
      id: 'debrickedLogin',
      summary: 'A name and password for a JWT',
      credential: 'none',
      fails: ['unauthenticated', 'forbidden', 'too_many_requests'],
      answers: json(Jwt),
      body: { _username: samples.email, _password: samples.password },
    },
    'POST /api/login_refresh': {
      id: 'debrickedRefresh',
      summary: 'A long-lived access token for a JWT',
      credential: 'none',
      fails: ['unauthenticated', 'forbidden', 'too_many_requests'],
      answers: json(Jwt),
      body: { refresh_token: samples.apiToken },
    },
    'GET /app/oauth/authorize': {
      id: 'debrickedAuthorize',
      summary: 'Sign in with a browser, as `debricked auth login` does',
      description: 'For the command line of Debricked alone, and with PKCE (S256). The answer goes to a loopback port.',
      credential: 'none',
      needs: 'a browser',
      answers: { 302: null, 400: { 'text/html': Type.String(), 'application/json': DebrickedError } },
    },
    'POST /app/oauth/token': {
      id: 'debrickedToken',
      summary: 'A code or a refresh token for a JWT and the next refresh token',
      credential: 'none',
      fails: ['unauthenticated', 'too_many_requests'],
      answers: json(Tokens),
      body: {
        grant_type: 'authorization_code',
        client_id: '01919462-7d6e-78e8-aa24-ba779213c90f',
        code: 'the-code-that-came-to-the-loopback-port',
        redirect_uri: 'http://localhost:9096/callback',
        code_verifier: 'what-the-challenge-was-made-from-43-characters',
      },
      needs: 'somebody who has allowed it',
    },
    [`GET ${list}`]: {
      id: 'debrickedListTokens',
      summary: 'List access tokens',
      credential: 'bearer',
      permissions: [own, 'read:organization_api_key'],
      query: ListQuery,
      answers: { 200: { 'application/json': Type.Array(AccessToken), 'text/csv': Type.String() } },
    },
    [`POST ${list}`]: {
      id: 'debrickedCreateToken',
      summary: 'Create an access token',
      credential: 'bearer',
      permissions: [own, 'create:organization_api_key'],
      fails: ['conflict'],
      answers: json(Jwt),
      body: { description: 'Scans at night', adminToken: false, access: ['read:files'] },
    },
    [`POST ${list}/update-access-token`]: {
      id: 'debrickedUpdateToken',
      summary: 'Change an access token',
      credential: 'bearer',
      permissions: [own, 'update:organization_api_key'],
      fails: ['not_found'],
      answers: json(Nothing),
      body: { tokenId: samples.number, description: 'Scans in the morning' },
    },
    [`DELETE ${list}/:tokenId`]: {
      id: 'debrickedDeleteToken',
      summary: 'Delete an access token',
      credential: 'bearer',
      permissions: [own, 'delete:organization_api_key'],
      answers: json(Nothing),
    },
  },
};
