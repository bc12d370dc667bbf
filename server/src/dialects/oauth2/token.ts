// The token endpoint (RFC 6749 section 3.2): client_credentials, token exchange (RFC 8693), and what people let applications
// do: authorization_code, device_code (RFC 8628) and refresh_token. What a token may be is core's to say; here are the words.

import type { ProofFault, Proven } from '@keyward/rules/dpop/proofs';
import { scopeIn } from '@keyward/rules/token-bounds';
import type { FastifyRequest } from 'fastify';
import { type Static, Type } from 'typebox';
import type { Core } from '../../core/core.ts';
import { KeywardError } from '../../core/errors.ts';
import { deviceGrant } from '../../core/tokens/applications/records.ts';
import type { DeniedToken, GrantedToken, WantedToken } from '../../core/tokens/grant.ts';
import {
  applicationProofIn,
  type ClientParameters,
  clientParameters,
  clientProofIn,
  outsideSubject,
  Parameter,
  unauthenticated,
} from './client-authentication.ts';
import { denial, proofError } from './denial.ts';
import { errorAnswers, type OAuthError, oauthError, sendError } from './error.ts';
import { NoQuery, type Scope } from './scope.ts';

export const tokenPath = '/oauth/token';

const exchangeGrant = 'urn:ietf:params:oauth:grant-type:token-exchange';

export const grantTypes = [
  'client_credentials',
  'authorization_code',
  'refresh_token',
  deviceGrant,
  exchangeGrant,
] as const;

/** RFC 8693 section 3, and a type of our own: an opaque token, of which nothing can be read. */
const tokenTypes = {
  accessToken: 'urn:ietf:params:oauth:token-type:access_token',
  jwt: 'urn:ietf:params:oauth:token-type:jwt',
  sealed: 'urn:keyward:params:oauth:token-type:sealed',
} as const;

/** What other issuers make for whom they know. */
const idTokenType = 'urn:ietf:params:oauth:token-type:id_token';

const optional = Type.Optional(Parameter);

/** Whatever else is sent is ignored (RFC 6749 section 3.2). */
const TokenRequest = Type.Object({
  grant_type: Parameter,
  ...clientParameters,
  scope: optional,
  resource: optional,
  audience: optional,
  requested_token_type: optional,
  expires_in: optional,
  subject_token: optional,
  subject_token_type: optional,
  actor_token: optional,
  actor_token_type: optional,
  code: optional,
  redirect_uri: optional,
  code_verifier: optional,
  refresh_token: optional,
  device_code: optional,
});
type TokenRequest = Static<typeof TokenRequest>;

const TokenAnswer = Type.Object({
  access_token: Type.String(),
  token_type: Type.Enum(['Bearer', 'DPoP']),
  expires_in: Type.Integer(),
  scope: Type.String(),
  refresh_token: Type.Optional(Type.String()),
  issued_token_type: Type.Optional(Type.String()),
});
type TokenAnswer = Static<typeof TokenAnswer>;

export function mountToken(scope: Scope, core: Core): void {
  const schema = { body: TokenRequest, querystring: NoQuery, response: { 200: TokenAnswer, ...errorAnswers } };
  scope.post(tokenPath, { schema }, async (request, reply) => {
    const grant = grants[request.body.grant_type];
    if (grant === undefined) {
      return sendError(reply, oauthError(400, 'unsupported_grant_type', `Use one of ${grantTypes.join(', ')}.`));
    }
    const shown = keyOf(request, core);
    if (shown !== null) reply.header('dpop-nonce', core.dpopNonce());
    if (shown !== null && 'reason' in shown) return sendError(reply, proofError(shown));
    const outcome = await grant(core, request, request.body, shown);
    if (!outcome.allowed) return sendError(reply, denial(outcome));
    const answer = toWire(outcome, request.body);
    return reply.header('pragma', 'no-cache').send(answer as TokenAnswer & OAuthError);
  });
}

type Granted = GrantedToken & { refreshToken?: string | null };

/** `key`: what the token is to be bound to. Before it is known to be shown, nothing is used up that works only once. */
type Grant = (
  core: Core,
  request: FastifyRequest,
  body: TokenRequest,
  key: Proven | null,
) => Promise<Granted | DeniedToken>;

/** The key that a proof (RFC 9449 section 5) shows, or what is wrong with it; null where there is none. */
function keyOf({ headers }: FastifyRequest, core: Core): Proven | ProofFault | null {
  const { dpop } = headers;
  if (dpop === undefined) return null;
  return core.proveKey({ text: String(dpop), method: 'POST', addresses: [core.publicAddress() + tokenPath] });
}

