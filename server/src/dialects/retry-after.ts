// When to come back: what every language says in the same header. What is said beside it belongs to the dialect.

import { budgetDetailOf } from '../core/checking/budget-error.ts';
import type { KeywardError } from '../core/errors.ts';
import { decidedByHeader } from './rate-limit.ts';

/**
 * `Retry-After` in whole seconds, at least 1, for what passes by itself (RFC 9110, section 10.2.3). Nothing for other errors,
 * and nothing where the request may have been carried out: clients take it for leave to send it again.
 */
export function retryAfter(error: KeywardError): Record<string, string> {
  const { code, detail } = error;
  if (code !== 'too_many_requests' && code !== 'unavailable') return {};
  const { decidedBy } = budgetDetailOf(error);
  const seconds = String(Math.max(1, Math.ceil((detail.retryAfterMs ?? 0) / 1000)));
  return {
    ...(detail.isOutcomeUnknown !== true && { 'retry-after': seconds }),
    // Its limit could not be counted, and this is the policy that refused it.
    ...(decidedBy !== undefined && { [decidedByHeader]: decidedBy }),
  };
}
