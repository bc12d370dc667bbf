// What the description of the API says of Debricked's language. Its answers have no schema that writes them: here they are
// for readers, and tests hold them against what is answered.

import { Type } from 'typebox';
import { type Reference, samples } from './operation.ts';

const Jwt = Type.Object({ token: Type.String() });
const Nothing = Type.Object({});
const yesOrNo = Type.Optional(Type.Enum(['true', 'false', '0', '1']));
const digits = Type.Optional(Type.String({ pattern: '^[0-9]{1,9}$' }));
const order = Type.Optional(Type.Enum(['asc', 'desc']));

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

export const reference: Reference = {
  about: "Debricked's API: a password or a long-lived access token for a JWT of an hour, and managing those tokens.",
  error: Type.Object({ code: Type.Integer(), message: Type.String() }),
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
