// Federated credentials of API users: which outside tokens are taken in place of a password. Whoever changes one could as well make
// the API user a new password, and needs the same for it.

import { type Caller, demand, demandConfirmed, demandNoBounds } from '../caller/caller.ts';
import type { Acting } from '../caller/ports.ts';
import { writeAs } from '../caller/write-as.ts';
import { KeywardError, notFound, taken } from '../errors.ts';
import { readApiUser } from '../identity/api-user.ts';
import type { Changes as IdentityChanges, Reading as IdentityReading } from '../identity/ports.ts';
import { demandHeld } from '../identity/user.ts';
import { entryOf } from '../journal/entry.ts';
import { checkedName } from '../name.ts';
import { newId } from '../secret.ts';
import type { Setting } from '../settings.ts';
import type { Changes as TokenChanges } from '../tokens/ports.ts';
import { longestLifetimeMs } from '../tokens/read.ts';
import { revokeInChange } from '../tokens/revocation.ts';
import { checkedTrust, type Trust, type WantedTrust } from './checked-trust.ts';
import type { FederationChanges, FederationReads } from './ports.ts';
import type { CredentialOwner, FederatedCredential } from './records.ts';

export interface NewFederatedCredential extends WantedTrust {
  name: string;
}

/** What of one may be changed; the issuer stays. */
export type FederatedCredentialChange = Partial<Omit<NewFederatedCredential, 'issuer'>>;

type Changing = Acting<
  Pick<FederationChanges, 'federatedCredentials'> &
    IdentityChanges<'apiUsers' | 'roles'> &
    TokenChanges<'revokedTokens'>
>;
type Reading = IdentityReading<'apiUsers'> & { store: Pick<FederationReads, 'federatedCredentials'> };

const mostOfOne = 20;
/** A token that is being made while its credential ends may be a little younger than that. */
const makingMs = 60_000;

/** Needs `update:api_user`, a confirmed session, and all that the API user's role holds. */
export async function createFederatedCredential(
  ports: Changing & Setting<'issuer'>,
  caller: Caller,
  apiUserId: string,
  wanted: NewFederatedCredential,
): Promise<FederatedCredential> {
  const at = ports.clock();
  demand(caller, 'update:api_user');
  demandConfirmed(caller, at);
  const credential: FederatedCredential = {
    id: newId(),
    organizationId: caller.organization.id,
    owner: { type: 'api_user', id: apiUserId },
    name: checkedName('name', wanted.name),
    ...checkedTrust(wanted, ports.settings.issuer),
    lineageId: newId(),
    createdAt: at,
    createdBy: caller.id,
  };
  return writeAs(ports, caller, async (changes) => {
    await demandOwner(changes, caller, credential.owner);
    const others = await changes.federatedCredentials.list(caller.organization.id, credential.owner);
    if (others.length >= mostOfOne) {
      throw new KeywardError(
        'conflict',
        `An API user has at most ${mostOfOne} federated credentials. Delete one first.`,
      );
    }
    if (!(await changes.federatedCredentials.insert(credential))) throw nameTaken();
    changes.journal(entryOf(caller, at, 'federated_credential.created', subjectOf(credential), detailOf(credential)));
    return credential;
  });
}

/** All of an API user, the oldest first. Needs `read:api_user`. */
export async function listFederatedCredentials(
  ports: Reading,
  caller: Caller,
  apiUserId: string,
): Promise<FederatedCredential[]> {
  await readApiUser(ports, caller, apiUserId);
  return ports.store.federatedCredentials.list(caller.organization.id, { type: 'api_user', id: apiUserId });
}

/** Needs `read:api_user`. */
export async function readFederatedCredential(
  ports: Reading,
  caller: Caller,
  id: string,
): Promise<FederatedCredential> {
  demand(caller, 'read:api_user');
  const credential = await ports.store.federatedCredentials.find(caller.organization.id, id);
  if (credential === null) throw missing();
  await demandThere(ports.store.apiUsers, caller, credential.owner);
  return credential;
}

/**
 * Where what is trusted changes, all access tokens that were made through it end. Needs what `createFederatedCredential` does.
 */
