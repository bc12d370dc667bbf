// RebelCore: an API user's username and password for one sealed token of 24 hours, under /api/v1/authorize.
// API users are made elsewhere; this wire can neither refresh nor revoke.

import type { TypeBoxTypeProvider } from '@fastify/type-provider-typebox';
import type { FastifyInstance } from 'fastify';
import { Type } from 'typebox';
import type { Core } from '../core/core.ts';
import type { CredentialReason, ErrorCode, Fault } from '../core/errors.ts';
import type { Answer, Dialect } from './dialect.ts';
import { type Reference, samples } from './operation.ts';
import { retryAfter } from './retry-after.ts';

const Token = Type.Object({ token: Type.String(), expires_at: Type.Integer(), token_type: Type.Literal('Bearer') });
const FaultShown = Type.Object({
  loc: Type.Array(Type.Union([Type.String(), Type.Integer()])),
  msg: Type.String(),
  type: Type.String(),
});

const reference: Reference = {
  about: "RebelCore's API: an API user's name and password for a token of a day.",
  error: Type.Object({ detail: Type.Union([Type.String(), Type.Array(FaultShown)]) }),
  operations: {
    'POST /api/v1/authorize': {
      id: 'rebelcoreAuthorize',
      summary: 'A name and password for a token',
      credential: 'none',
      fails: ['unauthenticated', 'too_many_requests'],
      answers: { 200: { 'application/json': Token } },
      body: { username: samples.apiUserUsername, password: samples.apiUserPassword },
    },
  },
};

export const rebelcore: Dialect = {
  name: 'rebelcore',
  paths: ['/api/v1/authorize'],
  accepts: ['sealed'],
  bodies: ['json'],
  reference,
  mount,
  refuse({ reason }) {
    const [status, detail] = refusals[reason];
    if (status !== 401) return { status, body: { detail } };
    return unauthorized(detail, reason === 'missing' ? 'Bearer' : 'Bearer error="invalid_token"');
  },
  fail(error) {
    const status = failures[error.code];
    const { faults } = error.detail;
    const detail = error.code === 'invalid_request' && faults !== undefined ? faults.map(inFastApi) : error.message;
    return status === 401 ? unauthorized(error.message) : { status, headers: retryAfter(error), body: { detail } };
  },
};

const notValid = [401, 'missing or invalid token'] as const;

const refusals: Record<CredentialReason, readonly [status: number, detail: string]> = {
  missing: notValid,
  unknown: notValid,
  inactive: notValid,
  revoked: notValid,
  /** The text at which clients authorize anew. */
  expired: [401, 'token expired'],
  exchange_only: notValid,
  wrong_organization: [403, 'forbidden'],
  wrong_api: [403, 'forbidden'],
  address_not_allowed: [403, 'address not allowed'],
  wrong_key: notValid,
  invalid_proof: notValid,
  nonce_required: notValid,
  missing_permission: [403, 'missing permission'],
};

const failures: Record<ErrorCode, number> = {
  invalid_request: 400,
  unauthenticated: 401,
  forbidden: 403,
  not_found: 404,
  method_not_allowed: 405,
  conflict: 409,
  idempotency_key_reused: 422,
  too_large: 413,
  uri_too_long: 414,
  unsupported_media_type: 415,
  insecure_transport: 400,
  second_factor_required: 401,
  confirmation_required: 403,
  too_many_requests: 429,
  unavailable: 503,
  internal: 500,
};

/** FastAPI's words for each kind of fault; `malformed` is JSON that cannot be read. */
const faultWords: Record<Fault['kind'], (fault: Fault) => { msg: string; type: string }> = {
  missing: () => ({ msg: 'Field required', type: 'missing' }),
  wrong_type: ({ at }) =>
    at.length > 1
      ? { msg: 'Input should be a valid string', type: 'string_type' }
      : { msg: 'Input should be a valid dictionary or object to extract fields from', type: 'model_attributes_type' },
  invalid: ({ message }) => ({ msg: message, type: 'value_error' }),
  unknown_field: () => ({ msg: 'Extra inputs are not permitted', type: 'extra_forbidden' }),
  malformed: ({ message }) => ({ msg: message, type: 'json_invalid' }),
};

/** No bound on lengths: what is too long is as wrong as any other password, and must look it (S21). */
const Credentials = Type.Object({ username: Type.String(), password: Type.String() });

const dayMs = 86_400_000;

function mount(instance: FastifyInstance, core: Core): void {
  const scope = instance.withTypeProvider<TypeBoxTypeProvider>();
  scope.post('/api/v1/authorize', { schema: { body: Credentials } }, async (request, reply) => {
    const { username, password } = request.body;
    const outcome = await core.exchange({
      proof: { kind: 'password', username, password, who: 'api_user' },
      address: request.clientAddress,
      userAgent: request.headers['user-agent'],
      shape: () => ({ form: 'sealed', lifetimeMs: dayMs, outlivesDeactivation: true }),
    });
    if (outcome.allowed) {
      return { token: outcome.token, expires_at: Math.floor(outcome.expiresAt / 1000), token_type: 'Bearer' };
    }
    // One answer for every reason, byte for byte.
    const { status, headers = {}, body } = unauthorized('invalid credentials');
    return reply.code(status).headers(headers).send(body);
  });
}

function unauthorized(detail: string, challenge = 'Bearer'): Answer {
  return { status: 401, headers: { 'www-authenticate': challenge }, body: { detail } };
}

/** FastAPI would also repeat the input, which here is a password. */
function inFastApi(fault: Fault): { loc: Fault['at']; msg: string; type: string } {
  return { loc: fault.at, ...faultWords[fault.kind](fault) };
}
