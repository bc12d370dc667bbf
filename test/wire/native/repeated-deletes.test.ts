// Every DELETE that there is, done twice, held against what docs/api.md says: the same answer again where a record is left,
// 404 where nothing is, 401 where the credential itself is gone. Generated from the registered routes.

import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { SessionList } from '../../../sdk/src/wire.ts';
import { startServer, type TestServer } from '../../server.ts';
import { bearerOf, call, signIn } from './calls.ts';
import { rows } from './routes.ts';

interface Deletion {
  again: 204 | 404 | 401;
  /** Makes something to delete; answers its path, and who deletes it if that is not the owner's token. */
  make(): Promise<{ path: string; bearer?: string; body?: object }>;
}

let server: TestServer;
let owner: string;
beforeAll(async () => {
  server = await startServer();
  owner = await bearerOf(server, server.owner);
});
afterAll(() => server?.stop());

let made = 0;
const email = () => `gone-${++made}@example.com`;
const newUser = () => server.core.createUser(server.asOwner, { email: email(), name: 'Gone', role: 'member' });
async function newLogin() {
  const { user, password } = await newUser();
  return { id: user.id, password, bearer: await signIn(server, { email: user.email, password }) };
}
/** A user who has begun to set up a second factor. */
async function newSecondFactor() {
  const { id, password, bearer } = await newLogin();
  await call(server, 'POST', '/v1/self/second-factor', bearer, { password });
  return { id, password, bearer };
}

/** What somebody lets an application do. */
async function newAuthorization() {
  const { id: userId, bearer } = await newLogin();
  const wanted = { name: 'Tool', type: 'public', redirectUris: ['app.example:/x'], permissions: ['*:*'] } as const;
  const { application } = await server.core.createApplication(server.asOwner, wanted);
  const { id } = await server.store.write((changes) =>
    changes.authorizations.put({
      id: randomUUID(),
      organizationId: server.organization.id,
      userId,
      applicationId: application.id,
      api: 'default',
      scope: ['*:*'],
      createdAt: 1,
      changedAt: 1,
      lastUsedAt: null,
    }),
  );
  return { id, bearer };
}

