// How a guarded API learns who is calling: headers that only Keyward may set. Every one is always sent, so that a stale
// or forged one can never stand in its place (S67).

import type { Principal } from '../core/caller.ts';

/**
 * The identity of an allowed call; without a principal (an open path) all are empty. `X-Auth-Name` is percent-encoded
 * UTF-8; the organization is its id; permissions are separated by commas.
 */
export function identityHeaders(principal: Principal | undefined): Record<string, string> {
  return {
    'x-auth-principal': principal?.id ?? '',
    'x-auth-type': principal?.type ?? '',
    'x-auth-name': encodeURIComponent(principal?.name.toWellFormed() ?? ''),
    'x-auth-organization': principal?.organization.id ?? '',
    'x-auth-permissions': principal?.permissions.join(',') ?? '',
  };
}
