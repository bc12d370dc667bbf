// What of a call's headers may go on: to the upstream nothing that says who is calling, for only Keyward may say that,
// and either way nothing that is for one hop only. What Keyward says is in dialects/identity.ts.

import type { IncomingHttpHeaders } from 'node:http';
import { cookieName, withoutSession } from '../../dialects/native/session-cookie.ts';

/**
 * The headers a client sent that may go on to an upstream. Its credential goes on only where the route keeps it; a session
 * in the portal never does: a browser sends it to every path of this host, and it is none of the upstream's business.
 */
export function forwardableHeaders(headers: IncomingHttpHeaders, keepsCredential: boolean): IncomingHttpHeaders {
  const named = namedIn(headers.connection);
  const { cookie, ...rest } = headers;
  const cookies = cookie === undefined ? '' : withoutSession(cookie);
  return Object.fromEntries(
    Object.entries(cookies === '' ? rest : { ...rest, cookie: cookies }).filter(
      ([name]) => !isHeldBack(name) && !named.has(name) && (keepsCredential || name !== 'authorization'),
    ),
  );
}

/** The headers of an upstream's answer that may go on to the client, but no session; the body's framing is said anew. */
export function answeredHeaders(headers: IncomingHttpHeaders): IncomingHttpHeaders {
  const named = namedIn(headers.connection);
  const { 'set-cookie': set, ...rest } = headers;
  const cookies = set?.filter((one) => !one.trimStart().startsWith(cookieName)) ?? [];
  return Object.fromEntries(
    Object.entries(cookies.length === 0 ? rest : { ...rest, 'set-cookie': cookies }).filter(
      ([name]) => !hopByHop.has(name) && !named.has(name),
    ),
  );
}

/** RFC 9110 section 7.6.1. */
const hopByHop = new Set([
  'connection',
  'proxy-connection',
  'proxy-authenticate',
  'proxy-authorization',
  'keep-alive',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
]);

/** What only a proxy may say, and what makes some frameworks serve another call than the one that was judged. */
const heldBack =
  /^(?:expect|forwarded|x-(?:auth|forwarded|original)-.*|x-(?:rewrite-url|http-method(?:-override)?|method-override))$/;

/** CGI and WSGI turn `-`, `_` and `.` into one another, so a name is held back in all these spellings. */
function isHeldBack(name: string): boolean {
  return hopByHop.has(name) || heldBack.test(name.replace(/[_.]/g, '-'));
}

/** The headers that Connection makes hop-by-hop. */
function namedIn(connection: string | undefined): Set<string> {
  return new Set((connection ?? '').split(',').map((name) => name.trim().toLowerCase()));
}
