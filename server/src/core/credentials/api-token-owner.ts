// Whose an API token is: its maker's, unless the maker names another user or API user of the same organization. Whoever
// makes it for somebody gives away what both hold, and comes as the owner, with the name and the role that services read:
// so it takes all that the owner's role holds.

import { covers } from '@keyward/rules/permission';
import { type Caller, demand, demandGrantable, demandOwnerFor, isForUser, isMachine } from '../caller/caller.ts';
import type { CredentialLookup } from '../caller/ports.ts';
import { boundsOf, principalOf } from '../caller/principal.ts';
import type { CredentialRecord } from '../caller/records.ts';
import { invalid, KeywardError } from '../errors.ts';
import { demandOwnersPrivilege, demandWithin, reachOf } from './api-token-privilege.ts';
import type { ApiToken } from './records.ts';

export type Owner = ApiToken['owner'];

/**
 * Who is to own a new token: the caller's own owner, or whoever is `wanted`. Throws `forbidden` without
 * `create:organization_api_key` where that is somebody else, or where the token could manage the owner's tokens and the
 * caller could not; `invalid_request` for one who is nobody in the organization, as whoever acts for a customer, and names no owner.
 */
export function demandOwner(caller: Caller, wanted: Owner | undefined, permissions: readonly string[]): Owner {
  const { type, id } = caller.owner;
  if (wanted === undefined && (caller.actingFrom !== undefined || isMachine(caller))) {
    throw invalid('owner', 'Name the user or API user whose it is to be: you are none of this organization.');
  }
  if (wanted === undefined || isSame(wanted, caller.owner)) {
    if (isForUser(caller)) demandManaging(caller, permissions);
    return { type, id };
  }
  demand(caller, 'create:organization_api_key');
  demandManaging(caller, permissions);
  return wanted;
}

/**
 * Throws unless the caller may hand the token, as it is to be, to the owner that it names. Whoever knows its secret may do
 * what both hold from then on: it takes all that it gives, as making it for that owner would.
 */
export async function demandHandover(credentials: CredentialLookup, caller: Caller, token: ApiToken): Promise<void> {
  const { owner, permissions } = token;
  demand(caller, 'update:organization_api_key');
  demandManaging(caller, permissions);
  demandGrantable(caller, permissions);
  await ownerWith(credentials, caller, owner, permissions);
  demandWithin(await reachOf(credentials, caller), token);
  await demandOwnersPrivilege(credentials, caller, token, permissions);
}

/** Throws `forbidden` if a token of somebody else's with these permissions could manage its owner's, and the caller could not. */
export function demandManaging(caller: Caller, permissions: readonly string[]): void {
  if (covers(permissions, managing)) for (const one of everyones) demand(caller, one);
}

/**
 * The owner's record. Throws `invalid_request` if there is no such owner, or if it may not do all of this itself, and
 * `forbidden` if it is an owner, or holds what the caller does not, where the caller is another.
 */
export async function ownerWith(
  credentials: CredentialLookup,
  caller: Caller,
  owner: Owner,
  permissions: readonly string[],
): Promise<CredentialRecord> {
  const record = await findOwner(credentials, caller, owner);
  if (record === null) throw invalid(['body', 'owner', 'id'], 'There is no such user or API user in the organization.');
  const at = permissions.findIndex((one) => !covers(principalOf(record).permissions, one));
  if (at >= 0) {
    const text = `The owner's role ${JSON.stringify(record.owner.role)} does not hold ${permissions[at]}.`;
    throw invalid(['body', 'permissions', at], text);
  }
  if (!isSame(owner, caller.owner)) demandStanding(caller, record);
  return record;
}

function demandStanding(caller: Caller, record: CredentialRecord): void {
  demandOwnerFor(caller, record.owner.role);
  const permission = boundsOf(record).role.find((one) => !covers(caller.held, one));
  if (permission === undefined) return;
  const text = `You cannot make or hand over a token for this owner: its role holds ${permission}, which you do not.`;
  throw new KeywardError('forbidden', text, { permission });
}

/** The record of a user or API user of the caller's organization; null if there is none, or it was deleted. */
export async function findOwner(
  credentials: CredentialLookup,
  caller: Caller,
  { type, id }: Owner,
): Promise<CredentialRecord | null> {
  const record = await credentials.bySource({ type, id });
  const isThere = record?.organization.id === caller.organization.id && record.lifecycle.deletedAt === null;
  return isThere ? record : null;
}

/** Whoever acts for a customer is nobody there, and the same as no one. */
export function isSame(a: Owner, b: Owner): boolean {
  return a.id !== '' && a.type === b.type && a.id === b.id;
}

/** What lets a token do to its owner's tokens what it takes the others to do to anyone's. */
const managing = 'manage:own_api_key';
const everyones = ['read:organization_api_key', 'update:organization_api_key', 'delete:organization_api_key'] as const;
