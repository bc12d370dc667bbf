// Every route of the native API, with who may use it. The matrix compares this table with the routes that are
// registered, so that a new one without a row fails. For tests only.

import { randomUUID } from 'node:crypto';
import Fastify from 'fastify';
import type { Core } from '../../../server/src/core/core.ts';
import { native } from '../../../server/src/dialects/native.ts';
import type { OrganizationFixture } from './organization-fixture.ts';

export interface Row {
  /** With the parameters filled in from a fixture. */
  path(fixture: OrganizationFixture): string;
  /** A body that is as it should be. */
  body?(): Record<string, unknown>;
  /** `open` takes no bearer, `anyone` takes any; else one of these permissions is needed. */
  needs: 'open' | 'anyone' | readonly string[];
  /** What the owner of another organization, which does not run the server, is answered; `own` where no id can cross. */
  crossing: 403 | 404 | 'own';
  /** What a caller without the permission is answered instead of 403. */
  lacking?: 404;
  /** Only a signed-in user can do it to itself: a token is answered 403, whatever it holds. */
  people?: true;
  /** What an open route answers to a token or link that nobody made, instead of 401. */
  answers?: 200 | 404;
}

const own = ['manage:own_api_key'] as const;
const serial = () => Math.random().toString(36).slice(2, 12);
const at = (path: string) => () => path;

const organization = ({ organization: id }: OrganizationFixture) => `/v1/organizations/${id}`;
const user = ({ user: id }: OrganizationFixture) => `/v1/users/${id}`;
const role = ({ role: name }: OrganizationFixture) => `/v1/roles/${name}`;
const apiUser = ({ apiUser: id }: OrganizationFixture) => `/v1/api-users/${id}`;
const federatedCredential = ({ federatedCredential: id }: OrganizationFixture) => `/v1/federated-credentials/${id}`;
const token = ({ token: id }: OrganizationFixture) => `/v1/tokens/${id}`;
const application = ({ application: id }: OrganizationFixture) => `/v1/applications/${id}`;
const authorization = ({ authorization: id }: OrganizationFixture) => `/v1/authorizations/${id}`;
const permission = ({ permission: name }: OrganizationFixture) => `/v1/permissions/${name}`;
const api = ({ api: handle }: OrganizationFixture) => `/v1/apis/${handle}`;
const then = (path: (fixture: OrganizationFixture) => string, act: string) => (fixture: OrganizationFixture) =>
  `${path(fixture)}/${act}`;

const password = 'a few words in a row';
const plan = () => ({
  name: 'A plan',
  limits: [{ limit: 10, windowMs: 60_000, per: 'organization', cap: null }],
  whenUnavailable: 'local',
  entitlement: ['*:*'],
});

