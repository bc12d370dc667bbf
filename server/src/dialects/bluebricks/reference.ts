// What the description of the API says of Bluebricks' language. Its answers have no schema that writes them: here they are
// for readers, and tests hold them against what is answered.

import { Type } from 'typebox';
import { type Reference, samples } from '../operation.ts';

const TimeOrNull = Type.Union([Type.String({ format: 'date-time' }), Type.Null()]);

const Key = Type.Object({
  id: Type.String(),
  name: Type.String(),
  created_at: Type.String({ format: 'date-time' }),
  expiration_time: TimeOrNull,
  updated_at: TimeOrNull,
  created_by: Type.Object({
    id: Type.String(),
    name: Type.String(),
    nickname: Type.String(),
    picture: Type.String(),
  }),
  is_disabled: Type.Boolean(),
});

const update = { credential: 'bearer', permissions: ['update:organization_api_key'], fails: ['not_found'] } as const;
const name = samples.keyName;

export const reference: Reference = {
  about: "Bluebricks' API: the organization's API keys by name.",
  error: Type.Object({ statusCode: Type.Integer(), message: Type.String(), error: Type.String() }),
  operations: {
    'POST /api/v1/auth/key': {
      id: 'bluebricksCreateKey',
      summary: 'Create an API key',
      credential: 'bearer',
      permissions: ['create:organization_api_key'],
      fails: ['conflict'],
      answers: { 200: { 'application/json': Type.Object({ api_key: Type.String() }) } },
      body: { name },
    },
    'GET /api/v1/auth/keys': {
      id: 'bluebricksListKeys',
      summary: 'List API keys',
      credential: 'bearer',
      permissions: ['read:organization_api_key'],
      answers: {
        200: { 'application/json': Type.Object({ total: Type.Integer(), list: Type.Array(Key) }) },
      },
    },
    'POST /api/v1/auth/key/deactivate': {
      ...update,
      id: 'bluebricksDeactivateKey',
      summary: 'Deactivate an API key',
      answers: { 200: { 'application/json': Key } },
      body: { name },
    },
    'POST /api/v1/auth/key/activate': {
      ...update,
      id: 'bluebricksActivateKey',
      summary: 'Activate an API key',
      answers: { 200: { 'application/json': Key } },
      body: { name },
    },
  },
};
