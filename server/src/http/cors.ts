// Which pages of other origins may read answers: the CORS protocol of the Fetch standard. Cookies and other credentials
// that a browser adds by itself are never allowed (S87): a page brings its credential in Authorization, or none.

import type { IncomingHttpHeaders } from 'node:http';

/** What of a request decides it. */
interface CorsRequest {
  readonly method: string;
  readonly headers: IncomingHttpHeaders;
}

/** Headers of every answer, refusals among them, where these origins (`*`: all) may read it. */
export function corsHeaders(origins: readonly string[], { headers }: CorsRequest): Record<string, string> {
  const { origin } = headers;
  if (origins.includes('*')) return { 'access-control-allow-origin': '*', 'access-control-expose-headers': exposed };
  if (origin === undefined || !origins.includes(origin)) return { vary: 'Origin' };
  return { vary: 'Origin', 'access-control-allow-origin': origin, 'access-control-expose-headers': exposed };
}

/** True for a question of the browser's own, before the call: it is answered 204, costs nothing and needs no credential. */
export function isPreflight({ method, headers }: CorsRequest): boolean {
  return method === 'OPTIONS' && headers.origin !== undefined && requestedMethod(headers) !== undefined;
}

/** What the answer to a preflight says beside `corsHeaders`. What may not be called is refused when it is. */
export function preflightHeaders({ headers }: CorsRequest): Record<string, string> {
  return {
    'access-control-allow-methods': requestedMethod(headers) ?? '',
    'access-control-allow-headers': 'Authorization, Content-Type, If-Match, If-None-Match, Last-Event-ID, X-Request-Id',
    'access-control-max-age': '600',
  };
}

const exposed = 'ETag, Location, RateLimit, RateLimit-Policy, Retry-After, WWW-Authenticate, X-Request-Id';

function requestedMethod(headers: IncomingHttpHeaders): string | undefined {
  const method = headers['access-control-request-method'];
  return method !== undefined && /^[A-Z]{1,16}$/.test(method) ? method : undefined;
}
