// The errors of the endpoints that hand tokens or codes out, for what was denied there (RFC 6749 section 5.2 and those that add
// to it). That something is denied is core's to say.

import type { DeniedToken } from '../../core/tokens/grant.ts';
import type { Answer } from '../dialect.ts';
import { invalidClient, oauthError } from './error.ts';

export function denial({ fault, reason, message }: DeniedToken): Answer {
  if (fault === 'proof') return proofError({ reason, message });
  return fault === 'client' ? invalidClient(message) : oauthError(400, faults[fault], message);
}

/** RFC 9449 sections 5 and 8. */
export function proofError({ reason, message }: Pick<DeniedToken, 'reason' | 'message'>): Answer {
  return oauthError(400, reason === 'nonce_required' ? 'use_dpop_nonce' : 'invalid_dpop_proof', message);
}

/** RFC 6749 section 5.2, RFC 8693 section 2.2.2, RFC 8707 section 2, RFC 8628 section 3.5. */
const faults = {
  unauthorized: 'unauthorized_client',
  grant: 'invalid_grant',
  subject: 'invalid_request',
  scope: 'invalid_scope',
  api: 'invalid_target',
  pending: 'authorization_pending',
  too_soon: 'slow_down',
  too_late: 'expired_token',
  denied: 'access_denied',
} as const;
