// The words of a check: what a call must show, and the answer to "may it proceed?".

import type { Reason } from '@keyward/rules/reason';
import type { LimitState, VerifiedPrincipal } from '../wire/checks.ts';

export type { LimitState } from '../wire/checks.ts';

/** Whom a credential belongs to, and what it may do. Deeply frozen: every call with the credential gets the same object. */
export type Principal = Readonly<Omit<VerifiedPrincipal, 'permissions' | 'apis' | 'organization'>> & {
  readonly permissions: readonly string[];
  /** Of a token that is bound to APIs: the handles of the only ones that it calls. */
  readonly apis?: readonly string[];
  readonly organization: Readonly<VerifiedPrincipal['organization']>;
};

/** Why a call may not proceed. Whatever is not of the verifier's own organization is `unknown`, but to the operator's. */
export type { Reason };

/** What a call must show. */
export interface Requirement {
  /** Such as `read:orders`. With none, any valid credential will do. */
  permissions?: readonly string[];
  /** `all` unless said otherwise: which of the permissions must be held. */
  match?: 'all' | 'any';
  /** What the call takes of the plan's budget: a whole number from 0 on, 1 unless said otherwise. 0 spends nothing. */
  cost?: number;
  /** The handle of the API that the call goes to; what the verifier was made for (`api`), else `default`, unless said otherwise. */
  api?: string;
  /** The id of the plan that the call spends, in place of its organization's. */
  plan?: string;
  /** The id or name of the only organization whose credentials count. */
  organization?: string;
  /** The client's address. A credential that is bound to addresses is refused without one. */
  address?: string;
  /** The call, as it is told to Keyward: its method, and its route as the API writes it, `/orders/:id`. They decide nothing. */
  method?: string;
  route?: string;
  /** With the scheme DPoP (RFC 9449) alone: what shows the key. A token that is bound to one is refused without it. */
  dpop?: PresentedProof;
}

/** A proof, and the call that it must be for. */
export interface PresentedProof {
  /** The header `DPoP`; null if there is none. */
  proof: string | null;
  method: string;
  /** Absolute, or a path under the verifier's `publicUrl`. The query does not matter. */
  url: string;
}

export interface Allowed {
  allowed: true;
  principal: Principal;
  /** Where the budget stands; null where nothing is limited or nothing was spent. */
  limit: LimitState | null;
}

export interface Refused {
  allowed: false;
  reason: Reason;
  /** Whose credential it is, where that is known. For your logs, not for whoever was refused. */
  principal: Principal | null;
  /** With `rate_limited`. */
  limit: LimitState | null;
  /** With `missing_permission`: what was required. */
  required: readonly string[];
  /** With `invalid_proof`: what is wrong with it, for whoever made it. */
  proofFault?: string;
  /** What it can be explained by: the header `Keyward-Refusal` of your answer. */
  refusal?: string;
}

export type Verdict = Allowed | Refused;

/** A refusal that knows nothing but its reason. */
export function refused(reason: Reason, more: Partial<Omit<Refused, 'allowed' | 'reason'>> = {}): Refused {
  return { allowed: false, reason, principal: null, limit: null, required: [], ...more };
}
