// How an upstream learns who is calling: headers that only Keyward may set. Every one is always sent, so that a stale or
// forged one can never stand in its place (S67).

import type { IncomingHttpHeaders } from 'node:http';
import type { Principal } from '../core/verify.ts';

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

/** True for a name that an upstream might read as one of these: CGI and WSGI turn `-`, `_` and `.` into one another. */
function looksLikeIdentity(name: string): boolean {
  return name.toLowerCase().replace(/[_.]/g, '-').startsWith('x-auth-');
}

/** The headers a client sent that may go on to an upstream: no credential, no identity, nothing for this hop only. */
export function forwardableHeaders(headers: IncomingHttpHeaders): IncomingHttpHeaders {
  return Object.fromEntries(Object.entries(headers).filter(([name]) => !isHeldBack(name)));
}

/** RFC 9110 section 7.6.1, with the proxies' own words about the client, which are said anew. */
const heldBack = new Set([
  'authorization',
  'proxy-authorization',
  'connection',
  'proxy-connection',
  'keep-alive',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
  'expect',
  'forwarded',
]);

function isHeldBack(name: string): boolean {
  return heldBack.has(name) || looksLikeIdentity(name) || name.replace(/[_.]/g, '-').startsWith('x-forwarded-');
}
