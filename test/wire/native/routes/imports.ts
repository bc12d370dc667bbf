// Routes of what is imported. For tests only.

import type { OrganizationFixture } from '../organization-fixture.ts';
import { at, type Rows, serial } from './row.ts';

const recipe = ({ recipe: id }: OrganizationFixture) => `/v1/import-recipes/${id}`;

export const imports: Rows = {
  'GET /v1/import-recipes': { path: at('/v1/import-recipes'), needs: ['read:organization_api_key'], crossing: 'own' },
  'POST /v1/import-recipes': {
    path: at('/v1/import-recipes'),
    body: () => ({ name: `recipe-${serial()}`, algorithm: 'raw' }),
    needs: ['create:organization_api_key'],
    crossing: 'own',
  },
  'GET /v1/import-recipes/:id': { path: recipe, needs: ['read:organization_api_key'], crossing: 404 },
  'DELETE /v1/import-recipes/:id': { path: recipe, needs: ['delete:organization_api_key'], crossing: 404 },
  'POST /v1/imports/tokens': {
    path: at('/v1/imports/tokens'),
    body: () => ({
      import: 'a file',
      recipe: 'old-keys',
      defaults: { permissions: [] },
      rows: [{ line: 1, name: `imported ${serial()}`, secret: `old-${serial()}-${serial()}` }],
    }),
    needs: ['manage:own_api_key', 'create:organization_api_key'],
    crossing: 'own',
  },
  'POST /v1/imports/users': {
    path: at('/v1/imports/users'),
    body: () => ({
      rows: [
        {
          line: 1,
          username: `${serial()}@imported.example`,
          role: 'viewer',
          passwordHash: '$2b$10$N9qo8uLOickgx2ZMRZoMyeIjZAgcfl7p92ldGxad68LJZdL17lhWy',
        },
      ],
    }),
    needs: ['create:user'],
    crossing: 'own',
  },
  'POST /v1/imports/api-users': {
    path: at('/v1/imports/api-users'),
    body: () => ({
      rows: [
        {
          line: 1,
          username: `imported machine ${serial()}`,
          role: 'viewer',
          passwordHash: '$2b$10$N9qo8uLOickgx2ZMRZoMyeIjZAgcfl7p92ldGxad68LJZdL17lhWy',
        },
      ],
    }),
    needs: ['create:api_user'],
    crossing: 'own',
  },
  'GET /v1/secret-shapes': { path: at('/v1/secret-shapes'), needs: ['verify:credential'], crossing: 'own' },
};
