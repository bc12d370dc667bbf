// When to come back: the one header that every language shares. What is said beside it is the dialect's affair.

import type { KeywardError } from '../core/errors.ts';

/** `Retry-After` in whole seconds, at least 1, for what passes by itself; nothing for other errors (RFC 9110, section 10.2.3). */
export function retryAfter({ code, detail }: KeywardError): Record<string, string> {
  if (code !== 'too_many_requests' && code !== 'unavailable') return {};
  return { 'retry-after': String(Math.max(1, Math.ceil((detail.retryAfterMs ?? 0) / 1000))) };
}
