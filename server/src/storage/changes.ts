// All reads and all changes of the room, put together over a connection or a transaction.

import type { Clock } from '../core/clock.ts';
import type { NewJournalEntry } from '../core/journal/entry.ts';
import type { Changes, StoreReads } from '../core/ports.ts';
import { apiTokenChanges, apiTokenReads } from './api-tokens.ts';
import { apiUserChanges, apiUserReads } from './api-users.ts';
import { apiChanges, apiReads } from './apis.ts';
import { applicationSessionChanges, applicationSessionReads } from './application-sessions.ts';
import { applicationChanges, applicationReads } from './applications.ts';
import { authorizationCodeChanges, authorizationCodeReads } from './authorization-codes.ts';
import { authorizationChanges, authorizationReads } from './authorizations.ts';
import { boundTokenChanges, boundTokenReads } from './bound-tokens.ts';
import { credentialReads } from './credential-records.ts';
import { credentialUseChanges, credentialUseReads } from './credential-uses.ts';
import type { Session } from './database.ts';
import { deviceCodeChanges, deviceCodeReads } from './device-codes.ts';
import { digestReads } from './digests.ts';
import { nameReads } from './display-names.ts';
import { federatedCredentialChanges, federatedCredentialReads } from './federated-credentials.ts';
import { recipeChanges, recipeReads } from './import-recipes.ts';
import { importedSecretChanges, importedSecretReads, manyTokens } from './imported-secrets.ts';
import { issuedTokenChanges } from './issued-tokens.ts';
import { journalReads } from './journal.ts';
import { answerChanges, answerReads } from './kept-answers.ts';
import { lineageReads } from './lineage.ts';
import { noticeChanges } from './notices.ts';
import { observationChanges, observationReads } from './observations.ts';
import { oneTimeLinkChanges, oneTimeLinkReads } from './one-time-links.ts';
import { organizationChanges, organizationReads } from './organizations.ts';
import { permissionHolderChanges, permissionHolderReads } from './permission-holders.ts';
import { permissionChanges, permissionReads } from './permissions.ts';
import { planChanges, planReads } from './plans.ts';
import {
  previousPasswordChanges,
  previousPasswordReads,
  previousSecretChanges,
  previousSecretReads,
} from './previous-secrets.ts';
import { revokedTokenChanges, revokedTokenReads } from './revoked-tokens.ts';
import { roleChanges, roleReads } from './roles.ts';
import type { Db } from './schema.ts';
import { secondFactorChanges, secondFactorReads } from './second-factors.ts';
import { serverStateReads } from './server-state.ts';
import { serverTimeChanges, serverTimeReads } from './server-time.ts';
import { sessionChanges, sessionReads } from './sessions.ts';
import { signingKeyChanges, signingKeyReads } from './signing-keys.ts';
import { suspensionChanges, suspensionReads } from './suspensions.ts';
import { upgradeStepChanges, upgradeStepReads } from './upgrade-steps.ts';
import { usageChanges, usageReads } from './usage.ts';
import { usedAssertionChanges } from './used-assertions.ts';
import { userChanges, userReads } from './users.ts';
import { webhookDeliveryChanges, webhookDeliveryReads } from './webhook-deliveries.ts';
import { webhookChanges, webhookReads } from './webhooks.ts';

/** `clock`: what is only observed until a time, counts from then on. */
export function readsOver(db: Db, clock: Clock): StoreReads {
  return {
    organizations: organizationReads(db, clock),
    users: userReads(db),
    apiUsers: apiUserReads(db),
    apiTokens: apiTokenReads(db, clock),
    recipes: recipeReads(db),
    importedSecrets: importedSecretReads(db),
    previousSecrets: previousSecretReads(db),
    previousPasswords: previousPasswordReads(db),
    permissions: permissionReads(db),
    apis: apiReads(db),
    holders: permissionHolderReads(db),
    bindings: boundTokenReads(db),
    roles: roleReads(db),
    plans: planReads(db, clock),
    signingKeys: signingKeyReads(db),
    revokedTokens: revokedTokenReads(db),
    federatedCredentials: federatedCredentialReads(db),
    journal: journalReads(db),
    credentials: credentialReads(db, clock),
    lineage: lineageReads(db),
    digests: digestReads(db),
    usage: usageReads(db),
    observations: observationReads(db),
    uses: credentialUseReads(db),
    names: nameReads(db),
    sessions: sessionReads(db),
    oneTimeLinks: oneTimeLinkReads(db),
    secondFactors: secondFactorReads(db),
    serverTime: serverTimeReads(db),
    upgradeSteps: upgradeStepReads(db),
    answers: answerReads(db),
    serverState: serverStateReads(db),
    suspensions: suspensionReads(db),
    applications: applicationReads(db),
    authorizations: authorizationReads(db),
    authorizationCodes: authorizationCodeReads(db),
    applicationSessions: applicationSessionReads(db),
    deviceCodes: deviceCodeReads(db),
    webhooks: webhookReads(db),
    webhookDeliveries: webhookDeliveryReads(db),
  };
}

/** `journal` takes an entry; when and how it is written belongs to the writer. */
export function changesOver(session: Session, clock: Clock, journal: (entry: NewJournalEntry) => void): Changes {
  return {
    organizations: organizationChanges(session, clock),
    users: userChanges(session),
    apiUsers: apiUserChanges(session),
    apiTokens: apiTokenChanges(session, clock),
    recipes: recipeChanges(session),
    importedSecrets: importedSecretChanges(session),
    manyTokens: manyTokens(session),
    previousSecrets: previousSecretChanges(session),
    previousPasswords: previousPasswordChanges(session),
    permissions: permissionChanges(session),
    apis: apiChanges(session),
    holders: permissionHolderChanges(session),
    bindings: boundTokenChanges(session),
    roles: roleChanges(session),
    plans: planChanges(session, clock),
    signingKeys: signingKeyChanges(session),
    issuedTokens: issuedTokenChanges(session),
    revokedTokens: revokedTokenChanges(session),
    federatedCredentials: federatedCredentialChanges(session),
    usedAssertions: usedAssertionChanges(session),
    usage: usageChanges(session),
    observations: observationChanges(session),
    uses: credentialUseChanges(session),
    sessions: sessionChanges(session),
    oneTimeLinks: oneTimeLinkChanges(session),
    secondFactors: secondFactorChanges(session),
    serverTime: serverTimeChanges(session),
    upgradeSteps: upgradeStepChanges(session),
    answers: answerChanges(session),
    suspensions: suspensionChanges(session),
    applications: applicationChanges(session),
    authorizations: authorizationChanges(session),
    authorizationCodes: authorizationCodeChanges(session),
    applicationSessions: applicationSessionChanges(session),
    deviceCodes: deviceCodeChanges(session),
    webhooks: webhookChanges(session),
    webhookDeliveries: webhookDeliveryChanges(session),
    notices: noticeChanges(session),
    credentials: credentialReads(session.db, clock),
    lineage: lineageReads(session.db),
    journal,
  };
}
