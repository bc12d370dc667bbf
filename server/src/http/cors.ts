// Which pages of other origins may read answers: the CORS protocol of the Fetch standard. What is said to whom is decided
// here; whose policy a request falls under is not.

import type { IncomingHttpHeaders } from 'node:http';

/** Which pages of other origins may make calls and read the answers. */
export interface CorsPolicy {
  /** `https://app.example.com`; `*` for all. */
  readonly origins: readonly string[];
  /** The methods that pages may use, in upper case; whatever the path knows unless said. */
  readonly methods?: readonly string[];
  /** The headers that pages may send; whatever they ask for unless said. */
  readonly headers?: readonly string[];
  /** What pages may read beside Keyward's own headers. */
  readonly exposeHeaders?: readonly string[];
  /** How long a browser may remember the answer to a preflight; 600 unless said. */
  readonly maxAgeSeconds?: number;
  /** True lets browsers add cookies of the API's own; never together with `*`, and never for Keyward's own API (S87). */
  readonly credentials?: boolean;
}

/** What of a request decides it. */
interface CorsRequest {
  readonly method: string;
  readonly headers: IncomingHttpHeaders;
}

/** The policy of Keyward's own API. Credentials that a browser adds by itself are never allowed there (S87). */
export function ownPolicy(origins: readonly string[]): CorsPolicy {
  return {
    origins,
    headers: [
      'Authorization',
      'Content-Type',
      'DPoP',
      'Idempotency-Key',
      'If-Match',
      'If-None-Match',
      'Last-Event-ID',
      'X-Request-Id',
    ],
  };
}

/** Headers of every answer, refusals among them, where pages of the request's origin may read it. */
export function corsHeaders(policy: CorsPolicy, request: CorsRequest): Record<string, string> {
  const isForAll = policy.origins.includes('*');
  // Whether the answer may be read differs by origin, which caches must know (Fetch standard, CORS protocol and caches).
  const vary: Record<string, string> = isForAll ? {} : { vary: 'Origin' };
  const { origin } = request.headers;
  const isKnown = isForAll || (origin !== undefined && policy.origins.includes(origin));
  if (!isKnown || !isAllowedMethod(policy, preflightMethod(request) ?? request.method)) return vary;
  return {
    ...vary,
    'access-control-allow-origin': isForAll ? '*' : (origin ?? ''),
    'access-control-expose-headers': [...exposed, ...(policy.exposeHeaders ?? [])].join(', '),
    ...(policy.credentials === true && !isForAll && { 'access-control-allow-credentials': 'true' }),
  };
}

/** True for a question of the browser's own, before the call: it is answered 204, costs nothing and needs no credential. */
export function isPreflight(request: CorsRequest): boolean {
  return preflightMethod(request) !== undefined;
}

/** The method that a preflight asks about; undefined for any other request. */
export function preflightMethod({ method, headers }: CorsRequest): string | undefined {
  return method === 'OPTIONS' && headers.origin !== undefined ? requestedMethod(headers) : undefined;
}

/** What the answer to a preflight says beside `corsHeaders`. What may not be called is refused when it is. */
export function preflightHeaders(policy: CorsPolicy, { headers }: CorsRequest): Record<string, string> {
  return {
    'access-control-allow-methods': policy.methods?.join(', ') ?? requestedMethod(headers) ?? '',
    'access-control-allow-headers': policy.headers?.join(', ') ?? requestedHeaders(headers),
    'access-control-max-age': String(policy.maxAgeSeconds ?? 600),
  };
}

const exposed = [
  'DPoP-Nonce',
  'ETag',
  'Idempotent-Replayed',
  'Keyward-Refusal',
  'Location',
  'RateLimit',
  'RateLimit-Policy',
  'Retry-After',
  'WWW-Authenticate',
  'X-Request-Id',
];

function isAllowedMethod({ methods }: CorsPolicy, method: string): boolean {
  return methods === undefined || methods.includes(method) || (method === 'HEAD' && methods.includes('GET'));
}

function requestedMethod(headers: IncomingHttpHeaders): string | undefined {
  const method = headers['access-control-request-method'];
  return method !== undefined && /^[A-Z]{1,16}$/.test(method) ? method : undefined;
}

/** Said back as they were asked for: a `*` would not hold for `Authorization`. */
function requestedHeaders(headers: IncomingHttpHeaders): string {
  const names = headers['access-control-request-headers'] ?? '';
  return /^[\w!#$%&'*+.^`|~, -]{1,2048}$/.test(names) ? names : '';
}
