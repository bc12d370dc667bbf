// Every problem that Keyward's own API answers with: what its page says, and the documentation lists. One table, so that no
// problem can come without a page.

import type { ErrorCode } from '../../core/errors.ts';

export type ProblemCode = ErrorCode | 'invalid_credential' | 'expired_credential' | 'exchange_only_credential';

export interface ProblemType {
  status: number;
  title: string;
  /** What happened. Backquotes stand around what is code. */
  happened: string;
  /** What to do. */
  remedy: string;
}

/** Where the pages are; a problem's `type` is the server's address, this, and the code. */
export const problemsPath = '/problems';

const comeBack = 'Wait as long as `Retry-After` says, then send the request again.';

export const problemTypes: Readonly<Record<ProblemCode, ProblemType>> = {
  invalid_request: {
    status: 400,
    title: 'Invalid request',
    happened: 'Something in the request cannot be read, is missing, wrong or unknown.',
    remedy: '`detail` and `errors` say what is wrong and where. Change that, and send the request again.',
  },
  insecure_transport: {
    status: 400,
    title: 'HTTPS only',
    happened: 'The request came over plain HTTP. The credential was not looked at.',
    remedy: 'Use the `https://` address, and replace the credential: others may have read it.',
  },
  unauthenticated: {
    status: 401,
    title: 'Not authenticated',
    happened: 'No credential was sent.',
    remedy: 'Send one: `Authorization: Bearer` and an access token, or an API token that may be used directly.',
  },
  invalid_credential: {
    status: 401,
    title: 'Credential not accepted',
    happened: 'The credential is unknown, inactive or revoked: one answer for all.',
    remedy: 'See whether it is whole and for this server. If it is, ask for a new one.',
  },
  expired_credential: {
    status: 401,
    title: 'Credential expired',
    happened: 'The credential has come to its end.',
    remedy: 'Get a new access token, or have a new API token made.',
  },
  exchange_only_credential: {
    status: 401,
    title: 'Credential not for calls',
    happened: 'The API token may only be exchanged for an access token.',
    remedy: 'Exchange it at `POST /v1/access-tokens` or `POST /oauth/token`, and call with what you get.',
  },
  second_factor_required: {
    status: 401,
    title: 'Second factor required',
    happened: 'The password was right; the code of the second factor is lacking, wrong or was used before.',
    remedy: 'Send the password again with `code`, from your authenticator or your recovery codes.',
  },
  forbidden: {
    status: 403,
    title: 'Not permitted',
    happened: 'The credential may not do this here: it lacks a permission, or would grant what it lacks.',
    remedy:
      '`permissions` says what is needed, and `lacking` where it is lacking. Ask whoever manages your organization.',
  },
  confirmation_required: {
    status: 403,
    title: 'Confirmation required',
    happened: 'This is done in a session only just after the password was asked for.',
    remedy: 'Confirm with your password, then send the request again.',
  },
  not_found: {
    status: 404,
    title: 'Not found',
    happened: 'It does not exist in this organization, or nothing is at this path.',
    remedy: 'See whether the path and the id are right, and the credential is of the right organization.',
  },
  method_not_allowed: {
    status: 405,
    title: 'Method not allowed',
    happened: 'The path is known, but not with this method.',
    remedy: 'Use one of the methods that `Allow` names.',
  },
  conflict: {
    status: 409,
    title: 'Conflict',
    happened: 'A name or external id is taken, the last owner who can sign in would go, or what would go is in use.',
    remedy:
      '`detail` says what stands in the way, and `holders` who uses it. Choose another name, or change that first.',
  },
  too_large: {
    status: 413,
    title: 'Too large',
    happened: 'The body is larger than is read here.',
    remedy: 'Send less at a time.',
  },
  uri_too_long: {
    status: 414,
    title: 'Address too long',
    happened: 'The path and query are longer than is read here.',
    remedy: 'Ask for less at a time.',
  },
  unsupported_media_type: {
    status: 415,
    title: 'Unsupported media type',
    happened: 'The body is of a media type that is not read here.',
    remedy: 'Send `Content-Type: application/json`, or what the description of the endpoint names.',
  },
  idempotency_key_reused: {
    status: 422,
    title: 'Idempotency key used before',
    happened: 'The `Idempotency-Key` came with another request within a day.',
    remedy: 'Use a new key for each new request, and the same one only to send the same request again.',
  },
  too_many_requests: {
    status: 429,
    title: 'Too many requests',
    happened: 'There were too many requests, or too many wrong guesses.',
    remedy: comeBack,
  },
  internal: {
    status: 500,
    title: 'Internal error',
    happened: 'A mistake of the server.',
    remedy: 'Tell whoever runs it the id in `detail`: it finds the cause in the log.',
  },
  unavailable: {
    status: 503,
    title: 'Temporarily unavailable',
    happened: 'The server cannot answer at the moment, as while its database is away.',
    remedy: comeBack,
  },
};
