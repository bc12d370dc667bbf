// How a guarded API learns who is calling: headers that only Keyward may set. Every one is always sent, so that a stale
// or forged one can never stand in its place (S67).

import type { Principal } from '../core/caller.ts';
import type { Budget } from '../core/verify.ts';
import type { Answer } from './dialect.ts';
import { rateLimitHeaders } from './rate-limit.ts';

/**
 * The identity of an allowed call; without a principal (an open path) all are empty. `X-Auth-Name` is percent-encoded
 * UTF-8; the organization is its id; permissions are separated by commas.
 */
export function identityHeaders(principal: Principal | undefined): Record<string, string> {
  return {
    'x-auth-principal': principal?.id ?? '',
    'x-auth-type': principal?.type ?? '',
    'x-auth-name': principal === undefined ? '' : encoded(principal.name),
    'x-auth-organization': principal?.organization.id ?? '',
    'x-auth-permissions': principal === undefined ? '' : joined(principal.permissions),
  };
}

/**
 * The answer to a call that may proceed: 200 with its identity and where its budget stands, if it has one. Empty, since
 * nginx would give up its kept connection for a body, and a body costs more than the check.
 */
export function letIn(principal: Principal | undefined, budget: Budget | null): Answer {
  const headers = identityHeaders(principal);
  if (budget !== null) rateLimitHeaders(budget, headers);
  headers['content-length'] = '0';
  return { status: 200, headers };
}

/** Most names are as they would be encoded. */
function encoded(name: string): string {
  return /^[\w.~-]*$/.test(name) ? name : encodeURIComponent(name.toWellFormed());
}

/** Credentials share their lists of permissions, which never change then. */
const texts = new WeakMap<readonly string[], string>();

function joined(permissions: readonly string[]): string {
  const known = texts.get(permissions);
  if (known !== undefined) return known;
  const text = permissions.join(',');
  if (Object.isFrozen(permissions)) texts.set(permissions, text);
  return text;
}
