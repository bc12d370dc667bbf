// Parsers' language: HTTP Basic (a login and password, or an API key and no password) for an RS256 JWT of an hour, which
// is recorded. Looking at a user name's shape is all that it decides about credentials.

import type { FastifyRequest } from 'fastify';
import { Type } from 'typebox';
import type { Principal } from '../core/caller/records.ts';
import { type CredentialReason, type ErrorCode, KeywardError } from '../core/errors.ts';
import type { Proof } from '../core/tokens/exchange.ts';
import type { TokenShape } from '../core/tokens/issue.ts';
import type { Answer, Dialect } from './dialect.ts';
import type { Reference } from './operation.ts';
import { retryAfter } from './retry-after.ts';

const tokenEndpoint = '/v2/auth/token';

const reference: Reference = {
  about: "Parsers' API: HTTP Basic for a JWT of an hour.",
  error: Type.Object({ error: Type.String(), message: Type.String() }),
  operations: {
    [`POST ${tokenEndpoint}`]: {
      id: 'parsersToken',
      summary: 'A login and password, or an API key and no password, for a JWT',
      credential: 'basic',
      fails: ['unauthenticated', 'too_many_requests'],
      answers: { 200: { 'application/json': Type.Object({ token: Type.String() }) } },
    },
  },
};

export const parsers: Dialect = {
  name: 'parsers',
  paths: ['/v2/auth'],
  accepts: ['jwt:parsers'],
  bodies: [],
  reference,
  mount(scope, core) {
    // The endpoint takes no body: one that a client's library sends along is read within the usual limit and forgotten.
    scope.addContentTypeParser('*', { parseAs: 'buffer' }, (_request, _body, done) => done(null));
    scope.post(tokenEndpoint, { onRequest: forgetMediaType }, async (request) => {
      const { username, password } = readBasic(request.headers.authorization, core.isMeantAsApiToken);
      if (username === '') throw notSpecified();
      const proof: Proof =
        password === ''
          ? { kind: 'api_token', secret: username }
          : { kind: 'password', username, password, verbatim: true };
      const outcome = await core.exchange({
        proof,
        address: request.clientAddress,
        userAgent: request.headers['user-agent'],
        shape: hourlyJwt,
      });
      if (outcome.allowed) return { token: outcome.token };
      // By shape alone, so that it says nothing about which logins exist.
      if (password === '' && !core.isMeantAsApiToken(username)) throw notSpecified();
      throw new KeywardError('unauthenticated', invalidLogin, { reason: outcome.reason });
    });
  },
  refuse(refusal, at) {
    if (at.routeOptions.url === tokenEndpoint) return say(401, 'Unauthorized', invalidLogin, askForBasic);
    const [status, message, challenge] = callRefusals[refusal.reason];
    return say(status, status === 401 ? 'Unauthorized' : 'Forbidden', message, { 'www-authenticate': challenge });
  },
  fail(error) {
    const [status, name] = failures[error.code];
    return say(status, name, error.message, retryAfter(error));
  },
};

/**
 * Reads Basic credentials as RFC 7617 section 2 has them: base64 (padded or not, one spelling only) of UTF-8, divided by
 * the first colon; without one it is all user name, as is an API token from elsewhere that has colons of its own. Nothing is
 * URL-decoded or trimmed. Throws KeywardError `invalid_request` if there are none, or they cannot be decoded.
 */
function readBasic(
  authorization: string | undefined,
  isToken: (text: string) => boolean,
): { username: string; password: string } {
  const encoded = /^basic +([a-z0-9+/]+={0,2})$/i.exec(authorization ?? '')?.[1];
  if (encoded === undefined) throw notSpecified();
  const bytes = Buffer.from(encoded, 'base64');
  const canonical = bytes.toString('base64');
  if (encoded !== canonical && encoded !== canonical.replace(/=+$/, '')) throw notSpecified();
  const text = decoded(bytes);
  const colon = text.endsWith(':') && isToken(text.slice(0, -1)) ? text.length - 1 : text.indexOf(':');
  const username = colon < 0 ? text : text.slice(0, colon);
  // No user name holds a control character (RFC 7617 section 2), and PostgreSQL keeps no NUL.
  if (/\p{Cc}/u.test(username)) throw notSpecified();
  return { username, password: colon < 0 ? '' : text.slice(colon + 1) };
}

