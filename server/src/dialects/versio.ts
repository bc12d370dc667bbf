// Versio: an API token in the `apiToken` scheme or query parameter, and 401 for whatever is wrong with it.
// It has no endpoints: its tokens were managed in a web page, and here by the native API.

import { Type } from 'typebox';
import type { Refusal } from '../core/caller/refusal.ts';
import type { CredentialReason, ErrorCode, KeywardError } from '../core/errors.ts';
import type { Answer, Dialect } from './dialect.ts';
import { retryAfter } from './retry-after.ts';

export const versio: Dialect = {
  name: 'versio',
  paths: [],
  accepts: ['api_token'],
  apiTokenScheme: true,
  bodies: [],
  reference: {
    about: 'Versio: no endpoints; an API token in the scheme `apiToken`, or in the query, of any guarded call.',
    error: Type.Object({ status: Type.Integer(), message: Type.String(), details: Type.Array(Type.String()) }),
    operations: {},
  },
  mount() {
    // Nothing to mount: this language is only spoken on guarded routes.
  },
  refuse: (refusal) => unauthorized(refusedBecause(refusal)),
  fail(error) {
    const [status, message] = failures[error.code];
    if (status === 401) return unauthorized(error.message);
    return { status, headers: retryAfter(error), body: { status, message, details: detailsOf(error) } };
  },
};

const notValid = 'The API token is not valid.';

/** This wire has no 403: a valid token that may not do this, or belongs elsewhere, is 401 too. */
const refusals: Record<CredentialReason, string> = {
  missing: 'This call needs an API token.',
  unknown: notValid,
  inactive: notValid,
  revoked: notValid,
  expired: 'The API token has expired.',
  exchange_only: 'This API token can only be exchanged for an access token.',
  wrong_organization: 'The API token does not belong to this environment.',
  wrong_api: 'The API token is for another API.',
  address_not_allowed: 'The API token may not be used from this address.',
  wrong_key: notValid,
  invalid_proof: notValid,
  nonce_required: notValid,
  missing_permission: 'The API token lacks a required permission.',
};

const failures: Record<ErrorCode, readonly [status: number, message: string]> = {
  invalid_request: [400, 'Bad request'],
  unauthenticated: [401, 'Unauthorized'],
  forbidden: [401, 'Unauthorized'],
  not_found: [404, 'Not found'],
  method_not_allowed: [405, 'Method not allowed'],
  conflict: [400, 'Bad request'],
  idempotency_key_reused: [400, 'Bad request'],
  too_large: [413, 'Content too large'],
  uri_too_long: [414, 'URI too long'],
  unsupported_media_type: [415, 'Unsupported media type'],
  insecure_transport: [400, 'Bad request'],
  second_factor_required: [401, 'Unauthorized'],
  confirmation_required: [403, 'Forbidden'],
  too_many_requests: [429, 'Too many requests'],
  unavailable: [503, 'Service unavailable'],
  internal: [500, 'Internal error'],
};

function refusedBecause({ reason, required = [] }: Refusal): string {
  return reason === 'missing_permission' ? `${refusals[reason]} Required: ${required.join(', ')}.` : refusals[reason];
}

function unauthorized(detail: string): Answer {
  return {
    status: 401,
    headers: { 'www-authenticate': 'apiToken realm="keyward"' },
    body: { status: 401, message: 'Unauthorized', details: [detail] },
  };
}

function detailsOf({ message, detail }: KeywardError): string[] {
  return detail.faults?.map((fault) => `${fault.at.join('.')}: ${fault.message}`) ?? [message];
}
