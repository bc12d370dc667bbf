// Where a budget stands, in header fields that every language shares (draft-ietf-httpapi-ratelimit-headers-11).

import type { Budget } from '../core/verify.ts';

/**
 * `RateLimit` and `RateLimit-Policy`, with the plan as the policy's name; and, where the call could not be counted and
 * the plan's policy decided, which it was (S100). Added to `headers`.
 */
export function rateLimitHeaders(
  { plan, limit, windowMs, remaining, resetMs, unavailable }: Budget,
  headers: Record<string, string> = {},
): Record<string, string> {
  headers.ratelimit = `"${plan}";r=${remaining};t=${Math.ceil(resetMs / 1000)}`;
  headers['ratelimit-policy'] = `"${plan}";q=${limit};w=${Math.ceil(windowMs / 1000)}`;
  if (unavailable !== undefined) headers[decidedByHeader] = unavailable;
  return headers;
}

/** Says `local`, `deny` or `allow` where the store of limits did not answer. */
export const decidedByHeader = 'keyward-limits-unavailable';
