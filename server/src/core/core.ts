// Every operation bound to its ports: the table of contents of the server. It decides nothing.

import * as apiToken from './api-token.ts';
import { changeApiTokens } from './api-token-bulk.ts';
import * as apiTokenList from './api-token-list.ts';
import * as apiTokenRotation from './api-token-rotation.ts';
import * as apiTokenStanding from './api-token-standing.ts';
import * as apiUser from './api-user.ts';
import { readBudget } from './budget.ts';
import { readChain } from './chain-watch.ts';
import { KeywardError } from './errors.ts';
import { exchange } from './exchange.ts';
import { acknowledge, follow, latestReceipt, listVerifiers, receiptFor } from './feed.ts';
import { found, isFounded, makeSetUpLink, setUp } from './founding.ts';
import { exportJournal, listJournal } from './journal-search.ts';
import { lease } from './lease.ts';
import * as organization from './organization.ts';
import { openCursor, sealCursor } from './page.ts';
import { invite, makePasswordLink, readLink, redeemLink } from './password-link.ts';
import * as permission from './permission.ts';
import * as plan from './plan.ts';
import type { Ports } from './ports.ts';
import * as role from './role.ts';
import * as secondFactor from './second-factor.ts';
import * as session from './session.ts';
import { readSettings } from './settings.ts';
import * as signingKeys from './signing-keys.ts';
import { countInFlight, lastUsesOf, lastUsesOfApiUsers, readUsage } from './usage.ts';
import * as user from './user.ts';
import { changePassword, resetPassword } from './user-password.ts';
import { verdictFor } from './verdict-for.ts';
import { admit, inspect, recognise, verify } from './verify.ts';

const operations = {
  inspect,
  recognise,
  verify,
  admit,
  verdictFor,
  exchange,
  found,
  isFounded,
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
  createApiToken: apiToken.createApiToken,
  readApiToken: apiToken.readApiToken,
  listApiTokens: apiTokenList.listApiTokens,
  ownerNamesOf: apiTokenList.ownerNamesOf,
  updateApiToken: apiToken.updateApiToken,
  revealApiToken: apiToken.revealApiToken,
  deactivateApiToken: apiTokenStanding.deactivateApiToken,
  activateApiToken: apiTokenStanding.activateApiToken,
  deleteApiToken: apiTokenStanding.deleteApiToken,
  restoreApiToken: apiTokenStanding.restoreApiToken,
  lastUsesOf,
  lastUsesOfApiUsers,
  rotateApiToken: apiTokenRotation.rotateApiToken,
  endOverlap: apiTokenRotation.endOverlap,
  changeApiTokens,
  rotationsOf: apiTokenRotation.rotationsOf,
  readUsage,
  countInFlight,
  registerPermission: permission.registerPermission,
  listPermissions: permission.listPermissions,
  describePermission: permission.describePermission,
  deletePermission: permission.deletePermission,
  listPlans: plan.listPlans,
  putPlan: plan.putPlan,
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
  latestReceipt,
  readChain,
  readBudget,
  readSettings,
  lease,
  openCursor,
  sealCursor,
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
  if (!ports.isFresh()) throw new KeywardError('unavailable', 'The journal could not be read lately.');
  for (const profile of Object.keys(signingKeys.jwtProfiles)) {
    ports.keys.signer(profile as signingKeys.JwtProfile, ports.clock());
  }
}
