// What Parsers says where a whole server cannot easily be brought to say it.

import type { FastifyRequest } from 'fastify';
import { expect, it } from 'vitest';
import { type ErrorCode, KeywardError, type Reason } from '../../../server/src/core/errors.ts';
import { parsers } from '../../../server/src/dialects/parsers.ts';

const request = { routeOptions: {} } as FastifyRequest;
const atEndpoint = { routeOptions: { url: '/v2/auth/token' } } as FastifyRequest;
const fail = (code: ErrorCode, retryAfterMs?: number) =>
  parsers.fail(new KeywardError(code, 'Words.', retryAfterMs === undefined ? {} : { retryAfterMs }), request);

it('refuses plain HTTP with a 4xx in its own words, and never redirects [S1]', () => {
  const message = 'Words.';
  expect(fail('insecure_transport')).toEqual({ status: 403, headers: {}, body: { error: 'Forbidden', message } });
});

it.each([
  ['too_many_requests', 429, 'TooManyRequests'],
  ['unavailable', 503, 'ServiceUnavailable'],
] as const)('says with %s how many whole seconds to wait, at least one', (code, status, error) => {
  const body = { error, message: 'Words.' };
  expect(fail(code)).toEqual({ status, headers: { 'retry-after': '1' }, body });
  expect(fail(code, 0)).toEqual({ status, headers: { 'retry-after': '1' }, body });
  expect(fail(code, 1001)).toEqual({ status, headers: { 'retry-after': '2' }, body });
});

it.each([
  ['conflict', 409, 'Conflict'],
  ['uri_too_long', 414, 'UriTooLong'],
  ['unsupported_media_type', 415, 'UnsupportedMediaType'],
  ['internal', 500, 'InternalServerError'],
] as const)('answers %s with %i', (code, status, error) => {
  expect(fail(code)).toEqual({ status, headers: {}, body: { error, message: 'Words.' } });
});

it.each(['unknown', 'inactive', 'revoked', 'expired', 'exchange_only'] satisfies Reason[])(
  'gives %s the one 401 of the token endpoint',
  (reason) => {
    const [refusal, other] = [{ allowed: false, reason } as const, { allowed: false, reason: 'unknown' } as const];
    expect(parsers.refuse(refusal, atEndpoint)).toEqual(parsers.refuse(other, atEndpoint));
  },
);

it('answers 403 to a token on the path of another organization', () => {
  expect(parsers.refuse({ allowed: false, reason: 'wrong_organization' }, request).status).toBe(403);
});
