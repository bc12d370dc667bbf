// How OAuth says no: the errors of RFC 6749 section 5.2 in JSON at its endpoints, the challenges of RFC 6750 section 3 for
// calls. Which of them it is, is decided where something is refused.

import type { FastifyReply } from 'fastify';
import { type Static, Type } from 'typebox';
import type { Refusal } from '../../core/caller/refusal.ts';
import type { CredentialReason, ErrorCode, KeywardError } from '../../core/errors.ts';
import { noLinks } from '../answer-links.ts';
import { bearerChallenge, type ChallengeError } from '../challenge/bearer.ts';
import type { Answer, Place } from '../dialect.ts';
import { retryAfter } from '../retry-after.ts';

export const OAuthError = Type.Object({ error: Type.String(), error_description: Type.Optional(Type.String()) });
export type OAuthError = Static<typeof OAuthError>;

/** What every endpoint may answer beside what it is for. */
export const errorAnswers = {
  400: OAuthError,
  401: OAuthError,
  413: OAuthError,
  415: OAuthError,
  429: OAuthError,
  503: OAuthError,
} as const;

export function oauthError(status: number, error: string, text: string, headers: Answer['headers'] = {}): Answer {
  return { status, headers, body: { error, error_description: described(text) } satisfies OAuthError };
}

/** A client that did not prove who it is, wherever it tried: 401, and how it is done (RFC 6749 section 5.2). */
export function invalidClient(text: string): Answer {
  return oauthError(401, 'invalid_client', text, { 'www-authenticate': 'Basic realm="keyward", charset="UTF-8"' });
}

/** Sends an answer as the error that it is. */
export function sendError(reply: FastifyReply, { status, headers = {}, body }: Answer): FastifyReply {
  return reply.code(status).headers(headers).send(body);
}

/** At the endpoints under /oauth a client authenticates; anywhere else a bearer was refused. */
export function refuse({ reason, required = [] }: Refusal, at: Place): Answer {
  if (at.routeOptions.url?.startsWith('/oauth/') === true && reason === 'missing') {
    return invalidClient('Send client_id and client_secret, in the Authorization header or in the body.');
  }
  const [status, error, description] = refusals[reason];
  const challenge = reason === 'missing' ? {} : { error, description, required };
  return oauthError(status, error, description, {
    'www-authenticate': bearerChallenge(challenge, at.links?.() ?? noLinks),
  });
}

export function fail(failure: KeywardError, at: Place): Answer {
  const [status, error] = failures[failure.code];
  const { permission } = failure.detail;
  const required = permission === undefined ? [] : [permission];
  return oauthError(status, error, failure.message, {
    ...(error === 'insufficient_scope' && {
      'www-authenticate': bearerChallenge({ error, required }, at.links?.() ?? noLinks),
    }),
    ...retryAfter(failure),
  });
}

/** RFC 6749 section 5.2 allows neither quotes nor backslashes, and nothing beyond ASCII. */
function described(text: string): string {
  return text.replaceAll(/["“”]/g, "'").replaceAll(/[^\x20-\x21\x23-\x5b\x5d-\x7e]/g, '?');
}

type Words = readonly [status: 401 | 403, error: ChallengeError, text: string];

const notAccepted: Words = [401, 'invalid_token', 'The access token was not accepted.'];

const refusals: Readonly<Record<CredentialReason, Words>> = {
  missing: [401, 'invalid_token', 'Send an access token: Authorization: Bearer <token>'],
  unknown: notAccepted,
  inactive: notAccepted,
  revoked: notAccepted,
  expired: [401, 'invalid_token', 'The access token has expired.'],
  exchange_only: notAccepted,
  wrong_organization: [403, 'insufficient_scope', 'The access token is of another organization.'],
  // RFC 9068 section 4: what is for somebody else is no token here.
  wrong_api: [401, 'invalid_token', 'The access token is for another API.'],
  address_not_allowed: [403, 'insufficient_scope', 'The access token may not be used from this address.'],
  wrong_key: [401, 'invalid_token', 'The access token is bound to a key, or the proof is by another.'],
  invalid_proof: [401, 'invalid_dpop_proof', 'The DPoP proof was not accepted.'],
  nonce_required: [401, 'use_dpop_nonce', 'The DPoP proof must be made with the nonce in DPoP-Nonce.'],
  missing_permission: [403, 'insufficient_scope', 'The access token does not hold the permission that this needs.'],
};

const failures: Readonly<Record<ErrorCode, readonly [status: number, error: string]>> = {
  invalid_request: [400, 'invalid_request'],
  unauthenticated: [401, 'invalid_client'],
  forbidden: [403, 'insufficient_scope'],
  not_found: [404, 'invalid_request'],
  method_not_allowed: [405, 'invalid_request'],
  conflict: [409, 'invalid_request'],
  idempotency_key_reused: [422, 'invalid_request'],
  too_large: [413, 'invalid_request'],
  uri_too_long: [414, 'invalid_request'],
  unsupported_media_type: [415, 'invalid_request'],
  insecure_transport: [400, 'invalid_request'],
  second_factor_required: [403, 'access_denied'],
  confirmation_required: [403, 'access_denied'],
  too_many_requests: [429, 'temporarily_unavailable'],
  unavailable: [503, 'temporarily_unavailable'],
  internal: [500, 'server_error'],
};
