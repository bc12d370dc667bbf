// For each of core's operations, what somebody who wants more would try with it. An operation without a row does not
// compile. A text says why there is nothing to try. For tests only.

import { generateKeyPairSync, randomUUID } from 'node:crypto';
import type { Caller } from '../../server/src/core/caller/caller.ts';
import type { AccessTokenSource } from '../../server/src/core/caller/source.ts';
import type { Core } from '../../server/src/core/core.ts';
import type { Owner } from '../../server/src/core/credentials/api-token-owner.ts';
import type { TokenTerms } from '../../server/src/core/import/token-terms.ts';
import { passwordOfAll, type World } from './no-gain-world.ts';

/** Answers whose secrets or links the caller knows now. Refusals are thrown. */
export type Attempt = (core: Core, world: World) => Promise<AccessTokenSource[] | undefined> | Promise<void>;

const looks = 'It only looks.';
const ends = 'It ends or narrows and gives nothing.';
const machines = 'No caller comes to it: the machine itself and the program alone do.';
const proves = 'It gives what was proved to belong to the credential.';
const asks = 'It gives nothing until somebody lets it act for them, in what they may do themselves.';
const own = 'It concerns nobody but the caller, who gives the password.';

const name = () => `attempt-${randomUUID()}`;
const email = () => `${name()}@attempts.example`;
const user = (id: string): AccessTokenSource => ({ type: 'user', id });
const apiUser = (id: string): AccessTokenSource => ({ type: 'api_user', id });
const token = (id: string): AccessTokenSource => ({ type: 'api_token', id });

const ownKeys = { keys: [generateKeyPairSync('ec', { namedCurve: 'P-256' }).publicKey.export({ format: 'jwk' })] };

const roles = ['owner', 'admin', 'manager', 'viewer', 'lost'];
const lists = [['*:*'], ['read:*'], ['*:organization'], ['create:user', 'update:user'], ['read:plan']];
const tokens = ['full', 'narrow', 'deadFull', 'deletedFull', 'expiredFull', 'boundFull', 'idle'] as const;
const apiUsers = ['machine', 'deadMachine', 'deletedMachine', 'roleless'] as const;
const users = ['owner', 'admin', 'member', 'deadAdmin', 'invited'] as const;

