// What federation needs of the world: where its credentials are kept, and which outside tokens have been used.

import type { TokenChanges, TokenReads } from '../tokens/ports.ts';
import type { CredentialOwner, FederatedCredential, UsedAssertion } from './records.ts';

export interface FederatedCredentialReads {
  find(organizationId: string, id: string): Promise<FederatedCredential | null>;
  /** All of one owner's, the oldest first. */
  list(organizationId: string, owner: CredentialOwner): Promise<FederatedCredential[]>;
}

/** Nobody else changes what `find` finds until the commit. */
export interface FederatedCredentialChanges extends FederatedCredentialReads {
  /** False if the owner has one of this name. */
  insert(credential: FederatedCredential): Promise<boolean>;
  /** All but its id, its organization and its owner. False if the name is taken or there is no such credential. */
  update(credential: FederatedCredential): Promise<boolean>;
  /** True for one of many racing callers. */
  delete(organizationId: string, id: string): Promise<boolean>;
}

export interface UsedAssertionChanges {
  /** True for one of many racing callers, on whichever node. */
  insert(used: UsedAssertion): Promise<boolean>;
  /** At most `limit` that ended before `before`; returns how many. */
  deleteExpired(before: number, limit: number): Promise<number>;
}

/** What the store lets this part read, and those before it. */
export interface FederationReads extends TokenReads {
  federatedCredentials: FederatedCredentialReads;
}

/** What may be touched inside a change. */
export interface FederationChanges extends TokenChanges {
  federatedCredentials: FederatedCredentialChanges;
  usedAssertions: UsedAssertionChanges;
}