const grants: Readonly<Partial<Record<string, Grant>>> = Object.assign(Object.create(null), {
  client_credentials: (core, request, body, key) => {
    const proof = clientProofIn(request, body, core);
    if (proof === null) throw unauthenticated();
    return core.grantToClient(proof, wantedIn(request, body, key, []));
  },
  authorization_code: (core, request, body, key) => {
    const proof = applicationProofIn(request, body, core);
    const { code, redirect_uri: redirectUri, code_verifier: verifier } = body;
    if (code === undefined) throw lacking('code');
    if (redirectUri === undefined) throw lacking('redirect_uri');
    if (verifier === undefined) throw lacking('code_verifier');
    // What is allowed was said when somebody was asked (RFC 6749 section 4.1.3).
    const wanted = { ...wantedIn(request, body, key, []), scope: null };
    return core.redeemCode(proof, { code, redirectUri, verifier }, wanted);
  },
  refresh_token: (core, request, body, key) => {
    const proof = applicationProofIn(request, body, core);
    if (body.refresh_token === undefined) throw lacking('refresh_token');
    return core.refreshTokens(proof, body.refresh_token, wantedIn(request, body, key, []));
  },
  [deviceGrant]: (core, request, body, key) => {
    const proof = applicationProofIn(request, body, core);
    if (body.device_code === undefined) throw lacking('device_code');
    // What is allowed was said when somebody was asked.
    const wanted = { ...wantedIn(request, body, key, []), scope: null };
    return core.redeemDeviceCode(proof, body.device_code, wanted);
  },
  [exchangeGrant]: (core, request, body, key) => {
    const { subject_token: subject, subject_token_type: type, audience } = body;
    if (subject === undefined) throw lacking('subject_token');
    if (type === undefined) throw lacking('subject_token_type');
    if (type !== tokenTypes.accessToken && type !== tokenTypes.jwt && type !== idTokenType) {
      const taken = [tokenTypes.accessToken, tokenTypes.jwt, idTokenType].join(', ');
      throw new KeywardError('invalid_request', `subject_token_type can be ${taken}.`);
    }
    if (body.actor_token !== undefined || body.actor_token_type !== undefined) {
      throw new KeywardError(
        'invalid_request',
        'There is no actor_token here: whoever acts authenticates as a client.',
      );
    }
    const wanted = wantedIn(request, body, key, audience === undefined ? [] : [audience]);
    const isProved = provesClient(request, body);
    if (type === idTokenType && isProved) {
      throw new KeywardError(
        'invalid_request',
        'Send client_id alone beside an ID token, which proves who the client is.',
      );
    }
    // A client that is named and shows nothing is no client of a token of ours.
    const isOutside = type === tokenTypes.jwt && body.client_id !== undefined && !isProved;
    if (type === idTokenType || isOutside) {
      return core.grantToClient(outsideSubject(request, body, subject, core), wanted);
    }
    return core.exchangeToken(subject, clientProofIn(request, body, core), wanted);
  },
} satisfies Record<(typeof grantTypes)[number], Grant>);

/** True where something is shown that only the client has. */
function provesClient({ headers }: FastifyRequest, { client_secret, client_assertion }: ClientParameters): boolean {
  return [headers.authorization, client_secret, client_assertion].some((one) => one !== undefined);
}

function wantedIn(
  request: FastifyRequest,
  body: TokenRequest,
  key: Proven | null,
  audiences: readonly string[],
): WantedToken {
  const { scope, resource, requested_token_type: type = tokenTypes.accessToken, expires_in: seconds } = body;
  if (!Object.values<string>(tokenTypes).includes(type)) {
    throw new KeywardError('invalid_request', `requested_token_type can be ${Object.values(tokenTypes).join(', ')}.`);
  }
  return {
    scope: scope === undefined ? null : scopeIn(scope),
    resources: resource === undefined ? [] : [resource],
    audiences,
    form: type === tokenTypes.sealed ? 'sealed' : 'jwt',
    key,
    ...(seconds !== undefined && { lifetimeMs: lifetimeIn(seconds) }),
    address: request.clientAddress,
    userAgent: request.headers['user-agent'],
  };
}

/** An extension of ours: a token that ends sooner, in seconds from 60 to a day. */
function lifetimeIn(text: string): number {
  const seconds = /^\d{1,5}$/.test(text) ? Number(text) : 0;
  if (seconds >= 60 && seconds <= 86_400) return seconds * 1000;
  throw new KeywardError('invalid_request', 'expires_in is a whole number of seconds from 60 to 86400.');
}

function toWire(granted: Granted, body: TokenRequest): TokenAnswer {
  const { token, scope, expiresAt, issuedAt, key, refreshToken } = granted;
  const isExchange = body.grant_type === exchangeGrant;
  return {
    access_token: token,
    token_type: key === null ? 'Bearer' : 'DPoP',
    expires_in: (expiresAt - issuedAt) / 1000,
    scope: scope.join(' '),
    ...(refreshToken != null && { refresh_token: refreshToken }),
    ...(isExchange && { issued_token_type: body.requested_token_type ?? tokenTypes.accessToken }),
  };
}

function lacking(parameter: string): KeywardError {
  return new KeywardError('invalid_request', `Send ${parameter}.`);
}
