// Every operation bound to its ports: the table of contents of the server. It decides nothing.

import { actFor } from './caller/acting.ts';
import { readConnection } from './caller/connection.ts';
import { openCursor, sealCursor } from './caller/cursor.ts';
import { answerOnce } from './caller/idempotency.ts';
import * as api from './catalogue/api.ts';
import * as permission from './catalogue/permission.ts';
import { readProtectedResource, resourceMetadataOf } from './catalogue/protected-resource.ts';
import { adviseOnApiToken, adviseOnApiUser } from './checking/advice/advise.ts';
import { adviseAll } from './checking/advice/advise-all.ts';
import { tellOwnUse } from './checking/advice/own-use.ts';
import { readBudget } from './checking/budget.ts';
import { explainCall } from './checking/calls/explain-call.ts';
import { explainRefusal, readCalls } from './checking/calls/read-calls.ts';
import { takeReport } from './checking/calls/verifier-report.ts';
import { introspect, introspectForApplication } from './checking/introspection.ts';
import { lease } from './checking/lease.ts';
import { lookUp } from './checking/lookup.ts';
import { listObservations } from './checking/observed/list.ts';
import * as plan from './checking/plan.ts';
import { resetBudget } from './checking/reset-budget.ts';
import { countInFlight, lastRefusalsOf, readUsage } from './checking/usage.ts';
import { admit, inspect, recognise, verify } from './checking/verify.ts';
import { verdictFor } from './checking/verify-for-caller.ts';
import * as apiToken from './credentials/api-token.ts';
import { changeApiTokens } from './credentials/api-token-bulk.ts';
import * as apiTokenLifecycle from './credentials/api-token-lifecycle.ts';
import * as apiTokenList from './credentials/api-token-list.ts';
import * as apiTokenRotation from './credentials/api-token-rotation.ts';
import * as apiUserRotation from './credentials/api-user-rotation.ts';
import { deleteUserWithTokens } from './credentials/departure.ts';
import { lastUsesOf, lastUsesOfApiUsers } from './credentials/last-uses.ts';
import { isFromGitHub } from './credentials/leaks/github.ts';
import { sawInClear } from './credentials/leaks/in-clear.ts';
import { reportLeaks } from './credentials/leaks/report.ts';
import { reportGitHubMatches } from './credentials/leaks/report-github.ts';
import { descendantsOf, endWithDescendants } from './credentials/lineage.ts';
import { statesOfApiTokens, statesOfPeople } from './credentials/states.ts';
import { KeywardError } from './errors.ts';
import * as federatedCredential from './federation/federated-credential.ts';
import { acknowledge, follow, latestReceipt, listRevokedTokens, listVerifiers, receiptFor } from './feed/feed.ts';
import * as webhookDelivery from './feed/webhooks/delivery.ts';
import * as webhook from './feed/webhooks/webhook.ts';
import * as apiUser from './identity/api-user.ts';
import * as organization from './identity/organization.ts';
import { invite, makePasswordLink, readLink, redeemLink } from './identity/password-link.ts';
import * as role from './identity/role.ts';
import * as secondFactor from './identity/second-factor.ts';
import * as session from './identity/session.ts';
import { createFirstOrganization, isSetUp, makeSetUpLink, setUp } from './identity/set-up.ts';
import * as user from './identity/user.ts';
import { changePassword, resetPassword } from './identity/user-password.ts';
import { importApiUsers } from './import/import-api-users.ts';
import { importApiTokens } from './import/import-tokens.ts';
import { importUsers } from './import/import-users.ts';
import * as importRecipe from './import/recipe.ts';
import { readChain } from './journal/chain-watch.ts';
import { exportJournal, listJournal } from './journal/search.ts';
import type { Ports } from './ports.ts';
import { readSettings } from './read-settings.ts';
import { countSuspended, releaseSuspended } from './recovery/release.ts';
import { isMeantAsApiToken as hasTokenForm } from './secret.ts';
import * as application from './tokens/applications/application.ts';
import * as applicationLifecycle from './tokens/applications/application-lifecycle.ts';
import * as authorization from './tokens/applications/authorization.ts';
import { redeemCode } from './tokens/applications/code-grant.ts';
import { answerConsent, readConsent } from './tokens/applications/consent/answer.ts';
import { answerDevice, readDevice } from './tokens/applications/device/answer.ts';
import { redeemDeviceCode } from './tokens/applications/device/grant.ts';
import { requestDeviceCode } from './tokens/applications/device/request.ts';
import { introspectRefreshToken } from './tokens/applications/introspection.ts';
import { refreshTokens } from './tokens/applications/refresh-grant.ts';
import { applicationToAnswer, sealRequest } from './tokens/applications/request.ts';
import { revokeForApplication } from './tokens/applications/revocation.ts';
import { listApplications, readApplication } from './tokens/applications/shown-application.ts';
import { identifyClient } from './tokens/client.ts';
import { exchange } from './tokens/exchange.ts';
import { exchangeToken, grantToClient } from './tokens/grant.ts';
import { dpopNonce, proveKey } from './tokens/possession.ts';
import { type JwtProfile, jwtProfiles } from './tokens/records.ts';
import { revokeAccessToken } from './tokens/revocation.ts';
import * as signedApi from './tokens/signed-api.ts';
import * as signingKeys from './tokens/signing-keys.ts';

