// Routes of applications, and of what people let them and their devices do. For tests only.

import type { OrganizationFixture } from '../organization-fixture.ts';
import { at, type Rows, serial, under } from './row.ts';

const application = ({ application: id }: OrganizationFixture) => `/v1/applications/${id}`;
const authorization = ({ authorization: id }: OrganizationFixture) => `/v1/authorizations/${id}`;

export const applications: Rows = {
  'GET /v1/applications': { path: at('/v1/applications'), needs: ['read:application'], crossing: 'own' },
  'POST /v1/applications': {
    path: at('/v1/applications'),
    body: () => ({
      name: 'An application',
      type: 'public',
      redirectUris: ['http://127.0.0.1/callback'],
      grants: ['authorization_code'],
      permissions: ['read:funds'],
      logoUrl: null,
    }),
    needs: ['create:application'],
    crossing: 'own',
  },
  'GET /v1/applications/:id': { path: application, needs: ['read:application'], crossing: 404 },
  'PATCH /v1/applications/:id': {
    path: application,
    body: () => ({ name: `renamed ${serial()}` }),
    needs: ['update:application'],
    crossing: 404,
  },
  'DELETE /v1/applications/:id': { path: application, needs: ['delete:application'], crossing: 404 },
  'POST /v1/applications/:id/rotate': {
    path: under(application, 'rotate'),
    needs: ['update:application'],
    crossing: 404,
  },
  'POST /v1/applications/:id/deactivate': {
    path: under(application, 'deactivate'),
    needs: ['update:application'],
    crossing: 404,
  },
  'POST /v1/applications/:id/activate': {
    path: under(application, 'activate'),
    needs: ['update:application'],
    crossing: 404,
  },

  'GET /v1/authorizations': { path: at('/v1/authorizations'), needs: ['read:authorization'], crossing: 'own' },
  'DELETE /v1/authorizations/:id': { path: authorization, needs: ['delete:authorization'], crossing: 404 },
  'GET /v1/self/authorizations': {
    path: at('/v1/self/authorizations'),
    needs: 'anyone',
    crossing: 'own',
    people: true,
  },
  'DELETE /v1/self/authorizations/:id': {
    path: at('/v1/self/authorizations/nobodys'),
    needs: 'anyone',
    crossing: 'own',
    people: true,
  },
  'POST /v1/consents/look': {
    path: at('/v1/consents/look'),
    body: () => ({ request: 'nobody made it' }),
    needs: 'anyone',
    crossing: 'own',
    people: true,
  },
  'POST /v1/consents': {
    path: at('/v1/consents'),
    body: () => ({ request: 'nobody made it', allow: true, permissions: [] }),
    needs: 'anyone',
    crossing: 'own',
    people: true,
  },
  'POST /v1/devices/look': {
    path: at('/v1/devices/look'),
    body: () => ({ userCode: 'nobodys' }),
    needs: 'anyone',
    crossing: 'own',
    people: true,
  },
  'POST /v1/devices': {
    path: at('/v1/devices'),
    body: () => ({ userCode: 'nobodys', allow: true, permissions: [] }),
    needs: 'anyone',
    crossing: 'own',
    people: true,
  },
};
