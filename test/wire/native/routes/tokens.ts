// Routes of API tokens. For tests only.

import type { OrganizationFixture } from '../organization-fixture.ts';
import { at, password, type Rows, serial, under } from './row.ts';

const own = ['manage:own_api_key'] as const;
const token = ({ token: id }: OrganizationFixture) => `/v1/tokens/${id}`;

export const tokens: Rows = {
  'GET /v1/tokens': { path: at('/v1/tokens'), needs: [...own, 'read:organization_api_key'], crossing: 'own' },
  'POST /v1/tokens': {
    path: at('/v1/tokens'),
    body: () => ({
      name: `token ${serial()}`,
      description: 'A token.',
      permissions: [],
      use: 'both',
      expiresAt: '2099-12-31T23:59:59Z',
      readable: false,
    }),
    needs: [...own, 'create:organization_api_key'],
    crossing: 'own',
  },
  'POST /v1/tokens/bulk': {
    path: at('/v1/tokens/bulk'),
    body: () => ({ ids: ['00000000-0000-4000-8000-000000000000'], action: 'deactivate' }),
    needs: [...own, 'update:organization_api_key'],
    crossing: 'own',
  },
  'GET /v1/tokens/:id': { path: token, needs: [...own, 'read:organization_api_key'], crossing: 404 },
  'GET /v1/tokens/:id/advice': {
    path: under(token, 'advice'),
    needs: [...own, 'read:organization_api_key'],
    crossing: 404,
  },
  'PATCH /v1/tokens/:id': {
    path: token,
    body: () => ({ name: `renamed ${serial()}`, description: 'Changed.', permissions: [] }),
    needs: [...own, 'update:organization_api_key'],
    crossing: 404,
  },
  'POST /v1/tokens/:id/reveal': {
    path: under(token, 'reveal'),
    body: () => ({ password }),
    needs: [...own, 'read:organization_api_key'],
    crossing: 404,
  },
  'POST /v1/tokens/:id/rotate': {
    path: under(token, 'rotate'),
    body: () => ({ overlapSeconds: 60 }),
    needs: [...own, 'update:organization_api_key'],
    crossing: 404,
  },
  'DELETE /v1/tokens/:id/previous-secret': {
    path: under(token, 'previous-secret'),
    needs: [...own, 'update:organization_api_key'],
    crossing: 404,
  },
  'DELETE /v1/tokens/:id': { path: token, needs: [...own, 'delete:organization_api_key'], crossing: 404 },
  'POST /v1/tokens/:id/deactivate': {
    path: under(token, 'deactivate'),
    needs: [...own, 'update:organization_api_key'],
    crossing: 404,
  },
  'POST /v1/tokens/:id/activate': {
    path: under(token, 'activate'),
    needs: [...own, 'update:organization_api_key'],
    crossing: 404,
  },
  'POST /v1/tokens/:id/restore': {
    path: ({ deletedToken: id }) => `/v1/tokens/${id}/restore`,
    needs: [...own, 'delete:organization_api_key'],
    crossing: 404,
    lacking: 404,
  },
};
