// Debricked's language: a user name and password, or a long-lived access token, for a JWT of an hour.
// Signing in with a browser and managing long-lived tokens are in debricked/; who gets in is core's decision.

import type { TypeBoxTypeProvider } from '@fastify/type-provider-typebox';
import { Type } from 'typebox';
import type { Core } from '../core/core.ts';
import { type CredentialReason, type ErrorCode, KeywardError } from '../core/errors.ts';
import type { ExchangeRequest } from '../core/tokens/exchange.ts';
import { accessTokensPath, mountAccessTokens } from './debricked/access-tokens.ts';
import { authLoginPath, errorWords, mountAuthLogin } from './debricked/auth-login.ts';
import { apiAccess, hourlyJwt } from './debricked/jwt.ts';
import { reference } from './debricked/reference.ts';
import type { Answer, Dialect } from './dialect.ts';
import { retryAfter } from './retry-after.ts';

const loginCheck = '/api/login_check';
const loginRefresh = '/api/login_refresh';

const Login = Type.Object({ _username: Type.String(), _password: Type.String() });
/** A request without a body is one whose field is absent: it is answered 401, not 400. */
const Refresh = Type.Union([Type.Object({ refresh_token: Type.Optional(Type.String()) }), Type.Null()]);

export const debricked: Dialect = {
  name: 'debricked',
  paths: [loginCheck, loginRefresh, accessTokensPath, authLoginPath],
  accepts: ['jwt:debricked'],
  bodies: ['json', 'form'],
  reference,
  mount(scope, core) {
    const routes = scope.withTypeProvider<TypeBoxTypeProvider>();
    routes.post(loginCheck, { schema: { body: Login } }, async ({ body, clientAddress: address, headers }) => {
      const proof = { kind: 'password', username: body._username, password: body._password, who: 'anyone' } as const;
      const client = { address, userAgent: headers['user-agent'] };
      return tokenFor(core, { proof, ...client, shape: hourlyJwt, requires: apiAccess });
    });
    routes.post(loginRefresh, { schema: { body: Refresh } }, async ({ body, clientAddress: address, headers }) => {
      const secret = body?.refresh_token;
      if (secret === undefined) throw notIssued('missing');
      const client = { address, userAgent: headers['user-agent'] };
      return tokenFor(core, { proof: { kind: 'api_token', secret }, ...client, shape: hourlyJwt, requires: apiAccess });
    });
    mountAccessTokens(scope, core);
    mountAuthLogin(scope, core);
  },
  refuse(refusal, at) {
    const words = refusalsAt.get(at.routeOptions.url ?? '') ?? callRefusals;
    const [status, message] = words[refusal.reason];
    return say(status, message, status === 401 ? { 'www-authenticate': 'Bearer' } : {});
  },
  fail(error, { routeOptions: { url } }) {
    const { code } = error;
    const message = code === 'forbidden' ? notAllowed : error.message;
    return say(statuses[code], message, retryAfter(error), errorWords(url, code, message));
  },
};

/** The official client decodes the reply into a map of strings, so it holds no number. */
async function tokenFor(core: Core, request: ExchangeRequest): Promise<{ token: string }> {
  const outcome = await core.exchange(request);
  if (!outcome.allowed) throw notIssued(outcome.reason);
  return { token: outcome.token };
}

function notIssued(reason: CredentialReason): KeywardError {
  return new KeywardError('unauthenticated', 'No token was issued.', { reason });
}

function say(status: number, message: string, headers: Record<string, string>, more: object = {}): Answer {
  return { status, headers, body: { code: status, message, ...more } };
}

type Words = Readonly<Record<CredentialReason, readonly [status: 401 | 403, message: string]>>;

const notAllowed = 'you do not have access to current operation';
const invalidJwt = 'Invalid JWT Token';
const invalidCredentials = 'Invalid credentials.';
const noRefreshToken = 'JWT Refresh Token Not Found';

const callRefusals: Words = {
  missing: [401, 'JWT Token not found'],
  unknown: [401, invalidJwt],
  inactive: [401, invalidJwt],
  revoked: [401, invalidJwt],
  expired: [401, 'Expired JWT Token'],
  exchange_only: [401, invalidJwt],
  wrong_organization: [403, notAllowed],
  wrong_api: [403, notAllowed],
  address_not_allowed: [403, notAllowed],
  wrong_key: [401, invalidJwt],
  invalid_proof: [401, invalidJwt],
  nonce_required: [401, invalidJwt],
  missing_permission: [403, notAllowed],
};

const refusalsAt: ReadonlyMap<string, Words> = new Map([
  [
    loginCheck,
    {
      missing: [401, invalidCredentials],
      unknown: [401, invalidCredentials],
      inactive: [401, invalidCredentials],
      revoked: [401, invalidCredentials],
      expired: [401, invalidCredentials],
      exchange_only: [401, invalidCredentials],
      wrong_organization: [401, invalidCredentials],
      wrong_api: [401, invalidCredentials],
      address_not_allowed: [401, invalidCredentials],
      wrong_key: [401, invalidCredentials],
      invalid_proof: [401, invalidCredentials],
      nonce_required: [401, invalidCredentials],
      missing_permission: [403, notAllowed],
    },
  ],
  [
    loginRefresh,
    {
      missing: [401, 'Missing JWT Refresh Token'],
      unknown: [401, noRefreshToken],
      inactive: [401, noRefreshToken],
      revoked: [401, noRefreshToken],
      expired: [401, 'Invalid JWT Refresh Token'],
      exchange_only: [401, noRefreshToken],
      wrong_organization: [401, noRefreshToken],
      wrong_api: [401, noRefreshToken],
      address_not_allowed: [401, noRefreshToken],
      wrong_key: [401, noRefreshToken],
      invalid_proof: [401, noRefreshToken],
      nonce_required: [401, noRefreshToken],
      missing_permission: [403, notAllowed],
    },
  ],
]);

const statuses: Readonly<Record<ErrorCode, number>> = {
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
  // 403 stops the official client at once; any 401 would make it send its long-lived token in clear as well.
  insecure_transport: 403,
  second_factor_required: 403,
  confirmation_required: 403,
  too_many_requests: 429,
  unavailable: 503,
  internal: 500,
};