export async function updateFederatedCredential(
  ports: Changing & Setting<'issuer'>,
  caller: Caller,
  id: string,
  change: FederatedCredentialChange,
): Promise<FederatedCredential> {
  const at = ports.clock();
  demand(caller, 'update:api_user');
  demandConfirmed(caller, at);
  const { name, ...trust } = change;
  const renamed = name === undefined ? {} : { name: checkedName('name', name) };
  return writeAs(ports, caller, async (changes) => {
    const before = await manageable(changes, caller, id);
    await demandOwner(changes, caller, before.owner);
    const trusted = checkedTrust({ ...trustOf(before), ...trust }, ports.settings.issuer);
    const isOther = JSON.stringify(trusted) !== JSON.stringify(trustOf(before));
    const next = { ...before, ...renamed, ...trusted, ...(isOther && { lineageId: newId() }) };
    if (!(await changes.federatedCredentials.update(next))) throw nameTaken();
    if (isOther) await endMadeThrough(changes, caller, at, before);
    changes.journal(entryOf(caller, at, 'federated_credential.changed', subjectOf(next), detailOf(next)));
    return next;
  });
}

/** Ends all access tokens that were made through it, everywhere. Needs `update:api_user`. */
export async function deleteFederatedCredential(ports: Changing, caller: Caller, id: string): Promise<void> {
  demand(caller, 'update:api_user');
  const at = ports.clock();
  await writeAs(ports, caller, async (changes) => {
    const credential = await manageable(changes, caller, id);
    await demandThere(changes.apiUsers, caller, credential.owner);
    if (!(await changes.federatedCredentials.delete(caller.organization.id, id))) throw missing();
    await endMadeThrough(changes, caller, at, credential);
    const { owner, name } = credential;
    const detail = { apiUser: owner.id, name };
    changes.journal(entryOf(caller, at, 'federated_credential.deleted', subjectOf(credential), detail));
  });
}

async function manageable(
  changes: Pick<FederationChanges, 'federatedCredentials'>,
  caller: Caller,
  id: string,
): Promise<FederatedCredential> {
  const credential = await changes.federatedCredentials.find(caller.organization.id, id);
  if (credential === null) throw missing();
  return credential;
}

async function demandOwner(
  changes: IdentityChanges<'apiUsers' | 'roles'>,
  caller: Caller,
  owner: CredentialOwner,
): Promise<void> {
  demandNoBounds(caller, 'federated credential');
  await demandHeld(changes, caller, (await demandThere(changes.apiUsers, caller, owner)).role);
}

/** Of an API user that is deleted there is nothing to see, and nothing to change. */
async function demandThere(
  apiUsers: IdentityReading<'apiUsers'>['store']['apiUsers'],
  caller: Caller,
  { id }: CredentialOwner,
): Promise<{ role: string }> {
  const apiUser = await apiUsers.find(caller.organization.id, id);
  if (apiUser === null || apiUser.lifecycle.deletedAt !== null) throw notFound('API user');
  return apiUser;
}

/**
 * What was made through it may be of others, whom its owner acted for: its end is no end of its owner's tokens. Of the operator's it may be
 * of any organization.
 */
async function endMadeThrough(
  changes: TokenChanges<'revokedTokens'>,
  caller: Caller,
  at: number,
  { id, lineageId, organizationId }: FederatedCredential,
): Promise<void> {
  const expiresAt = at + longestLifetimeMs + makingMs;
  const revoked = { jti: lineageId, organizationId, source: { type: 'federated_credential', id }, expiresAt } as const;
  await revokeInChange(changes, caller, at, revoked, caller.organization.isOperator ? { concerned: null } : {});
}

function trustOf({ issuer, audience, conditions, jwksUri, jwks }: FederatedCredential): Trust {
  return { issuer, audience, conditions, jwksUri, jwks };
}

/** For the journal; of keys that were written down only how many. */
function detailOf({ owner, name, issuer, audience, conditions, jwksUri, jwks }: FederatedCredential) {
  return { apiUser: owner.id, name, issuer, audience, conditions, jwksUri, keys: jwks?.keys.length ?? null };
}

function subjectOf({ id }: FederatedCredential) {
  return { type: 'federated_credential', id };
}

function missing(): KeywardError {
  return notFound('federated credential');
}

function nameTaken(): KeywardError {
  return taken(['body', 'name'], 'This API user has a federated credential of this name already.');
}
