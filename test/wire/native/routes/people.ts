// Routes of people, and of the roles that they have. For tests only.

import type { OrganizationFixture } from '../organization-fixture.ts';
import { at, type Rows, serial, under } from './row.ts';

const user = ({ user: id }: OrganizationFixture) => `/v1/users/${id}`;
const role = ({ role: name }: OrganizationFixture) => `/v1/roles/${name}`;

export const people: Rows = {
  'GET /v1/users': { path: at('/v1/users'), needs: ['read:user'], crossing: 'own' },
  'POST /v1/users': {
    path: at('/v1/users'),
    body: () => ({ email: `${serial()}@users.example`, name: 'Somebody', role: 'viewer' }),
    needs: ['create:user'],
    crossing: 'own',
  },
  'GET /v1/users/:id': { path: user, needs: ['read:user'], crossing: 404 },
  'PATCH /v1/users/:id': {
    path: user,
    body: () => ({ name: 'Renamed', role: 'viewer' }),
    needs: ['update:user'],
    crossing: 404,
  },
  'DELETE /v1/users/:id': { path: user, needs: ['delete:user'], crossing: 404 },
  'POST /v1/users/:id/deactivate': { path: under(user, 'deactivate'), needs: ['update:user'], crossing: 404 },
  'POST /v1/users/:id/activate': { path: under(user, 'activate'), needs: ['update:user'], crossing: 404 },
  'POST /v1/users/:id/password-link': { path: under(user, 'password-link'), needs: ['update:user'], crossing: 404 },
  'DELETE /v1/users/:id/second-factor': { path: under(user, 'second-factor'), needs: ['update:user'], crossing: 404 },
  'POST /v1/invitations': {
    path: at('/v1/invitations'),
    body: () => ({ email: `${serial()}@users.example`, name: 'Somebody', role: 'viewer' }),
    needs: ['create:user'],
    crossing: 'own',
  },
  'POST /v1/users/:id/reset-password': { path: under(user, 'reset-password'), needs: ['update:user'], crossing: 404 },

  'GET /v1/roles': { path: at('/v1/roles'), needs: ['read:role'], crossing: 'own' },
  'POST /v1/roles': {
    path: at('/v1/roles'),
    body: () => ({ name: `role-${serial()}`, description: 'A role.', permissions: ['read:funds'] }),
    needs: ['create:role'],
    crossing: 'own',
  },
  'PATCH /v1/roles/:name': {
    path: role,
    body: () => ({ description: 'Changed.', permissions: ['read:*'] }),
    needs: ['update:role'],
    crossing: 404,
  },
  'DELETE /v1/roles/:name': { path: role, needs: ['delete:role'], crossing: 404 },
};
