// An organization with one of everything in it, and a picture of all that the store holds of it. For tests only.

import { createHash, randomUUID } from 'node:crypto';
import { systemIn } from '../../../server/src/core/caller/caller.ts';
import type { PageRequest } from '../../../server/src/core/page.ts';
import type { Store } from '../../../server/src/core/ports.ts';
import type { Person, TestServer } from '../../server.ts';

/** What stands in paths. */
export interface OrganizationFixture {
  organization: string;
  user: string;
  apiUser: string;
  deletedApiUser: string;
  federatedCredential: string;
  token: string;
  deletedToken: string;
  recipe: string;
  application: string;
  authorization: string;
  webhook: string;
  delivery: string;
  role: string;
  permission: string;
  api: string;
  plan: string;
  kid: string;
}

/** Puts one of everything into an organization, in its owner's name. */
export async function createOrganizationFixture(
  server: TestServer,
  organization: { id: string; name: string },
  owner: Pick<Person, 'caller'>,
): Promise<OrganizationFixture> {
  const { core } = server;
  const machine = systemIn(organization);
  const email = `settler@${organization.name}.example`;
  const role = `role-of-${organization.name}`;
  const permission = `read:things-of-${organization.name}`;
  await core.registerPermission(machine, { name: permission, description: 'Of its own.' });
  await core.createRole(machine, { name: role, permissions: [permission] });
  const { user } = await core.createUser(machine, { email, name: 'Settler', role: 'member' });
  const { apiUser } = await core.createApiUser(machine, { name: 'Machine', role: 'member' });
  const gone = await core.createApiUser(machine, { name: 'Gone', role: 'member' });
  await core.deleteApiUser(machine, gone.apiUser.id);
  const trusted = { name: 'CI', issuer: 'https://issuer.example', conditions: { sub: 'acme' } };
  const federatedCredential = await core.createFederatedCredential(machine, apiUser.id, trusted);
  const { token } = await core.createApiToken(owner.caller, { permissions: ['read:funds'], readable: true });
  const ended = await core.createApiToken(owner.caller, { permissions: ['read:funds'] });
  await core.deleteApiToken(owner.caller, { id: ended.token.id });
  const recipe = await core.createImportRecipe(machine, { name: 'old-keys', algorithm: 'raw' });
  const { application } = await core.createApplication(owner.caller, {
    name: 'Reports',
    type: 'confidential',
    redirectUris: ['https://reports.example/callback'],
    permissions: ['read:funds'],
  });
  const authorization = await server.store.write((changes) =>
    changes.authorizations.put({
      id: randomUUID(),
      organizationId: organization.id,
      userId: user.id,
      applicationId: application.id,
      api: 'default',
      scope: ['read:funds'],
      createdAt: server.clock.now(),
      changedAt: server.clock.now(),
      lastUsedAt: null,
    }),
  );
  const { webhook } = await core.createWebhook(machine, { url: 'https://receiver.invalid/', events: ['token.leaked'] });
  const delivery = await core.testWebhook(machine, webhook.id);
  return {
    organization: organization.id,
    user: user.id,
    apiUser: apiUser.id,
    deletedApiUser: gone.apiUser.id,
    federatedCredential: federatedCredential.id,
    token: token.id,
    deletedToken: ended.token.id,
    recipe: recipe.id,
    application: application.id,
    authorization: authorization.id,
    webhook: webhook.id,
    delivery: delivery.id,
    role,
    permission,
    api: 'default',
    plan: 'free',
    kid: (await core.listSigningKeys(machine))[0]?.kid ?? '',
  };
}

/** A checksum of every row of an organization, password hashes and journal included. */
export async function checksumOf(store: Store, organizationId: string): Promise<string> {
  const every: PageRequest = { limit: 10_000, sort: 'createdAt', descending: false };
  const users = (await store.users.list(organizationId, every)).items;
  const apiUsers = (await store.apiUsers.list(organizationId, every)).items;
  const tokens = (await store.apiTokens.list(organizationId, every)).items;
  const rows = [
    await store.organizations.find(organizationId),
    users,
    await Promise.all(users.map(({ email }) => store.users.findPassword(email))),
    apiUsers,
    await Promise.all(apiUsers.map(({ username }) => store.apiUsers.findPassword(username))),
    (await store.apiUsers.list(organizationId, { ...every, deleted: 'only' })).items,
    await Promise.all(
      apiUsers.map(({ id }) => store.federatedCredentials.list(organizationId, { type: 'api_user', id })),
    ),
    tokens,
    [
      ...(await store.previousSecrets.of(
        organizationId,
        tokens.map(({ id }) => id),
      )),
    ],
    [
      ...(await store.previousPasswords.of(
        organizationId,
        apiUsers.map(({ id }) => id),
      )),
    ],
    (await store.apiTokens.list(organizationId, { ...every, deleted: 'only' })).items,
    (await store.applications.list(organizationId, every)).items,
    (await store.authorizations.list(organizationId, {}, { limit: 10_000 })).items,
    (await store.webhooks.list(organizationId)).map(({ failingSince, nextTryAt, ...webhook }) => webhook),
    await store.roles.list(organizationId),
    await store.recipes.list(organizationId),
    await store.journal.latest(organizationId, 10_000),
  ];
  return createHash('sha256').update(JSON.stringify(rows)).digest('hex');
}
