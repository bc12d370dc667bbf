// Where a budget stands, in header fields that every language shares (draft-ietf-httpapi-ratelimit-headers-11).

import type { Budget } from '../core/checking/limit.ts';

/**
 * `RateLimit` and `RateLimit-Policy`, with the plan as the policy's name; and, where the call could not be counted and
 * the plan's policy decided, which it was (S100). Added to `headers`.
 */
export function rateLimitHeaders(budget: Budget, headers: Record<string, string> = {}): Record<string, string> {
  headers.ratelimit = stateOf(budget);
  headers['ratelimit-policy'] = policyOf(budget);
  if (budget.unavailable !== undefined) headers[decidedByHeader] = budget.unavailable;
  return headers;
}

/** `rateLimitHeaders` as lines in the form in which they are sent; undefined for what might need a closer look. */
export function rateLimitLines(budget: Budget): string | undefined {
  const { plan, limit, windowMs, unavailable } = budget;
  if (unavailable !== undefined) return undefined;
  let policy = policies.get(plan);
  if (policy?.limit !== limit || policy.windowMs !== windowMs) {
    if (!/^[\w-]*$/.test(plan)) return undefined;
    if (policies.size >= mostPolicies) policies.clear();
    policy = { limit, windowMs, line: `ratelimit-policy: ${policyOf(budget)}\r\n` };
    policies.set(plan, policy);
  }
  return `ratelimit: ${stateOf(budget)}\r\n${policy.line}`;
}

function stateOf({ plan, remaining, resetMs }: Budget): string {
  return `"${plan}";r=${remaining};t=${Math.ceil(resetMs / 1000)}`;
}

function policyOf({ plan, limit, windowMs }: Budget): string {
  return `"${plan}";q=${limit};w=${Math.ceil(windowMs / 1000)}`;
}

/** By the plan's id. */
const policies = new Map<string, Pick<Budget, 'limit' | 'windowMs'> & { line: string }>();
const mostPolicies = 1000;

/** Says `local`, `deny` or `allow` where the store of limits did not answer. */
export const decidedByHeader = 'keyward-limits-unavailable';
