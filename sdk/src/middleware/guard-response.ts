// A verdict as HTTP has it: status, header fields, and a problem (RFC 9457) in the words of Keyward's own API. Which
// framework sends it does not matter here.

import { proofAlgorithms } from '@keyward/rules/dpop/proof-key';
import { KeywardError } from '../errors.ts';
import type { LimitState, Reason, Refused, Verdict } from '../verifier/verdict.ts';
import type { Problem } from '../wire/problem.ts';

export interface GuardResponse {
  status: number;
  headers: Readonly<Record<string, string>>;
  /** JSON text. */
  body: string;
}

/**
 * `RateLimit` of one limit and `RateLimit-Policy` of all (draft-ietf-httpapi-ratelimit-headers-11), and the policy that let
 * in a call which could not be counted; nothing where nothing is limited.
 */
export function limitHeaders({ limit }: Pick<Verdict, 'limit'>): Record<string, string> {
  if (limit === null) return {};
  const { remaining, resetMs, unavailable, all } = limit;
  const headers: Record<string, string> = {
    ratelimit: `"${nameOf(limit)}";r=${remaining};t=${seconds(resetMs)}`,
    'ratelimit-policy': all === undefined ? policyOf(limit) : all.map(policyOf).join(', '),
  };
  if (unavailable !== undefined) headers['keyward-limits-unavailable'] = unavailable;
  return headers;
}

/** What an answer may point to. */
export interface ResponseLinks {
  /** Keyward's public address: it has a page for each problem. */
  issuer: string;
  /** Where the API's metadata is (RFC 9728). */
  resourceMetadata?: string | undefined;
  /** What the guard requires, for whoever has no token yet; told beside the metadata. */
  scope?: readonly string[] | undefined;
}

/**
 * What whoever was refused is told: 401, 403 or 429. Finer reasons than these are for your logs. `isBound`: the call came
 * with the scheme DPoP.
 */
export function responseTo(refusal: Refused, links: ResponseLinks, isBound = false): GuardResponse {
  const { reason, limit, required, proofFault, refusal: id } = refusal;
  const named: Record<string, string> = id === undefined ? {} : { 'keyward-refusal': id };
  const { issuer, resourceMetadata, scope: wanted = [] } = links;
  if (reason === 'rate_limited') return overspent(limit, links, named);
  const { status, code, title, detail, error } = words[reason];
  const members = code === 'forbidden' && required.length > 0 ? { permissions: [...required] } : {};
  const isFound = status === 401 && resourceMetadata !== undefined;
  const scope = error === 'insufficient_scope' ? scopeOf(required) : isFound ? scopeOf(wanted) : '';
  const metadata = resourceMetadata === undefined ? '' : `, resource_metadata="${resourceMetadata}"`;
  const scheme = isBound || reason === 'wrong_key' ? dpop : 'Bearer realm="keyward"';
  const description = proofFault === undefined ? '' : `, error_description="${proofFault}"`;
  const said = error === undefined ? '' : `, error="${error}"`;
  const challenge = `${scheme}${said}${description}${scope}${metadata}`;
  const headers: Record<string, string> =
    status === 401 || error !== undefined ? { ...named, 'www-authenticate': challenge } : named;
  return problem({ type: typeOf(code, issuer), title, status, detail, ...members }, headers);
}

/** RFC 9449 section 7.1. */
const dpop = `DPoP algs="${proofAlgorithms.join(' ')}"`;

/** What would be too long for a head is in the body alone: clients take 8 to 16 kB of all header fields. */
function scopeOf(required: readonly string[]): string {
  const scope = required.join(' ');
  return scope === '' || scope.length > longestScope ? '' : `, scope="${scope}"`;
}

const longestScope = 2048;

/** The answer to a call that could not be checked: 503, never a yes. Rethrows what is no KeywardError. */
export function responseToError(error: unknown, { issuer }: ResponseLinks): GuardResponse {
  if (!(error instanceof KeywardError)) throw error;
  const detail = 'The call cannot be checked at the moment. Try again shortly.';
  const type = typeOf('unavailable', issuer);
  return problem({ type, title: 'Temporarily unavailable', status: 503, detail }, { 'retry-after': '1' });
}

/** The answer to a call with more than one credential. */
export function responseToAmbiguity({ issuer }: ResponseLinks): GuardResponse {
  const detail = 'Send one credential, in one place: this request carries more than one.';
  const type = typeOf('invalid_request', issuer);
  return problem({ type, title: 'Invalid request', status: 400, detail }, {});
}

