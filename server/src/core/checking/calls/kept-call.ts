// What is remembered of one call. There is no secret in it and nothing of a query: whoever may see the credential may see it.

import type { LackingPermission } from '../../caller/refusal.ts';
import type { AccessTokenSource } from '../../caller/source.ts';
import type { StateReason } from '../../caller/state.ts';
import type { Reason } from '../../errors.ts';

/** What a refusal went by: the value that the rule was held against. */
export type Grounds = { [R in Reason]: { reason: R } & GroundsOf[R] }[Reason];

/** By reason. Whatever is known of the credential is as it stood at the time of the call. */
export interface GroundsOf {
  missing: object;
  /** `start`: how an API token begins that has the form of one, and that nobody knows. */
  unknown: { form: 'api_token' | 'access_token' | 'other'; start: string | null };
  inactive: { state: StateReason | null };
  revoked: { state: StateReason | null };
  expired: { expiredAt: number | null };
  exchange_only: object;
  wrong_api: { api: string; apis: readonly string[] | null };
  missing_permission: {
    required: readonly string[];
    match: 'all' | 'any';
    lacking: readonly LackingPermission[];
    /** What the credential may do. */
    held: readonly string[];
    role: string;
  };
  wrong_organization: object;
  address_not_allowed: { address: string | null; addresses: readonly string[] };
  wrong_key: object;
  invalid_proof: { fault: string | null };
  nonce_required: object;
  rate_limited: { plan: string; name: string; limit: number; windowMs: number; retryAfterMs: number };
}

export interface KeptCall {
  /** Milliseconds since the epoch. */
  at: number;
  /** The node that checked it, or the verifier that said so. */
  node: string;
  /** Null where nobody knows whose it is. */
  organizationId: string | null;
  source: AccessTokenSource | null;
  /** The user or API user behind it. */
  ownerId: string | null;
  /** The guarded path, as the settings write it; empty if nobody named one. */
  rule: string;
  method: string | null;
  verdict: 'allowed' | Reason;
  /** Of a call that was let in: those of what would have refused it, if something that is only observed would have. */
  grounds: Grounds | null;
  /** From when on it would be refused; null for what was refused, and for what was let in by everything. */
  observedUntil: number | null;
  address: string | null;
  userAgent: string | null;
  /** What it had to be permitted. */
  permissions: readonly string[];
  /** The handle of its API; null for the default one. */
  api: string | null;
  /** Of a refusal, or of what would have been one: `3f9a1c2e-1024`, the node that refused it and which of its refusals it was. */
  refusalId: string | null;
  /** How many calls of the same organization and kind passed unremembered before this one, since there were too many. */
  skipped: number;
}