export const attempts: Record<keyof Core, string | Attempt[]> = {
  inspect: proves,
  recognise: proves,
  verify: proves,
  admit: looks,
  verdictFor: looks,
  lookUp: looks,
  exchange: proves,
  grantToClient: proves,
  exchangeToken: proves,
  proveKey: proves,
  dpopNonce: looks,
  identifierOf: looks,
  identifyClient: proves,
  revokeAccessToken: ends,
  // Whoever has the private key is the API user.
  createFederatedCredential: apiUsers.map(
    (who): Attempt =>
      async (core, world) => {
        await core.createFederatedCredential(world.caller, world[who].id, {
          name: name(),
          issuer: null,
          jwks: ownKeys,
        });
        return [apiUser(world[who].id)];
      },
  ),
  updateFederatedCredential: [
    async (core, world) => {
      await core.updateFederatedCredential(world.caller, world.trusted.id, { jwks: ownKeys, jwksUri: null });
      return [apiUser(world.machine.id)];
    },
  ],
  listFederatedCredentials: looks,
  readFederatedCredential: looks,
  deleteFederatedCredential: ends,
  introspect: looks,
  introspectForApplication: looks,
  publicAddress: looks,
  readProtectedResource: looks,
  resourceMetadataOf: looks,
  createFirstOrganization: machines,
  isSetUp: looks,
  makeSetUpLink: machines,
  setUp: machines,
  startSession: proves,
  openSession: proves,
  readSession: looks,
  listSessions: looks,
  endSession: ends,
  endOtherSessions: ends,
  confirmSession: own,
  isOwnOrigin: looks,
  prepareSecondFactor: own,
  confirmSecondFactor: own,
  removeOwnSecondFactor: own,
  // Who has lost a second factor still has a password that nobody else knows.
  removeSecondFactor: ends,
  createOrganization: [
    async (core, { caller }) => void (await core.createOrganization(caller, { name: name(), isOperator: true })),
  ],
  addOwner: [
    async (core, { caller, operator }) => [
      user((await core.addOwner(caller, operator, { email: email(), name: 'X' })).user.id),
    ],
    async (core, { caller, customer }) => [
      user((await core.addOwner(caller, customer, { email: email(), name: 'X' })).user.id),
    ],
  ],
  readOrganization: looks,
  listOrganizations: looks,
  updateOrganization: [
    async (core, { caller, customer }) => void (await core.updateOrganization(caller, customer, { name: name() })),
  ],
  deactivateOrganization: ends,
  activateOrganization: [(core, { caller, customer }) => core.activateOrganization(caller, customer)],
  deleteOrganization: ends,
  createUser: roles.map(
    (role): Attempt =>
      async (core, { caller }) => [
        user((await core.createUser(caller, { email: email(), name: 'X', role, password: passwordOfAll })).user.id),
      ],
  ),
  readUser: looks,
  listUsers: looks,
  updateUser: roles.flatMap((role): Attempt[] => [
    async (core, { caller }) => void (await core.updateUser(caller, caller.owner.id, { role })),
    async (core, { caller, deadAdmin }) => void (await core.updateUser(caller, deadAdmin.id, { role })),
    async (core, { caller, member }) => void (await core.updateUser(caller, member.id, { role })),
  ]),
  deactivateUser: ends,
  activateUser: users.map(
    (who): Attempt =>
      (core, world) =>
        core.activateUser(world.caller, world[who].id),
  ),
  deleteUser: ends,
  deleteUserWithTokens: users.map(
    (who): Attempt =>
      async (core, world) => {
        const { type, id } = world.caller.owner;
        await core.deleteUserWithTokens(world.caller, world[who].id, { tokens: 'handover', to: { type, id } });
      },
  ),
  renameSelf: own,
  resetPassword: users.map(
    (who): Attempt =>
      async (core, world) => {
        await core.resetPassword(world.caller, world[who].id);
        return [user(world[who].id)];
      },
  ),
  changePassword: own,
  invite: roles.map(
    (role): Attempt =>
      async (core, { caller }) => [user((await core.invite(caller, { email: email(), name: 'X', role })).user.id)],
  ),
  makePasswordLink: users.map(
    (who): Attempt =>
      async (core, world) => {
        await core.makePasswordLink(world.caller, world[who].id);
        return [user(world[who].id)];
      },
  ),
  readLink: looks,
  redeemLink: proves,
  createRole: [...lists, []].flatMap((permissions): Attempt[] => [
    async (core, { caller }) => void (await core.createRole(caller, { name: name(), permissions })),
    async (core, { caller, roleless }) => {
      // Under the name of one that is gone, for whoever had that.
      await core.createRole(caller, { name: 'lost', permissions });
      await core.restoreApiUser(caller, roleless.id);
    },
  ]),
  listRoles: looks,
  updateRole: ['manager', 'reader', 'admin', 'member'].flatMap((role) =>
    lists.map(
      (permissions): Attempt =>
        async (core, { caller }) =>
          void (await core.updateRole(caller, role, { permissions })),
    ),
  ),
  deleteRole: ends,
  createApiUser: roles.map(
    (role): Attempt =>
      async (core, { caller }) => [apiUser((await core.createApiUser(caller, { name: 'X', role })).apiUser.id)],
  ),
  createSuccessor: apiUsers.map(
    (who): Attempt =>
      async (core, world) => [apiUser((await core.createSuccessor(world.caller, world[who].id)).apiUser.id)],
  ),
  readApiUser: looks,
  listApiUsers: looks,
  updateApiUser: apiUsers.flatMap((who) =>
    roles.map(
      (role): Attempt =>
        async (core, world) => {
          await core.updateApiUser(world.caller, world[who].id, { role });
        },
    ),
  ),
  deactivateApiUser: ends,
  activateApiUser: apiUsers.map(
    (who): Attempt =>
      (core, world) =>
        core.activateApiUser(world.caller, world[who].id),
  ),
  deleteApiUser: ends,
  restoreApiUser: apiUsers.map(
    (who): Attempt =>
      (core, world) =>
        core.restoreApiUser(world.caller, world[who].id),
  ),
  rotateApiUser: apiUsers.flatMap((who) =>
    [0, 3_600_000].map(
      (overlapMs): Attempt =>
        async (core, world) => {
          await core.rotateApiUser(world.caller, world[who].id, overlapMs);
          return [apiUser(world[who].id)];
        },
    ),
  ),
  endPasswordOverlap: ends,
  passwordRotationsOf: looks,
  createApiToken: lists.flatMap((permissions): Attempt[] => [
    async (core, { caller }) => [token((await core.createApiToken(caller, { permissions })).token.id)],
    async (core, { caller }) => [
      token((await core.createApiToken(caller, { permissions, expiresAt: Date.UTC(9999, 1) })).token.id),
    ],
    ...(['owner', 'admin', 'machine', 'deadMachine'] as const).map(
      (who): Attempt =>
        async (core, world) => {
          const owner = who === 'owner' || who === 'admin' ? user(world[who].id) : apiUser(world[who].id);
          return [token((await core.createApiToken(world.caller, { owner: owner as Owner, permissions })).token.id)];
        },
    ),
  ]),
  importApiTokens: lists.flatMap((permissions): Attempt[] => [
    (core, { caller }) => importOne(core, caller, { permissions }),
    (core, { caller }) => importOne(core, caller, { permissions, expiresAt: Date.UTC(9999, 1) }),
    ...(['owner', 'admin', 'machine', 'deadMachine'] as const).map(
      (who): Attempt =>
        (core, world) => {
          const owner = who === 'owner' || who === 'admin' ? user(world[who].id) : apiUser(world[who].id);
          return importOne(core, world.caller, { owner: owner as Owner, permissions });
        },
    ),
  ]),
  importUsers: roles.map(
    (role): Attempt =>
      async (core, { caller }) => {
        const username = email();
        const rows = [{ line: 1, username, role, passwordHash: hashOfAll }];
        if ((await core.importUsers(caller, { rows })).added === 0) return [];
        const page = await core.listUsers(caller, { limit: 500, sort: 'createdAt', descending: true });
        return page.items.filter((one) => one.email === username).map(({ id }) => user(id));
      },
  ),
  importApiUsers: roles.map(
    (role): Attempt =>
      async (core, { caller }) => {
        const username = email();
        const rows = [{ line: 1, username, role, passwordHash: hashOfAll }];
        if ((await core.importApiUsers(caller, { rows })).added === 0) return [];
        const page = await core.listApiUsers(caller, { limit: 500, sort: 'createdAt', descending: true });
        return page.items.filter((one) => one.username === username).map(({ id }) => apiUser(id));
      },
  ),
  createImportRecipe: 'It tells what secrets look like, and gives nobody one.',
  listImportRecipes: looks,
  readImportRecipe: looks,
  deleteImportRecipe: ends,
  listSecretShapes: looks,
  isMeantAsApiToken: looks,
  readApiToken: looks,
  listApiTokens: looks,
  ownerNamesOf: looks,
  updateApiToken: tokens.flatMap((which): Attempt[] => [
    ...(['machine', 'owner', 'admin'] as const).map(
      (who): Attempt =>
        async (core, world) => {
          const owner = { type: who === 'machine' ? 'api_user' : 'user', id: world[who].id } as const;
          await core.updateApiToken(world.caller, { id: world[which].id }, { owner });
        },
    ),
    async (core, world) => {
      const { type, id } = world.caller.owner;
      await core.updateApiToken(world.caller, { id: world[which].id }, { owner: { type, id } });
    },
    ...lists.map(
      (permissions): Attempt =>
        async (core, world) => {
          await core.updateApiToken(world.caller, { id: world[which].id }, { permissions });
        },
    ),
    async (core, world) => void (await core.updateApiToken(world.caller, { id: world[which].id }, { expiresAt: null })),
    async (core, world) => void (await core.updateApiToken(world.caller, { id: world[which].id }, { addresses: [] })),
    async (core, { caller }) => void (await core.updateApiToken(caller, { id: caller.id }, { expiresAt: null })),
    async (core, { caller }) => void (await core.updateApiToken(caller, { id: caller.id }, { permissions: ['*:*'] })),
    async (core, world) => {
      // An owner's token that an admin may know, and would have more.
      await core.rotateApiToken(world.caller, { id: world[which].id }, 0);
      await core.updateApiToken(world.caller, { id: world[which].id }, { permissions: ['*:*'] });
      return [token(world[which].id)];
    },
  ]),
  revealApiToken: own,
  deactivateApiToken: ends,
  activateApiToken: tokens.map(
    (which): Attempt =>
      async (core, world) => {
        await core.activateApiToken(world.caller, { id: world[which].id });
      },
  ),
  deleteApiToken: ends,
  restoreApiToken: tokens.map(
    (which): Attempt =>
      async (core, world) => {
        await core.restoreApiToken(world.caller, world[which].id);
      },
  ),
  listAllApiTokens: looks,
  lastUsesOf: looks,
  lastRefusalsOf: looks,
  statesOfApiTokens: looks,
  statesOfPeople: looks,
  lastUsesOfApiUsers: looks,
  rotateApiToken: tokens.map(
    (which): Attempt =>
      async (core, world) => {
        await core.rotateApiToken(world.caller, { id: world[which].id }, 3_600_000);
        return [token(world[which].id)];
      },
  ),
  endOverlap: ends,
  changeApiTokens: (['activate', 'restore'] as const).map(
    (action): Attempt =>
      async (core, world) => {
        await core.changeApiTokens(
          world.caller,
          tokens.map((which) => world[which].id),
          action,
        );
      },
  ),
  descendantsOf: looks,
  endWithDescendants: ends,
  reportLeaks: ends,
  isFromGitHub: machines,
  sawInClear: ends,
  reportGitHubMatches: ends,
  rotationsOf: looks,
  createApplication: asks,
  readApplication: looks,
  listApplications: looks,
  updateApplication: asks,
  rotateApplicationSecret: asks,
  deactivateApplication: ends,
  activateApplication: asks,
  deleteApplication: ends,
  applicationToAnswer: looks,
  takesClientUrls: looks,
  sealRequest: looks,
  readConsent: looks,
  answerConsent: asks,
  redeemCode: proves,
  requestDeviceCode: looks,
  readDevice: looks,
  answerDevice: asks,
  redeemDeviceCode: proves,
  refreshTokens: proves,
  revokeForApplication: ends,
  introspectRefreshToken: looks,
  listOwnAuthorizations: looks,
  listAuthorizations: looks,
  endOwnAuthorization: ends,
  endAuthorization: ends,
  readUsage: looks,
  readCalls: looks,
  explainRefusal: looks,
  explainCall: looks,
  listObservations: looks,
  takeReport: looks,
  adviseOnApiToken: looks,
  adviseOnApiUser: looks,
  adviseAll: looks,
  tellOwnUse: looks,
  countInFlight: looks,
  registerPermission: [
    async (core, { caller }) => void (await core.registerPermission(caller, { name: `read:${name()}` })),
  ],
  listPermissions: looks,
  describePermission: looks,
  readHolders: looks,
  deletePermission: ends,
  createApi: [async (core, { caller }) => void (await core.createApi(caller, { handle: name(), name: 'X' }))],
  listApis: looks,
  readApi: looks,
  updateApi: looks,
  deleteApi: ends,
  listPlans: looks,
  countSuspended: looks,
  releaseSuspended: [async (core, { caller }) => void (await core.releaseSuspended(caller, { all: true }))],
  resetBudget: [async (core, { caller }) => void (await core.resetBudget(caller, caller.organization.id))],
  createPlan: [
    async (core, { caller }) => {
      const plan = { name: 'X', limits: [{ limit: 1, windowMs: 1000, per: 'organization' }] } as const;
      await core.createPlan(caller, { id: name(), ...plan });
    },
  ],
  deletePlan: ends,
  putPlan: [
    async (core, { caller }) => {
      const plan = { name: 'X', limits: [{ limit: 1, windowMs: 1000, per: 'organization' }] } as const;
      await core.putPlan(caller, { id: name(), ...plan });
    },
  ],
  updatePlan: [async (core, { caller }) => void (await core.updatePlan(caller, 'anonymous', { limits: [] }))],
  listSigningKeys: looks,
  rotateSigningKey: machines,
  revokeSigningKey: ends,
  publicKeys: looks,
  listJournal: looks,
  exportJournal: looks,
  follow: looks,
  acknowledge: looks,
  receiptFor: looks,
  listVerifiers: looks,
  listRevokedTokens: looks,
  // It tells of what was done, and never a secret of another's.
  createWebhook: looks,
  listWebhooks: looks,
  readWebhook: looks,
  updateWebhook: looks,
  rotateWebhookSecret: looks,
  deleteWebhook: ends,
  testWebhook: looks,
  listWebhookDeliveries: looks,
  readWebhookDelivery: looks,
  repeatWebhookDelivery: looks,
  repeatDeadDeliveries: looks,
  latestReceipt: looks,
  readChain: looks,
  readBudget: looks,
  readConnection: looks,
  readSettings: looks,
  lease: looks,
  // It does what its caller says, in its caller's name.
  answerOnce: looks,
  actFor: roles.map(
    (role): Attempt =>
      async (core, { caller, customer }) => {
        const there = await core.actFor(caller, customer);
        const { apiUser: made } = await core.createApiUser(there, { name: 'X', role });
        const owner = { type: 'api_user', id: made.id } as const;
        const own = await core.createApiToken(there, { owner, permissions: ['read:plan'] });
        return [apiUser(made.id), token(own.token.id)];
      },
  ),
  openCursor: looks,
  sealCursor: looks,
  ready: looks,
};

const hashOfAll = '$2b$10$N9qo8uLOickgx2ZMRZoMyeIjZAgcfl7p92ldGxad68LJZdL17lhWy';

async function importOne(core: Core, caller: Caller, terms: Partial<TokenTerms>): Promise<AccessTokenSource[]> {
  const recipe = `r${randomUUID()}`;
  await core.createImportRecipe(caller, { name: recipe, algorithm: 'raw' });
  const rows = [{ line: 1, name: name(), secret: `${randomUUID()}${randomUUID()}` }];
  const { tokens: made } = await core.importApiTokens(caller, { id: 'attempt', recipe, defaults: terms, rows });
  return made.map(token);
}
