// Routes of organizations. For tests only.

import type { OrganizationFixture } from '../organization-fixture.ts';
import { at, type Rows, serial, under } from './row.ts';

const organization = ({ organization: id }: OrganizationFixture) => `/v1/organizations/${id}`;

export const organizations: Rows = {
  'GET /v1/organizations': { path: at('/v1/organizations'), needs: ['read:organization'], crossing: 'own' },
  'POST /v1/organizations': {
    path: at('/v1/organizations'),
    body: () => ({ name: `organization-${serial()}`, planId: 'free', contributors: 1 }),
    needs: ['create:organization'],
    crossing: 403,
  },
  'GET /v1/organizations/:id': { path: organization, needs: ['read:organization'], crossing: 404 },
  'PATCH /v1/organizations/:id': {
    path: organization,
    body: () => ({ name: `renamed-${serial()}` }),
    needs: ['update:organization'],
    crossing: 404,
  },
  'DELETE /v1/organizations/:id': { path: organization, needs: ['delete:organization'], crossing: 403 },
  'POST /v1/organizations/:id/owners': {
    path: under(organization, 'owners'),
    body: () => ({ email: `${serial()}@owners.example`, name: 'An owner' }),
    needs: ['create:organization'],
    crossing: 403,
  },
  'POST /v1/organizations/:id/deactivate': {
    path: under(organization, 'deactivate'),
    needs: ['update:organization'],
    crossing: 403,
  },
  'POST /v1/organizations/:id/activate': {
    path: under(organization, 'activate'),
    needs: ['update:organization'],
    crossing: 403,
  },
  'POST /v1/organizations/:id/reset-budget': {
    path: under(organization, 'reset-budget'),
    needs: ['update:plan'],
    crossing: 403,
  },
  'GET /v1/suspensions': { path: at('/v1/suspensions'), needs: ['read:organization'], crossing: 403 },
  'POST /v1/suspensions/release': {
    path: at('/v1/suspensions/release'),
    body: () => ({ all: true }),
    needs: ['update:organization'],
    crossing: 403,
  },
};
