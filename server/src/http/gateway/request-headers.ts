// What of a call's headers may go on to the upstream: nothing that says who is calling or from where, for only Keyward may
// say that, and nothing that is for one hop only. What Keyward says is in dialects/identity-headers.ts.

import type { IncomingHttpHeaders } from 'node:http';
import { withoutSession } from '../../dialects/native/session-cookie.ts';

/**
 * The headers a client sent that may go on to an upstream. Its credential goes on only where the route keeps it; a session
 * in the portal never does: a browser sends it to every path of this host, and it is none of the upstream's business.
 */
export function forwardableHeaders(headers: IncomingHttpHeaders, keepsCredential: boolean): IncomingHttpHeaders {
  const named = namedInConnection(headers.connection);
  const { cookie, ...rest } = headers;
  const cookies = cookie === undefined ? '' : withoutSession(cookie);
  return Object.fromEntries(
    Object.entries(cookies === '' ? rest : { ...rest, cookie: cookies }).filter(
      ([name]) =>
        !isHeldBack(name) && !named.has(name) && (keepsCredential || (name !== 'authorization' && name !== 'dpop')),
    ),
  );
}

/** RFC 9110 section 7.6.1. */
export const hopByHop: ReadonlySet<string> = new Set([
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

/** The headers that Connection makes hop-by-hop. */
export function namedInConnection(connection: string | undefined): Set<string> {
  return new Set((connection ?? '').split(',').map((name) => name.trim().toLowerCase()));
}

/** What only a proxy may say, and what makes some frameworks serve another call than the one that was checked. */
const heldBack =
  /^(?:expect|forwarded|x-(?:auth|forwarded|original)-.*|x-(?:rewrite-url|http-method(?:-override)?|method-override))$/;

/** What proxies and content delivery networks say of the client's address, which frameworks believe. */
const addressHeaders: ReadonlySet<string> = new Set([
  'x-real-ip',
  'x-client-ip',
  'x-cluster-client-ip',
  'x-remote-ip',
  'x-remote-addr',
  'x-proxyuser-ip',
  'x-envoy-external-address',
  'x-azure-clientip',
  'x-azure-socketip',
  'x-appengine-user-ip',
  'true-client-ip',
  'client-ip',
  'remote-addr',
  'cf-connecting-ip',
  'cf-connecting-ipv6',
  'cf-pseudo-ipv4',
  'fastly-client-ip',
  'fly-client-ip',
  'do-connecting-ip',
  'proxy-client-ip',
  'wl-proxy-client-ip',
]);

/** CGI and WSGI turn `-`, `_` and `.` into one another, so a name is held back in all these spellings. */
function isHeldBack(name: string): boolean {
  const plain = name.replace(/[_.]/g, '-');
  return hopByHop.has(name) || heldBack.test(plain) || addressHeaders.has(plain);
}
