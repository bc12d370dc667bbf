// Where an application may have answers sent: a web address over HTTPS, a loopback address of the person's own machine
// whatever its port, or a scheme of the application's own (RFC 8252 section 7). Compared as text, never as a pattern.

import { invalid } from '../../errors.ts';

const mostUris = 20;
const longestUri = 2000;

/** What RFC 3986 allows in an address, without what would be a pattern or a fragment. */
const plain = /^[A-Za-z][A-Za-z0-9+.-]*:[A-Za-z0-9\-._~:/?[\]@!$&'()+,;=%]+$/;
const loopback = /^(http:\/\/(?:127\.0\.0\.1|\[::1\]|localhost))(?::\d{1,5})?((?:[/?].*)?)$/;

/** Throws `invalid_request` for the first that cannot be one. */
export function checkedRedirectUris(uris: readonly string[]): readonly string[] {
  if (uris.length > mostUris) throw invalid('redirectUris', `At most ${mostUris} redirect URIs.`);
  for (const [index, uri] of uris.entries()) {
    const fault = uris.indexOf(uri) < index ? 'This redirect URI is in the list already.' : faultOf(uri);
    if (fault !== null) throw invalid(['body', 'redirectUris', index], fault);
  }
  return uris;
}

/** Whether this can be one at all. */
export function isRedirectUri(uri: string): boolean {
  return faultOf(uri) === null;
}

/** Whether answers may be sent to `asked`, as the application has registered it. */
export function isRegisteredRedirect(registered: readonly string[], asked: string): boolean {
  if (registered.includes(asked)) return true;
  const wanted = URL.canParse(asked) ? withoutPort(asked) : null;
  return wanted !== null && registered.some((one) => withoutPort(one) === wanted);
}

/** True for one that any program on the machine, or any that takes the scheme, may receive (RFC 8252 section 8.6). */
export function isAnyonesRedirect(uri: string): boolean {
  return !uri.startsWith('https://');
}

/** What people are told of where they are sent: the host, or the scheme of an application's own. */
export function hostOfRedirect(uri: string): string {
  const { host, protocol } = new URL(uri);
  return uri.startsWith('https://') || uri.startsWith('http://') ? host : protocol.slice(0, -1);
}

function faultOf(uri: string): string | null {
  if (uri.length > longestUri) return `A redirect URI has at most ${longestUri} characters.`;
  if (uri.includes('*')) return 'A redirect URI is compared exactly: * stands for nothing. Register each one.';
  if (uri.includes('#')) return 'A redirect URI has no fragment.';
  if (!plain.test(uri) || !URL.canParse(uri)) return 'Use an absolute URI, such as https://app.example.com/callback.';
  const { username, password } = new URL(uri);
  if (username !== '' || password !== '') return 'A redirect URI has no user name in it.';
  const scheme = uri.slice(0, uri.indexOf(':'));
  if (scheme === 'https') return /^https:\/\/[^/?]/.test(uri) ? null : 'Name the host.';
  if (scheme === 'http') {
    if (loopback.test(uri)) return null;
    return 'Plain HTTP is for http://127.0.0.1, http://[::1] and http://localhost alone. Use https.';
  }
  if (/^[a-z][a-z0-9+-]*(\.[a-z0-9+-]+)+$/.test(scheme)) return null;
  return 'Use https, http on a loopback address, or a scheme of your own after a domain of yours, such as com.example.app:/callback.';
}

/** The parts of a loopback address that count, as one text; null for any other. */
function withoutPort(uri: string): string | null {
  if (!plain.test(uri)) return null;
  const [, host, rest] = loopback.exec(uri) ?? [];
  return host === undefined ? null : `${host} ${rest}`;
}