function decoded(bytes: Buffer): string {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    throw notSpecified();
  }
}

function notSpecified(): KeywardError {
  return new KeywardError('invalid_request', 'Username and/or password is not specified');
}

/** Otherwise Fastify would refuse a media type that it cannot read, even where no body follows. */
async function forgetMediaType(request: FastifyRequest): Promise<void> {
  delete request.headers['content-type'];
}

/** `id, login, role, resources, nbf, exp, iat, iss`, in this order (wire/parsers.md); core sets `iss`, which follows. */
function hourlyJwt({ name, owner, permissions }: Principal): TokenShape {
  return {
    form: 'parsers',
    lifetimeMs: 3_600_000,
    claims: ({ issuedAt, expiresAt }, jti) => ({
      id: jti,
      login: name,
      role: owner.role,
      resources: withinRoom(permissions),
      nbf: issuedAt,
      exp: expiresAt,
      iat: issuedAt,
    }),
  };
}

/** In characters. No verifier reads a token of more than 8,192, so a list that is too long for one is cut. */
const roomForResources = 4000;

function withinRoom(permissions: readonly string[]): readonly string[] {
  let length = 0;
  const end = permissions.findIndex((one) => {
    length += one.length + 3;
    return length > roomForResources;
  });
  return end < 0 ? permissions : permissions.slice(0, end);
}

function say(status: number, error: string, message: string, headers: Record<string, string>): Answer {
  return { status, headers, body: { error, message } };
}

const invalidLogin = 'Username and/or password that was sent with the login request is invalid';
const askForBasic = { 'www-authenticate': 'Basic realm="Keyward", charset="UTF-8"' };
const badToken = 'Bearer error="invalid_token"';
const tooLittle = 'Bearer error="insufficient_scope"';

const callRefusals: Readonly<
  Record<CredentialReason, readonly [status: 401 | 403, message: string, challenge: string]>
> = {
  missing: [401, 'Send a token: Authorization: Bearer <token>', 'Bearer'],
  unknown: [401, 'The token is invalid', badToken],
  inactive: [401, 'The token is invalid', badToken],
  revoked: [401, 'The token is invalid', badToken],
  expired: [401, 'The token has expired', badToken],
  exchange_only: [401, 'The token is invalid', badToken],
  wrong_organization: [403, 'The token does not reach this path', tooLittle],
  wrong_api: [403, 'The token does not reach this path', tooLittle],
  address_not_allowed: [403, 'The token may not be used from this address', tooLittle],
  wrong_key: [401, 'The token is invalid', badToken],
  invalid_proof: [401, 'The token is invalid', badToken],
  nonce_required: [401, 'The token is invalid', badToken],
  missing_permission: [403, 'The token does not reach this path', tooLittle],
};

const failures: Readonly<Record<ErrorCode, readonly [status: number, name: string]>> = {
  invalid_request: [400, 'BadRequest'],
  unauthenticated: [401, 'Unauthorized'],
  forbidden: [403, 'Forbidden'],
  not_found: [404, 'NotFound'],
  method_not_allowed: [405, 'MethodNotAllowed'],
  conflict: [409, 'Conflict'],
  idempotency_key_reused: [422, 'UnprocessableEntity'],
  too_large: [413, 'ContentTooLarge'],
  uri_too_long: [414, 'UriTooLong'],
  unsupported_media_type: [415, 'UnsupportedMediaType'],
  insecure_transport: [403, 'Forbidden'],
  second_factor_required: [403, 'Forbidden'],
  confirmation_required: [403, 'Forbidden'],
  too_many_requests: [429, 'TooManyRequests'],
  unavailable: [503, 'ServiceUnavailable'],
  internal: [500, 'InternalServerError'],
};
