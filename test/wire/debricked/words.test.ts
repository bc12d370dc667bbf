// What Debricked says where a whole server cannot easily be brought to say it.

import type { FastifyRequest } from 'fastify';
import { expect, it } from 'vitest';
import { type ErrorCode, KeywardError, type Reason } from '../../../server/src/core/errors.ts';
import { debricked } from '../../../server/src/dialects/debricked.ts';

const request = { routeOptions: {} } as FastifyRequest;
const fail = (code: ErrorCode, retryAfterMs?: number) =>
  debricked.fail(new KeywardError(code, 'Words.', retryAfterMs === undefined ? {} : { retryAfterMs }), request);

it.each([
  [undefined, '1'],
  [0, '1'],
  [1, '1'],
  [1000, '1'],
  [1001, '2'],
  [60_000, '60'],
])('rounds a wait of %s ms up to %s whole seconds, which clients obey without a cap', (retryAfterMs, seconds) => {
  for (const [code, status] of [
    ['too_many_requests', 429],
    ['unavailable', 503],
  ] as const) {
    const body = { code: status, message: 'Words.' };
    expect(fail(code, retryAfterMs)).toEqual({ status, headers: { 'retry-after': seconds }, body });
  }
});

it('refuses plain HTTP with a 403 and no redirect, so that no client goes on to send its token in clear [S1]', () => {
  expect(fail('insecure_transport')).toEqual({ status: 403, headers: {}, body: { code: 403, message: 'Words.' } });
});

it.each([
  ['conflict', 409],
  ['uri_too_long', 414],
  ['internal', 500],
] as const)('answers %s with %i and the message', (code, status) => {
  expect(fail(code)).toEqual({ status, headers: {}, body: { code: status, message: 'Words.' } });
});

it.each(['revoked', 'inactive', 'unknown', 'exchange_only'] satisfies Reason[])(
  'does not tell %s from invalid',
  (reason) => {
    const body = { code: 401, message: 'Invalid JWT Token' };
    const headers = { 'www-authenticate': 'Bearer' };
    expect(debricked.refuse({ allowed: false, reason }, request)).toEqual({ status: 401, headers, body });
  },
);

it('answers 403 to a JWT on the path of another organization', () => {
  expect(debricked.refuse({ allowed: false, reason: 'wrong_organization' }, request).status).toBe(403);
});