function typeOf(code: string, issuer: string): string {
  return `${issuer}/problems/${code}`;
}

function overspent(limit: LimitState | null, { issuer }: ResponseLinks, named: Record<string, string>): GuardResponse {
  const title = 'Too many requests';
  const wait = { ...named, 'retry-after': String(Math.max(1, seconds(limit?.retryAfterMs ?? 0))) };
  if (limit === null) {
    const type = typeOf('too_many_requests', issuer);
    return problem({ type, title, status: 429, detail: 'The budget is spent. Wait, then try again.' }, wait);
  }
  const { limit: quota, windowMs, all } = limit;
  const which = all === undefined ? '' : ` "${nameOf(limit)}"`;
  const violated = all === undefined ? [limit] : all.filter(({ retryAfterMs }) => retryAfterMs > 0);
  return problem(
    {
      // Registered by the draft, section 6.
      type: 'https://iana.org/assignments/http-problem-types#quota-exceeded',
      title,
      status: 429,
      detail: `The budget${which} of ${quota} calls in ${windowMs / 1000} seconds is spent. Wait, then try again.`,
      'violated-policies': violated.map(nameOf),
    },
    { ...wait, ...limitHeaders({ limit }) },
  );
}

function policyOf(limit: LimitState): string {
  return `"${nameOf(limit)}";q=${limit.limit};w=${seconds(limit.windowMs)}`;
}

function nameOf({ plan, name = plan }: LimitState): string {
  return name;
}

function problem(body: Problem, headers: Record<string, string>): GuardResponse {
  const type = { 'content-type': 'application/problem+json', 'cache-control': 'no-store' };
  return { status: body.status, headers: { ...type, ...headers }, body: JSON.stringify(body) };
}

function seconds(ms: number): number {
  return Math.ceil(ms / 1000);
}

interface Words extends Pick<Problem, 'status' | 'title' | 'detail'> {
  code: string;
  /** RFC 6750 section 3.1, RFC 9449 section 12.2. */
  error?: 'invalid_token' | 'insufficient_scope' | 'invalid_dpop_proof' | 'use_dpop_nonce';
}

/** Unknown, inactive and revoked are one answer. */
const notAccepted: Words = {
  status: 401,
  code: 'invalid_credential',
  title: 'Credential not accepted',
  detail: 'The credential was not accepted.',
  error: 'invalid_token',
};

const words: Readonly<Record<Exclude<Reason, 'rate_limited'>, Words>> = {
  missing: {
    status: 401,
    code: 'unauthenticated',
    title: 'Not authenticated',
    detail: 'Send a credential: Authorization: Bearer …',
  },
  unknown: notAccepted,
  inactive: notAccepted,
  revoked: notAccepted,
  expired: {
    status: 401,
    code: 'expired_credential',
    title: 'Credential expired',
    detail: 'The credential has expired.',
    error: 'invalid_token',
  },
  exchange_only: {
    status: 401,
    code: 'exchange_only_credential',
    title: 'Credential not for calls',
    detail: 'This token may only be exchanged for an access token.',
    error: 'invalid_token',
  },
  address_not_allowed: {
    status: 403,
    code: 'forbidden',
    title: 'Not permitted',
    detail: 'The credential may not be used from this address.',
  },
  wrong_key: {
    status: 401,
    code: 'invalid_credential',
    title: 'Credential not accepted',
    detail:
      'The access token is bound to a key, or the proof is by another: Authorization: DPoP …, with a proof by that key.',
    error: 'invalid_token',
  },
  invalid_proof: {
    status: 401,
    code: 'invalid_credential',
    title: 'Credential not accepted',
    detail: 'The DPoP proof was not accepted.',
    error: 'invalid_dpop_proof',
  },
  nonce_required: {
    status: 401,
    code: 'invalid_credential',
    title: 'Credential not accepted',
    detail: 'The DPoP proof must be made with the nonce in DPoP-Nonce.',
    error: 'use_dpop_nonce',
  },
  wrong_organization: {
    status: 403,
    code: 'forbidden',
    title: 'Not permitted',
    detail: 'The credential belongs to another organization.',
  },
  wrong_api: {
    status: 403,
    code: 'forbidden',
    title: 'Not permitted',
    detail: 'The credential is bound to other APIs than this one.',
  },
  missing_permission: {
    status: 403,
    code: 'forbidden',
    title: 'Not permitted',
    detail: 'The credential does not hold the permission that this needs.',
    error: 'insufficient_scope',
  },
};
