// Where a budget stands, in header fields that every language shares (draft-ietf-httpapi-ratelimit-headers-11).

import type { Budget } from '../core/checking/limit.ts';

/**
 * `RateLimit` of one limit and `RateLimit-Policy` of all; and, where the call could not be counted and the plan's policy
 * decided, which it was (S100). Added to `headers`.
 */
export function rateLimitHeaders(budget: Budget, headers: Record<string, string> = {}): Record<string, string> {
  headers.ratelimit = stateOf(budget);
  headers['ratelimit-policy'] = policiesOf(budget);
  if (budget.unavailable !== undefined) headers[decidedByHeader] = budget.unavailable;
  return headers;
}

/** `rateLimitHeaders` as lines in the form in which they are sent; undefined for what might need a closer look. */
export function rateLimitLines(budget: Budget): string | undefined {
  const { name, limit, windowMs, unavailable, all } = budget;
  if (unavailable !== undefined) return undefined;
  if (all !== undefined) {
    const line = lineOfAll(all);
    return line === undefined ? undefined : `ratelimit: ${stateOf(budget)}\r\n${line}`;
  }
  let policy = policies.get(name);
  if (policy?.limit !== limit || policy.windowMs !== windowMs) {
    if (!plainName.test(name)) return undefined;
    if (policies.size >= mostPolicies) policies.clear();
    policy = { limit, windowMs, line: `ratelimit-policy: ${policyOf(budget)}\r\n` };
    policies.set(name, policy);
  }
  return `ratelimit: ${stateOf(budget)}\r\n${policy.line}`;
}

/** Remembered, too: most calls are counted by the limits that others are. */
function lineOfAll(all: readonly Budget[]): string | undefined {
  const first = all[0]?.name ?? '';
  const known = several.get(first);
  if (known !== undefined && areAlike(known.limits, all)) return known.line;
  if (!all.every(({ name }) => plainName.test(name))) return undefined;
  if (several.size >= mostPolicies) several.clear();
  const line = `ratelimit-policy: ${all.map(policyOf).join(', ')}\r\n`;
  several.set(first, { limits: all.map(({ name, limit, windowMs }) => ({ name, limit, windowMs })), line });
  return line;
}

function areAlike(known: readonly Policy[], all: readonly Policy[]): boolean {
  if (known.length !== all.length) return false;
  for (let at = 0; at < all.length; at += 1) {
    const [one, other] = [known[at], all[at]];
    if (one?.name !== other?.name || one?.limit !== other?.limit || one?.windowMs !== other?.windowMs) return false;
  }
  return true;
}

const plainName = /^[\w:-]*$/;

function stateOf({ name, remaining, resetMs }: Budget): string {
  return `"${name}";r=${remaining};t=${Math.ceil(resetMs / 1000)}`;
}

function policiesOf(budget: Budget): string {
  return budget.all === undefined ? policyOf(budget) : budget.all.map(policyOf).join(', ');
}

function policyOf({ name, limit, windowMs }: Budget): string {
  return `"${name}";q=${limit};w=${Math.ceil(windowMs / 1000)}`;
}

type Policy = Pick<Budget, 'name' | 'limit' | 'windowMs'>;

/** By the limit's name, and by the first one's. */
const policies = new Map<string, Omit<Policy, 'name'> & { line: string }>();
const several = new Map<string, { limits: readonly Policy[]; line: string }>();
const mostPolicies = 1000;

/** Says `local`, `deny` or `allow` where the store of limits did not answer. */
export const decidedByHeader = 'keyward-limits-unavailable';
