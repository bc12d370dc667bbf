// Routes of API users, and of what outside tokens they take. For tests only.

import type { OrganizationFixture } from '../organization-fixture.ts';
import { at, type Rows, serial, under } from './row.ts';

const apiUser = ({ apiUser: id }: OrganizationFixture) => `/v1/api-users/${id}`;
const federatedCredential = ({ federatedCredential: id }: OrganizationFixture) => `/v1/federated-credentials/${id}`;

export const apiUsers: Rows = {
  'GET /v1/api-users': { path: at('/v1/api-users'), needs: ['read:api_user'], crossing: 'own' },
  'POST /v1/api-users': {
    path: at('/v1/api-users'),
    body: () => ({ name: 'Machine', role: 'viewer' }),
    needs: ['create:api_user'],
    crossing: 'own',
  },
  'GET /v1/api-users/:id': { path: apiUser, needs: ['read:api_user'], crossing: 404 },
  'GET /v1/api-users/:id/advice': { path: under(apiUser, 'advice'), needs: ['read:api_user'], crossing: 404 },
  'PATCH /v1/api-users/:id': {
    path: apiUser,
    body: () => ({ name: 'Renamed', role: 'viewer' }),
    needs: ['update:api_user'],
    crossing: 404,
  },
  'DELETE /v1/api-users/:id': { path: apiUser, needs: ['delete:api_user'], crossing: 404 },
  'POST /v1/api-users/:id/deactivate': {
    path: under(apiUser, 'deactivate'),
    body: () => ({ cutOff: true }),
    needs: ['update:api_user'],
    crossing: 404,
  },
  'POST /v1/api-users/:id/activate': { path: under(apiUser, 'activate'), needs: ['update:api_user'], crossing: 404 },
  'POST /v1/api-users/:id/successor': {
    path: under(apiUser, 'successor'),
    needs: ['create:api_user', 'read:api_user'],
    crossing: 404,
  },
  'POST /v1/api-users/:id/rotate': {
    path: under(apiUser, 'rotate'),
    body: () => ({ overlapSeconds: 60 }),
    needs: ['update:api_user'],
    crossing: 404,
  },
  'DELETE /v1/api-users/:id/previous-password': {
    path: under(apiUser, 'previous-password'),
    needs: ['update:api_user'],
    crossing: 404,
  },
  'GET /v1/api-users/:id/access-tokens': {
    path: under(apiUser, 'access-tokens'),
    needs: ['read:api_user'],
    crossing: 404,
  },
  'POST /v1/api-users/:id/restore': {
    path: ({ deletedApiUser: id }) => `/v1/api-users/${id}/restore`,
    needs: ['delete:api_user'],
    crossing: 404,
  },

  'GET /v1/api-users/:id/federated-credentials': {
    path: under(apiUser, 'federated-credentials'),
    needs: ['read:api_user'],
    crossing: 404,
  },
  'POST /v1/api-users/:id/federated-credentials': {
    path: under(apiUser, 'federated-credentials'),
    body: () => ({
      name: `CI ${serial()}`,
      issuer: 'https://issuer.example',
      audience: 'keyward',
      conditions: { sub: 'repo:acme/shop:*' },
      jwksUri: 'https://issuer.example/keys',
    }),
    needs: ['update:api_user'],
    crossing: 404,
  },
  'GET /v1/federated-credentials/:id': { path: federatedCredential, needs: ['read:api_user'], crossing: 404 },
  'PATCH /v1/federated-credentials/:id': {
    path: federatedCredential,
    body: () => ({ name: `CI ${serial()}`, conditions: { sub: 'repo:acme/till:*' } }),
    needs: ['update:api_user'],
    crossing: 404,
  },
  'DELETE /v1/federated-credentials/:id': { path: federatedCredential, needs: ['update:api_user'], crossing: 404 },
};
