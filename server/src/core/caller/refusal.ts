// A refused credential, as a value. Why each is refused is decided where it is looked at.

import type { Bound } from '@keyward/rules/entitlement';
import type { CredentialReason } from '../errors.ts';
import type { Principal } from './records.ts';

export interface Refusal {
  allowed: false;
  reason: CredentialReason;
  /** With `missing_permission`: what was required. */
  required?: readonly string[];
  /** With `missing_permission`: what stands in the way of each that is lacking. For the credential's own organization. */
  lacking?: readonly LackingPermission[];
  /** With `invalid_proof`: what is wrong with it, for whoever made it. */
  proofFault?: string;
  /** Whose it is, where that is known; for the same use. */
  organizationId?: string;
  /** What it can be found by in recent calls: the same for whoever was refused, whatever the reason. */
  refusalId?: string;
  /** Who it was, where that is known. For logs and for the credential's own organization; never for the refused. */
  principal?: Principal;
}

/** `in`: the first of the three that does not have it. */
export interface LackingPermission {
  permission: string;
  in: Bound;
}