const deletions: Record<string, Deletion> = {
  '/v1/organizations/:id': {
    again: 204,
    make: async () => ({ path: `/v1/organizations/${(await server.addOrganization(`gone-${++made}`)).id}` }),
  },
  '/v1/users/:id': { again: 204, make: async () => ({ path: `/v1/users/${(await newUser()).user.id}` }) },
  '/v1/api-users/:id': {
    again: 204,
    make: async () => {
      const { apiUser } = await server.core.createApiUser(server.asOwner, { name: 'Gone', role: 'member' });
      return { path: `/v1/api-users/${apiUser.id}` };
    },
  },
  '/v1/tokens/:id': {
    again: 204,
    make: async () => {
      const { token } = await server.core.createApiToken(server.asOwner, { permissions: [] });
      return { path: `/v1/tokens/${token.id}` };
    },
  },
  '/v1/federated-credentials/:id': {
    again: 404,
    make: async () => {
      const { apiUser } = await server.core.createApiUser(server.asOwner, { name: 'CI', role: 'member' });
      const trust = { name: 'CI', issuer: 'https://issuer.example', conditions: { sub: 'acme' } };
      const { id } = await server.core.createFederatedCredential(server.asOwner, apiUser.id, trust);
      return { path: `/v1/federated-credentials/${id}` };
    },
  },
  '/v1/import-recipes/:id': {
    again: 404,
    make: async () => {
      const recipe = await server.core.createImportRecipe(server.asOwner, { name: 'gone', algorithm: 'raw' });
      return { path: `/v1/import-recipes/${recipe.id}` };
    },
  },
  '/v1/webhooks/:id': {
    again: 404,
    make: async () => {
      const { webhook } = await server.core.createWebhook(server.asOwner, { url: 'https://receiver.invalid/' });
      return { path: `/v1/webhooks/${webhook.id}` };
    },
  },
  '/v1/applications/:id': {
    again: 204,
    make: async () => {
      const wanted = { name: 'Gone', type: 'public', redirectUris: ['app.example:/x'], permissions: ['*:*'] } as const;
      const { application } = await server.core.createApplication(server.asOwner, wanted);
      return { path: `/v1/applications/${application.id}` };
    },
  },
  '/v1/authorizations/:id': {
    again: 404,
    make: async () => ({ path: `/v1/authorizations/${(await newAuthorization()).id}` }),
  },
  '/v1/self/authorizations/:id': {
    again: 404,
    make: async () => {
      const { id, bearer } = await newAuthorization();
      return { path: `/v1/self/authorizations/${id}`, bearer };
    },
  },
  '/v1/sessions': {
    again: 204,
    make: async () => ({ path: '/v1/sessions', bearer: (await newLogin()).bearer }),
  },
  '/v1/roles/:name': {
    again: 404,
    make: async () => {
      const { name } = await server.core.createRole(server.asOwner, { name: `gone-${++made}`, permissions: [] });
      return { path: `/v1/roles/${name}` };
    },
  },
  '/v1/permissions/:name': {
    again: 404,
    make: async () => {
      const name = `read:gone-${++made}`;
      await server.core.registerPermission(server.asOwner, { name, description: '' });
      return { path: `/v1/permissions/${name}` };
    },
  },
  '/v1/apis/:handle': {
    again: 404,
    make: async () => {
      const { handle } = await server.core.createApi(server.asOwner, { handle: `gone-${++made}`, name: 'Gone' });
      return { path: `/v1/apis/${handle}` };
    },
  },
  '/v1/plans/:id': {
    again: 404,
    make: async () => {
      const plan = { name: 'Gone', limits: [], whenUnavailable: 'local', entitlement: ['*:*'] };
      await call(server, 'PUT', `/v1/plans/gone-${++made}`, owner, plan);
      return { path: `/v1/plans/gone-${made}` };
    },
  },
  '/v1/tokens/:id/previous-secret': {
    again: 404,
    make: async () => {
      const { token } = await server.core.createApiToken(server.asOwner, { permissions: [] });
      await server.core.rotateApiToken(server.asOwner, { id: token.id }, 3_600_000);
      return { path: `/v1/tokens/${token.id}/previous-secret` };
    },
  },
  '/v1/api-users/:id/previous-password': {
    again: 404,
    make: async () => {
      const { apiUser } = await server.core.createApiUser(server.asOwner, { name: 'Rotated', role: 'member' });
      await server.core.rotateApiUser(server.asOwner, apiUser.id, 3_600_000);
      return { path: `/v1/api-users/${apiUser.id}/previous-password` };
    },
  },
  '/v1/users/:id/second-factor': {
    again: 404,
    make: async () => ({ path: `/v1/users/${(await newSecondFactor()).id}/second-factor` }),
  },
  '/v1/self/second-factor': {
    again: 404,
    make: async () => {
      const { bearer, password } = await newSecondFactor();
      return { path: '/v1/self/second-factor', bearer, body: { password } };
    },
  },
  '/v1/sessions/:id': {
    again: 404,
    make: async () => {
      const { bearer, id, password } = await newLogin();
      const user = await server.store.users.find(server.organization.id, id);
      await signIn(server, { email: user?.email ?? '', password });
      const { items } = (await call<SessionList>(server, 'GET', '/v1/sessions', bearer)).body;
      return { path: `/v1/sessions/${items.find(({ current }) => !current)?.id}`, bearer };
    },
  },
  '/v1/session': { again: 401, make: async () => ({ path: '/v1/session', bearer: (await newLogin()).bearer }) },
};

const routes = rows.filter(({ method }) => method === 'DELETE').map(({ route }) => route.replace('DELETE ', ''));

test('is known of every DELETE that there is', () => {
  expect(Object.keys(deletions).sort()).toEqual(routes.sort());
});

describe.each(Object.entries(deletions))('DELETE %s', (_, { again, make }) => {
  test(`answers 204, and ${again} when it is repeated, journalling nothing twice`, async () => {
    const { path, bearer = owner, body } = await make();
    const first = await call(server, 'DELETE', path, bearer, body);
    expect(first.status, first.text).toBe(204);
    const head = await server.store.journal.head();
    expect((await call(server, 'DELETE', path, bearer, body)).status).toBe(again);
    expect(await server.store.journal.head()).toBe(head);
  });
});
