// Where a budget stands, in header fields that every language shares (draft-ietf-httpapi-ratelimit-headers-11).

import type { Budget } from '../core/verify.ts';

/** `RateLimit` and `RateLimit-Policy`, with the plan as the policy's name. */
export function rateLimitHeaders({ plan, limit, windowMs, remaining, resetMs }: Budget): Record<string, string> {
  return {
    ratelimit: `"${plan}";r=${remaining};t=${Math.ceil(resetMs / 1000)}`,
    'ratelimit-policy': `"${plan}";q=${limit};w=${Math.ceil(windowMs / 1000)}`,
  };
}
