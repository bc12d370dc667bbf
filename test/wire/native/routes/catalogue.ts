// Routes of what can be granted: permissions, APIs and plans. For tests only.

import { randomUUID } from 'node:crypto';
import type { OrganizationFixture } from '../organization-fixture.ts';
import { at, type Rows, serial, under } from './row.ts';

const permission = ({ permission: name }: OrganizationFixture) => `/v1/permissions/${name}`;
const api = ({ api: handle }: OrganizationFixture) => `/v1/apis/${handle}`;

const plan = () => ({
  name: 'A plan',
  limits: [{ limit: 10, windowMs: 60_000, per: 'organization', cap: null }],
  whenUnavailable: 'local',
  entitlement: ['*:*'],
});

export const catalogue: Rows = {
  'GET /v1/permissions': { path: at('/v1/permissions'), needs: ['read:permission'], crossing: 'own' },
  'POST /v1/permissions': {
    path: at('/v1/permissions'),
    body: () => ({ name: `read:${serial()}`, description: 'A permission.' }),
    needs: ['create:permission'],
    crossing: 403,
  },
  'PATCH /v1/permissions/:name': {
    path: permission,
    body: () => ({ description: 'Changed.' }),
    needs: ['update:permission'],
    crossing: 403,
  },
  'GET /v1/permissions/:name/holders': {
    path: under(permission, 'holders'),
    needs: ['delete:permission'],
    crossing: 403,
  },
  'DELETE /v1/permissions/:name': { path: permission, needs: ['delete:permission'], crossing: 403 },

  'GET /v1/apis': { path: at('/v1/apis'), needs: ['read:permission'], crossing: 'own' },
  'POST /v1/apis': {
    path: at('/v1/apis'),
    body: () => ({ handle: `api-${serial()}`, name: 'An API' }),
    needs: ['create:permission'],
    crossing: 403,
  },
  'GET /v1/apis/:handle': { path: api, needs: ['read:permission'], crossing: 'own' },
  'PATCH /v1/apis/:handle': {
    path: api,
    body: () => ({ description: 'Changed.' }),
    needs: ['update:permission'],
    crossing: 403,
  },
  'DELETE /v1/apis/:handle': { path: api, needs: ['delete:permission'], crossing: 403 },

  'GET /v1/plans': { path: at('/v1/plans'), needs: ['read:plan'], crossing: 'own' },
  'POST /v1/plans': {
    path: at('/v1/plans'),
    body: () => ({ id: `new-plan-${randomUUID().slice(0, 8)}`, ...plan() }),
    needs: ['update:plan'],
    crossing: 403,
  },
  'DELETE /v1/plans/:id': { path: at('/v1/plans/a-plan'), needs: ['update:plan'], crossing: 403 },
  'PATCH /v1/plans/:id': {
    path: at('/v1/plans/enterprise'),
    body: () => ({ name: 'Enterprise' }),
    needs: ['update:plan'],
    crossing: 403,
  },
  'PUT /v1/plans/:id': { path: at('/v1/plans/a-plan'), body: plan, needs: ['update:plan'], crossing: 403 },
};
