// The two ways of saying no: a refused credential is a value (Reason), a request that cannot be answered is thrown
// (KeywardError). Both sets are closed, so a new member does not compile until every dialect has a word for it.

import type { Reason } from '@keyward/rules/reason';

/** Why a credential was refused. Dialects word `rate_limited` as the error `too_many_requests`, which it becomes. */
export type { Reason } from '@keyward/rules/reason';

/** The reasons that speak of the credential itself. */
export type CredentialReason = Exclude<Reason, 'rate_limited'>;

/** Why a request could not be answered. */
export type ErrorCode =
  | 'invalid_request'
  | 'unauthenticated'
  /** The password was right; the code of the second factor is lacking or wrong. */
  | 'second_factor_required'
  | 'forbidden'
  /** The caller may do it, in a session in which the password was asked for again just now. */
  | 'confirmation_required'
  | 'not_found'
  | 'method_not_allowed'
  | 'conflict'
  /** The key of a request that may be repeated came with another one. */
  | 'idempotency_key_reused'
  | 'too_large'
  | 'uri_too_long'
  | 'unsupported_media_type'
  | 'insecure_transport'
  | 'too_many_requests'
  | 'unavailable'
  | 'internal';

/** One thing wrong with a request: `at` is the path of a field (`['body', 'name']`), `kind` says what is wrong with it. */
export interface Fault {
  at: readonly (string | number)[];
  kind: 'missing' | 'wrong_type' | 'invalid' | 'unknown_field' | 'malformed';
  message: string;
}

/** Who holds a permission that is to leave the catalogue. */
export interface Holders {
  permission: string;
  /** How many. */
  roles: number;
  apiTokens: number;
  applications: number;
  /** Paths that require it. */
  routes: readonly string[];
  /** At most ten of the roles, applications and tokens. */
  first: readonly {
    type: 'role' | 'api_token' | 'application';
    id: string;
    name: string;
    organization: { id: string; name: string };
  }[];
}

export interface KeywardErrorDetail {
  faults?: readonly Fault[];
  /** With `unauthenticated`: why the credential was refused. */
  reason?: CredentialReason;
  /** With the reason `invalid_proof`: what is wrong with the proof, for whoever made it. */
  proofFault?: string;
  /** With `forbidden`: the permission that the caller lacks. */
  permission?: string;
  /** With `conflict`: who holds what was to be removed. */
  holders?: Holders;
  retryAfterMs?: number;
  /** With `unavailable`: what was asked for may have been done all the same, and asking again could do it twice. */
  isOutcomeUnknown?: boolean;
  /** With `method_not_allowed`: the methods that the path knows. */
  allow?: readonly string[];
  /** With `unavailable`: the database is away, which is told of once and not with each request that misses it. */
  isDatabaseAway?: boolean;
  /** With `unavailable`: the origin of the guarded API that did not answer. For the log. */
  upstream?: string;
  cause?: unknown;
}

/** A request that cannot be answered. `message` is for the client: it never holds a secret, SQL, a path or a version. */
export class KeywardError extends Error {
  override readonly name = 'KeywardError';
  readonly code: ErrorCode;
  readonly detail: KeywardErrorDetail;

  constructor(code: ErrorCode, message: string, detail: KeywardErrorDetail = {}) {
    super(message, detail.cause === undefined ? undefined : { cause: detail.cause });
    this.code = code;
    this.detail = detail;
  }
}

/** The commonest refusal: one field of the body (or, with a longer path, of anything else) is wrong. */
export function invalid(at: string | readonly (string | number)[], message: string): KeywardError {
  const path = typeof at === 'string' ? ['body', at] : at;
  return new KeywardError('invalid_request', message, { faults: [{ at: path, kind: 'invalid', message }] });
}

/** A `conflict` over one field: what it says is somebody's already. */
export function taken(at: readonly (string | number)[], message: string): KeywardError {
  return new KeywardError('conflict', message, { faults: [{ at, kind: 'invalid', message }] });
}

export function notFound(what: string): KeywardError {
  return new KeywardError('not_found', `There is no such ${what} in this organization.`);
}