const operations = {
  inspect,
  recognise,
  verify,
  admit,
  verdictFor,
  lookUp,
  exchange,
  identifyClient,
  grantToClient,
  exchangeToken,
  proveKey,
  dpopNonce,
  revokeAccessToken,
  introspect,
  introspectForApplication,
  createFirstOrganization,
  isSetUp,
  makeSetUpLink,
  setUp,
  startSession: session.startSession,
  openSession: session.openSession,
  readSession: session.readSession,
  listSessions: session.listSessions,
  endSession: session.endSession,
  endOtherSessions: session.endOtherSessions,
  confirmSession: session.confirmSession,
  isOwnOrigin: session.isOwnOrigin,
  prepareSecondFactor: secondFactor.prepareSecondFactor,
  confirmSecondFactor: secondFactor.confirmSecondFactor,
  removeOwnSecondFactor: secondFactor.removeOwnSecondFactor,
  removeSecondFactor: secondFactor.removeSecondFactor,
  createOrganization: organization.createOrganization,
  addOwner: organization.addOwner,
  readOrganization: organization.readOrganization,
  listOrganizations: organization.listOrganizations,
  updateOrganization: organization.updateOrganization,
  deactivateOrganization: organization.deactivateOrganization,
  activateOrganization: organization.activateOrganization,
  deleteOrganization: organization.deleteOrganization,
  createUser: user.createUser,
  readUser: user.readUser,
  listUsers: user.listUsers,
  updateUser: user.updateUser,
  deactivateUser: user.deactivateUser,
  activateUser: user.activateUser,
  deleteUser: user.deleteUser,
  deleteUserWithTokens,
  renameSelf: user.renameSelf,
  resetPassword,
  changePassword,
  invite,
  makePasswordLink,
  readLink,
  redeemLink,
  createRole: role.createRole,
  listRoles: role.listRoles,
  updateRole: role.updateRole,
  deleteRole: role.deleteRole,
  createApiUser: apiUser.createApiUser,
  createSuccessor: apiUser.createSuccessor,
  readApiUser: apiUser.readApiUser,
  listApiUsers: apiUser.listApiUsers,
  updateApiUser: apiUser.updateApiUser,
  deactivateApiUser: apiUser.deactivateApiUser,
  activateApiUser: apiUser.activateApiUser,
  deleteApiUser: apiUser.deleteApiUser,
  restoreApiUser: apiUser.restoreApiUser,
  rotateApiUser: apiUserRotation.rotateApiUser,
  endPasswordOverlap: apiUserRotation.endPasswordOverlap,
  passwordRotationsOf: apiUserRotation.passwordRotationsOf,
  createFederatedCredential: federatedCredential.createFederatedCredential,
  listFederatedCredentials: federatedCredential.listFederatedCredentials,
  readFederatedCredential: federatedCredential.readFederatedCredential,
  updateFederatedCredential: federatedCredential.updateFederatedCredential,
  deleteFederatedCredential: federatedCredential.deleteFederatedCredential,
  createApiToken: apiToken.createApiToken,
  readApiToken: apiToken.readApiToken,
  listApiTokens: apiTokenList.listApiTokens,
  listAllApiTokens: apiTokenList.listAllApiTokens,
  ownerNamesOf: apiTokenList.ownerNamesOf,
  updateApiToken: apiToken.updateApiToken,
  revealApiToken: apiToken.revealApiToken,
  deactivateApiToken: apiTokenLifecycle.deactivateApiToken,
  activateApiToken: apiTokenLifecycle.activateApiToken,
  deleteApiToken: apiTokenLifecycle.deleteApiToken,
  restoreApiToken: apiTokenLifecycle.restoreApiToken,
  lastRefusalsOf,
  lastUsesOf,
  lastUsesOfApiUsers,
  rotateApiToken: apiTokenRotation.rotateApiToken,
  endOverlap: apiTokenRotation.endOverlap,
  changeApiTokens,
  importApiTokens,
  importApiUsers,
  importUsers,
  createImportRecipe: importRecipe.createImportRecipe,
  listImportRecipes: importRecipe.listImportRecipes,
  readImportRecipe: importRecipe.readImportRecipe,
  deleteImportRecipe: importRecipe.deleteImportRecipe,
  listSecretShapes: importRecipe.listSecretShapes,
  statesOfApiTokens,
  statesOfPeople,
  descendantsOf,
  endWithDescendants,
  reportLeaks,
  isFromGitHub,
  sawInClear,
  reportGitHubMatches,
  rotationsOf: apiTokenRotation.rotationsOf,
  createApplication: application.createApplication,
  readApplication,
  listApplications,
  updateApplication: application.updateApplication,
  rotateApplicationSecret: application.rotateApplicationSecret,
  deactivateApplication: applicationLifecycle.deactivateApplication,
  activateApplication: applicationLifecycle.activateApplication,
  deleteApplication: applicationLifecycle.deleteApplication,
  applicationToAnswer,
  takesClientUrls,
  sealRequest,
  readConsent,
  answerConsent,
  redeemCode,
  requestDeviceCode,
  readDevice,
  answerDevice,
  redeemDeviceCode,
  refreshTokens,
  revokeForApplication,
  introspectRefreshToken,
  listOwnAuthorizations: authorization.listOwnAuthorizations,
  listAuthorizations: authorization.listAuthorizations,
  endOwnAuthorization: authorization.endOwnAuthorization,
  endAuthorization: authorization.endAuthorization,
  readUsage,
  listObservations,
  adviseOnApiToken,
  adviseOnApiUser,
  adviseAll,
  tellOwnUse,
  countInFlight,
  readCalls,
  explainRefusal,
  explainCall,
  takeReport,
  registerPermission: permission.registerPermission,
  listPermissions: permission.listPermissions,
  describePermission: permission.describePermission,
  readHolders: permission.readHolders,
  deletePermission: permission.deletePermission,
  createApi: signedApi.createApi,
  listApis: api.listApis,
  readApi: api.readApi,
  updateApi: signedApi.updateApi,
  deleteApi: api.deleteApi,
  readProtectedResource,
  resourceMetadataOf,
  resetBudget,
  listPlans: plan.listPlans,
  createPlan: plan.createPlan,
  putPlan: plan.putPlan,
  updatePlan: plan.updatePlan,
  deletePlan: plan.deletePlan,
  listSigningKeys: signingKeys.listSigningKeys,
  rotateSigningKey: signingKeys.rotateSigningKey,
  revokeSigningKey: signingKeys.revokeSigningKey,
  publicKeys: signingKeys.publicKeys,
  listJournal,
  exportJournal,
  follow,
  acknowledge,
  receiptFor,
  listVerifiers,
  createWebhook: webhook.createWebhook,
  listWebhooks: webhook.listWebhooks,
  readWebhook: webhook.readWebhook,
  updateWebhook: webhook.updateWebhook,
  rotateWebhookSecret: webhook.rotateWebhookSecret,
  deleteWebhook: webhook.deleteWebhook,
  testWebhook: webhookDelivery.testWebhook,
  listWebhookDeliveries: webhookDelivery.listWebhookDeliveries,
  readWebhookDelivery: webhookDelivery.readWebhookDelivery,
  repeatWebhookDelivery: webhookDelivery.repeatWebhookDelivery,
  repeatDeadDeliveries: webhookDelivery.repeatDeadDeliveries,
  listRevokedTokens,
  latestReceipt,
  readChain,
  readBudget,
  readConnection,
  readSettings,
  countSuspended,
  releaseSuspended,
  lease,
  answerOnce,
  actFor,
  openCursor,
  sealCursor,
  isMeantAsApiToken,
  publicAddress,
  identifierOf,
  ready,
} as const;