export const table: Readonly<Record<string, Row>> = {
  'POST /v1/login': {
    path: at('/v1/login'),
    body: () => ({ email: 'nobody@nowhere.example', password }),
    needs: 'open',
    crossing: 'own',
  },
  'POST /v1/access-tokens': {
    path: at('/v1/access-tokens'),
    body: () => ({ username: 'nobody@nowhere.example', password }),
    needs: 'open',
    crossing: 'own',
  },
  'POST /v1/session': {
    path: at('/v1/session'),
    body: () => ({ email: 'nobody@nowhere.example', password }),
    needs: 'open',
    crossing: 'own',
  },
  'GET /v1/set-up': { path: at('/v1/set-up'), needs: 'open', crossing: 'own', answers: 200 },
  'POST /v1/set-up': {
    path: at('/v1/set-up'),
    body: () => ({ token: 'nobody made it', organization: 'umbrella', email: 'a@b.example', name: 'A', password }),
    needs: 'open',
    crossing: 'own',
    answers: 404,
  },
  'POST /v1/password-links/look': {
    path: at('/v1/password-links/look'),
    body: () => ({ token: 'nobody made it' }),
    needs: 'open',
    crossing: 'own',
    answers: 404,
  },
  'POST /v1/password-links/redeem': {
    path: at('/v1/password-links/redeem'),
    body: () => ({ token: 'nobody made it', password }),
    needs: 'open',
    crossing: 'own',
    answers: 404,
  },
  // Without a session there is none to see, to end or to confirm: 404.
  'GET /v1/session': { path: at('/v1/session'), needs: 'anyone', crossing: 'own' },
  'DELETE /v1/session': { path: at('/v1/session'), needs: 'anyone', crossing: 'own' },
  'POST /v1/session/confirmation': {
    path: at('/v1/session/confirmation'),
    body: () => ({ password }),
    needs: 'anyone',
    crossing: 'own',
  },
  'GET /v1/sessions': { path: at('/v1/sessions'), needs: 'anyone', crossing: 'own', people: true },
  'DELETE /v1/sessions': { path: at('/v1/sessions'), needs: 'anyone', crossing: 'own', people: true },
  'DELETE /v1/sessions/:id': { path: at('/v1/sessions/nobodys'), needs: 'anyone', crossing: 'own', people: true },
  'GET /v1/self': { path: at('/v1/self'), needs: 'anyone', crossing: 'own' },
  'PATCH /v1/self': {
    path: at('/v1/self'),
    body: () => ({ name: 'Myself' }),
    needs: 'anyone',
    crossing: 'own',
    people: true,
  },
  'POST /v1/self/second-factor': {
    path: at('/v1/self/second-factor'),
    body: () => ({ password }),
    needs: 'anyone',
    crossing: 'own',
    people: true,
  },
  'POST /v1/self/second-factor/confirmation': {
    path: at('/v1/self/second-factor/confirmation'),
    body: () => ({ code: '123456' }),
    needs: 'anyone',
    crossing: 'own',
    people: true,
  },
  'DELETE /v1/self/second-factor': {
    path: at('/v1/self/second-factor'),
    body: () => ({ password }),
    needs: 'anyone',
    crossing: 'own',
    people: true,
  },
  'PUT /v1/self/password': {
    path: at('/v1/self/password'),
    body: () => ({ current: password, next: `${password} again` }),
    needs: 'anyone',
    crossing: 'own',
    people: true,
  },

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
    path: then(organization, 'owners'),
    body: () => ({ email: `${serial()}@owners.example`, name: 'An owner' }),
    needs: ['create:organization'],
    crossing: 403,
  },
  'POST /v1/organizations/:id/deactivate': {
    path: then(organization, 'deactivate'),
    needs: ['update:organization'],
    crossing: 403,
  },
  'POST /v1/organizations/:id/activate': {
    path: then(organization, 'activate'),
    needs: ['update:organization'],
    crossing: 403,
  },
  'POST /v1/organizations/:id/reset-budget': {
    path: then(organization, 'reset-budget'),
    needs: ['update:plan'],
    crossing: 403,
  },

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
  'POST /v1/users/:id/deactivate': { path: then(user, 'deactivate'), needs: ['update:user'], crossing: 404 },
  'POST /v1/users/:id/activate': { path: then(user, 'activate'), needs: ['update:user'], crossing: 404 },
  'POST /v1/users/:id/password-link': { path: then(user, 'password-link'), needs: ['update:user'], crossing: 404 },
  'DELETE /v1/users/:id/second-factor': { path: then(user, 'second-factor'), needs: ['update:user'], crossing: 404 },
  'POST /v1/invitations': {
    path: at('/v1/invitations'),
    body: () => ({ email: `${serial()}@users.example`, name: 'Somebody', role: 'viewer' }),
    needs: ['create:user'],
    crossing: 'own',
  },
  'POST /v1/users/:id/reset-password': { path: then(user, 'reset-password'), needs: ['update:user'], crossing: 404 },

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

  'GET /v1/api-users': { path: at('/v1/api-users'), needs: ['read:api_user'], crossing: 'own' },
  'POST /v1/api-users': {
    path: at('/v1/api-users'),
    body: () => ({ name: 'Machine', role: 'viewer' }),
    needs: ['create:api_user'],
    crossing: 'own',
  },
  'GET /v1/api-users/:id': { path: apiUser, needs: ['read:api_user'], crossing: 404 },
  'PATCH /v1/api-users/:id': {
    path: apiUser,
    body: () => ({ name: 'Renamed', role: 'viewer' }),
    needs: ['update:api_user'],
    crossing: 404,
  },
  'DELETE /v1/api-users/:id': { path: apiUser, needs: ['delete:api_user'], crossing: 404 },
  'POST /v1/api-users/:id/deactivate': {
    path: then(apiUser, 'deactivate'),
    body: () => ({ cutOff: true }),
    needs: ['update:api_user'],
    crossing: 404,
  },
  'POST /v1/api-users/:id/activate': { path: then(apiUser, 'activate'), needs: ['update:api_user'], crossing: 404 },
  'POST /v1/api-users/:id/successor': {
    path: then(apiUser, 'successor'),
    needs: ['create:api_user', 'read:api_user'],
    crossing: 404,
  },
  'POST /v1/api-users/:id/rotate': {
    path: then(apiUser, 'rotate'),
    body: () => ({ overlapSeconds: 60 }),
    needs: ['update:api_user'],
    crossing: 404,
  },
  'DELETE /v1/api-users/:id/previous-password': {
    path: then(apiUser, 'previous-password'),
    needs: ['update:api_user'],
    crossing: 404,
  },
  'GET /v1/api-users/:id/access-tokens': {
    path: then(apiUser, 'access-tokens'),
    needs: ['read:api_user'],
    crossing: 404,
  },
  'POST /v1/api-users/:id/restore': {
    path: ({ deletedApiUser: id }) => `/v1/api-users/${id}/restore`,
    needs: ['delete:api_user'],
    crossing: 404,
  },

  'GET /v1/api-users/:id/federated-credentials': {
    path: then(apiUser, 'federated-credentials'),
    needs: ['read:api_user'],
    crossing: 404,
  },
  'POST /v1/api-users/:id/federated-credentials': {
    path: then(apiUser, 'federated-credentials'),
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
  'PATCH /v1/tokens/:id': {
    path: token,
    body: () => ({ name: `renamed ${serial()}`, description: 'Changed.', permissions: [] }),
    needs: [...own, 'update:organization_api_key'],
    crossing: 404,
  },
  'POST /v1/tokens/:id/reveal': {
    path: then(token, 'reveal'),
    body: () => ({ password }),
    needs: [...own, 'read:organization_api_key'],
    crossing: 404,
  },
  'POST /v1/tokens/:id/rotate': {
    path: then(token, 'rotate'),
    body: () => ({ overlapSeconds: 60 }),
    needs: [...own, 'update:organization_api_key'],
    crossing: 404,
  },
  'DELETE /v1/tokens/:id/previous-secret': {
    path: then(token, 'previous-secret'),
    needs: [...own, 'update:organization_api_key'],
    crossing: 404,
  },
  'DELETE /v1/tokens/:id': { path: token, needs: [...own, 'delete:organization_api_key'], crossing: 404 },
  'POST /v1/tokens/:id/deactivate': {
    path: then(token, 'deactivate'),
    needs: [...own, 'update:organization_api_key'],
    crossing: 404,
  },
  'POST /v1/tokens/:id/activate': {
    path: then(token, 'activate'),
    needs: [...own, 'update:organization_api_key'],
    crossing: 404,
  },
  'POST /v1/tokens/:id/restore': {
    path: ({ deletedToken: id }) => `/v1/tokens/${id}/restore`,
    needs: [...own, 'delete:organization_api_key'],
    crossing: 404,
    lacking: 404,
  },

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
    path: then(application, 'rotate'),
    needs: ['update:application'],
    crossing: 404,
  },
  'POST /v1/applications/:id/deactivate': {
    path: then(application, 'deactivate'),
    needs: ['update:application'],
    crossing: 404,
  },
  'POST /v1/applications/:id/activate': {
    path: then(application, 'activate'),
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
    path: then(permission, 'holders'),
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

  'GET /v1/signing-keys': { path: at('/v1/signing-keys'), needs: ['read:signing_key'], crossing: 'own' },
  'POST /v1/signing-keys/rotate': {
    path: at('/v1/signing-keys/rotate'),
    body: () => ({ profile: 'oauth' }),
    needs: ['rotate:signing_key'],
    crossing: 403,
  },
  'POST /v1/signing-keys/:kid/revoke': {
    path: ({ kid }) => `/v1/signing-keys/${kid}/revoke`,
    needs: ['rotate:signing_key'],
    crossing: 403,
  },

  'GET /v1/check': { path: at('/v1/check'), needs: 'anyone', crossing: 'own' },
  'POST /v1/verify': {
    path: at('/v1/verify'),
    body: () => ({ credential: 'nonsense' }),
    needs: ['verify:credential'],
    crossing: 'own',
  },

  'POST /v1/lookup': {
    path: at('/v1/lookup'),
    body: () => ({ secret: 'nonsense' }),
    needs: 'anyone',
    crossing: 'own',
  },

  'GET /v1/journal': { path: at('/v1/journal'), needs: ['read:journal'], crossing: 'own' },
  'GET /v1/journal/export': { path: at('/v1/journal/export'), needs: ['read:journal'], crossing: 'own' },
  'GET /v1/journal/chain': { path: at('/v1/journal/chain'), needs: ['read:journal'], crossing: 'own' },
  'GET /v1/usage': { path: at('/v1/usage'), needs: 'anyone', crossing: 'own' },
  'GET /v1/budget': { path: at('/v1/budget'), needs: 'anyone', crossing: 'own' },
  'GET /v1/verifiers': { path: at('/v1/verifiers'), needs: ['follow:feed', 'read:journal'], crossing: 'own' },
  'GET /v1/revoked-access-tokens': {
    path: at('/v1/revoked-access-tokens'),
    needs: ['follow:feed'],
    crossing: 'own',
  },
  'GET /v1/receipts/latest': {
    path: at('/v1/receipts/latest'),
    needs: ['follow:feed', 'read:journal'],
    crossing: 'own',
  },
  'GET /v1/settings': { path: at('/v1/settings'), needs: ['read:organization'], crossing: 'own' },
  'GET /v1/feed': { path: at('/v1/feed'), needs: ['follow:feed'], crossing: 'own' },
  'POST /v1/feed/acknowledgements': {
    path: at('/v1/feed/acknowledgements'),
    body: () => ({ verifier: 'a-verifier', cursor: 1 }),
    needs: ['follow:feed'],
    crossing: 'own',
  },
  'POST /v1/leases': {
    path: at('/v1/leases'),
    body: () => ({ verifier: 'a-verifier', leases: [{ wanted: 1 }] }),
    needs: ['follow:feed'],
    crossing: 'own',
  },
};

export const rows = Object.entries(table).map(([route, row]) => {
  const [method = '', pattern = ''] = route.split(' ');
  return { route, method, pattern, ...row };
});

/** The routes that the dialect registers, as `METHOD /path`. */
export async function registeredRoutes(): Promise<string[]> {
  const app = Fastify({ exposeHeadRoutes: false });
  const found: string[] = [];
  app.addHook('onRoute', ({ method, url }) => {
    found.push(...[method].flat().map((one) => `${one} ${url}`));
  });
  app.register(async (scope) => native.mount(scope, {} as Core));
  await app.ready();
  await app.close();
  return found;
}
