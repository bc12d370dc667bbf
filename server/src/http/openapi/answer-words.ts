// What the description says for people of statuses and of errors. The words of real answers are the dialects'.

import type { ErrorCode } from '../../core/errors.ts';

/** What each status means, in all languages. */
export const descriptions: Readonly<Record<number, string>> = {
  200: 'Done.',
  201: 'Made.',
  204: 'Done; there is nothing to say.',
  304: 'Nothing has changed since the `ETag` that was sent.',
  400: 'The request cannot be read, or something in it is wrong.',
  401: 'No credential, or none that is accepted.',
  403: 'The credential may not do this.',
  404: 'There is no such thing, or not in this organization.',
  409: 'What is there stands in the way.',
  413: 'The body is too large.',
  414: 'The address is too long.',
  415: 'The body is of a media type that is not read here.',
  422: 'The idempotency key came with another request before.',
  429: 'Too many; `Retry-After` says when to try again.',
  431: 'The header fields are too large.',
  500: 'A bug; the answer names its id in the log.',
  503: 'Not now; `Retry-After` says when to try again.',
};

/** Such as are said with an error. */
export const sentences: Readonly<Record<ErrorCode, string>> = {
  invalid_request: 'name is required.',
  unauthenticated: 'The credential was not accepted.',
  second_factor_required: 'Send the code of the second factor too.',
  forbidden: 'This needs a permission that the credential does not hold.',
  confirmation_required: 'Confirm with your password first.',
  not_found: 'There is no such thing in this organization.',
  method_not_allowed: 'This path does not know that method.',
  conflict: 'There is one of that name already.',
  idempotency_key_reused: 'This Idempotency-Key came with another request before.',
  too_large: 'The body is too large.',
  uri_too_long: 'The address is too long.',
  unsupported_media_type: 'The body has a media type that is not read here.',
  insecure_transport: 'Use HTTPS.',
  too_many_requests: 'Wait, then try again.',
  unavailable: 'Try again in a moment.',
  internal: 'Internal error. Its id in the log is 5f0e4c79.',
};