type Bound<Operation> = Operation extends (ports: Ports, ...rest: infer Rest) => infer Result
  ? (...rest: Rest) => Result
  : never;

/** Core's operations without their first parameter. */
export type Core = { readonly [Name in keyof typeof operations]: Bound<(typeof operations)[Name]> };

export function createCore(ports: Ports): Core {
  const bind = (operation: (ports: Ports, ...rest: never[]) => unknown) => operation.bind(null, ports);
  return Object.fromEntries(Object.entries(operations).map(([name, one]) => [name, bind(one)])) as unknown as Core;
}

/**
 * Resolves when checks can be made: the database answers, the journal is followed and every profile has a key that
 * signs. Writes nothing.
 */
async function ready(ports: Ports): Promise<void> {
  await ports.store.ping();
  if (!ports.isFresh())
    throw new KeywardError('unavailable', 'The journal could not be read lately.', { isDatabaseAway: true });
  for (const profile of Object.keys(jwtProfiles)) {
    ports.keys.signer(profile as JwtProfile, ports.clock());
  }
}

/** The identifier of an API, by its handle; undefined where there is none. */
function identifierOf({ apis }: Ports, handle: string): string | undefined {
  return apis.identifierOf(handle);
}

/** Whether a client may call itself by an address where it describes itself. */
function takesClientUrls({ clientDocuments }: Ports): boolean {
  return clientDocuments.allowed.hosts.length > 0;
}

/** True for text that was meant as an API token, of Keyward's own form or of what was imported; who exists is not told. */
function isMeantAsApiToken({ imported }: Ports, text: string): boolean {
  return hasTokenForm(text) || imported.mayBe(text);
}

/** The server's own address, as it is known outside: who issues its tokens. */
function publicAddress({ settings }: Ports): string {
  return settings.issuer;
}
