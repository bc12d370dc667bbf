// What a call of a credential would be answered, and why: for showing it to people. It refuses nobody; that is verify's.

import { builtInRoles } from './built-in-roles.ts';
import { isActive, type Lifecycle } from './lifecycle.ts';
import type { CredentialRecord } from './records.ts';

/** `powerless`: it is let in, and may do nothing. */
export type State = 'active' | 'inactive' | 'suspended' | 'expired' | 'deleted' | 'powerless';

export type StateReason =
  | 'deactivated'
  /** Deactivated because it, or what made it, was found where it should not be. */
  | 'leaked'
  /** A restore has suspended it. */
  | 'restored'
  | 'expired'
  | 'deleted'
  /** The invitation waits to be accepted. */
  | 'invited'
  | 'owner_deactivated'
  | 'owner_deleted'
  | 'organization_inactive'
  /** There is no such role any more. */
  | 'role_gone';

export interface CredentialState {
  state: State;
  /** Null while it is active. */
  reason: StateReason | null;
}

const active: CredentialState = { state: 'active', reason: null };

/** By its own lifecycle and end alone. */
export function ownState(lifecycle: Lifecycle, expiresAt: number | null, now: number): CredentialState {
  if (lifecycle.deletedAt !== null) return { state: 'deleted', reason: 'deleted' };
  if (lifecycle.suspendedAt !== undefined) return { state: 'suspended', reason: 'restored' };
  if (lifecycle.deactivatedAt !== null) return { state: 'inactive', reason: 'deactivated' };
  return expiresAt !== null && expiresAt <= now ? { state: 'expired', reason: 'expired' } : active;
}

/** By what stands behind it too: its owner (itself, of a user and an API user), the owner's role and the organization. */
export function stateOf(own: CredentialState, behind: CredentialRecord | null): CredentialState {
  if (own.state !== 'active') return own;
  if (behind === null || behind.owner.lifecycle.deletedAt !== null)
    return { state: 'inactive', reason: 'owner_deleted' };
  const { owner, organization, rolePermissions } = behind;
  if (!isActive(owner.lifecycle)) return { state: 'inactive', reason: 'owner_deactivated' };
  if (!isActive(organization.lifecycle)) return { state: 'inactive', reason: 'organization_inactive' };
  const hasRole = rolePermissions !== null || builtInRoles.has(owner.role);
  return hasRole ? active : { state: 'powerless', reason: 'role_gone' };
}
