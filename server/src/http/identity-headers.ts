// What of a client's headers may go on to an upstream: nothing that says who is calling, for only Keyward may say that.
// What Keyward says is in dialects/identity.ts.

import type { IncomingHttpHeaders } from 'node:http';

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
