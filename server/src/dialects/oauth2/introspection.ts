// Introspection (RFC 7662): what a token says, for a resource server that it was presented to. Whatever does not count there
// is `{"active":false}` and nothing else.

import type { FastifyRequest } from 'fastify';
import { type Static, Type } from 'typebox';
import { whenHere } from '../../core/awaitable.ts';
import type { Introspected } from '../../core/checking/introspection.ts';
import type { Core } from '../../core/core.ts';
import type { RefreshTokenSeen } from '../../core/tokens/applications/introspection.ts';
import type { ClientProof } from '../../core/tokens/client.ts';
import { isForCalls } from '../credential-location.ts';
import { identify } from '../dialect.ts';
import {
  type ClientParameters,
  clientParameters,
  clientProofIn,
  Parameter,
  unauthenticated,
} from './client-authentication.ts';
import { errorAnswers, invalidClient, OAuthError, sendError } from './error.ts';
import { NoQuery, type Scope } from './scope.ts';

export const introspectionPath = '/oauth/introspect';

const IntrospectionRequest = Type.Object({
  token: Parameter,
  token_type_hint: Type.Optional(Parameter),
  ...clientParameters,
  /** An extension that section 2.1 foresees: where the token was used from, without which one that is bound to addresses is not active. */
  address: Type.Optional(Parameter),
});

const actor = Type.Object({}, { additionalProperties: true });

const IntrospectionAnswer = Type.Object({
  active: Type.Boolean(),
  scope: Type.Optional(Type.String()),
  client_id: Type.Optional(Type.String()),
  username: Type.Optional(Type.String()),
  token_type: Type.Optional(Type.String()),
  exp: Type.Optional(Type.Integer()),
  sub: Type.Optional(Type.String()),
  aud: Type.Optional(Type.String()),
  iss: Type.Optional(Type.String()),
  jti: Type.Optional(Type.String()),
  act: Type.Optional(actor),
  /** RFC 7800: the key that it is bound to. */
  cnf: Type.Optional(Type.Object({ jkt: Type.String() })),
  /** An extension: whose the token is. */
  organization_id: Type.Optional(Type.String()),
});
type IntrospectionAnswer = Static<typeof IntrospectionAnswer>;

export function mountIntrospection(scope: Scope, core: Core): void {
  const response = { 200: IntrospectionAnswer, ...errorAnswers, 403: OAuthError };
  const schema = { body: IntrospectionRequest, querystring: NoQuery, response };
  scope.post(introspectionPath, { schema }, async (request, reply) => {
    const { token, address } = request.body;
    const issuer = core.publicAddress();
    const proof = isForCalls(request.presented()) ? null : shownBy(request, core);
    const own = proof === null ? 'unknown' : await core.introspectForApplication(proof, token, address);
    if (own !== 'unknown') return 'refresh' in own ? refreshToWire(own.refresh, issuer) : toWire(own.access, issuer);
    const caller =
      proof === null ? await identify(request, core) : await core.identifyClient(proof, request.clientAddress);
    if (caller === null) return sendError(reply, invalidClient('The client was not accepted.'));
    const refresh = await core.introspectRefreshToken(caller, token);
    if (refresh !== null) return refreshToWire(refresh, issuer);
    return whenHere(core.introspect(caller, token, address), (seen) => toWire(seen, issuer));
  });
}

/** Whoever proves itself by nothing asks about nothing. */
function shownBy(request: FastifyRequest, core: Core): ClientProof {
  const proof = clientProofIn(request, request.body as ClientParameters, core);
  if (proof === null) throw unauthenticated();
  return proof;
}

/** It is for the token endpoint alone, so that it has no type and no audience. */
function refreshToWire(seen: RefreshTokenSeen, issuer: string): IntrospectionAnswer {
  const { scope, clientId, username, userId, organizationId, expiresAt } = seen;
  return {
    active: true,
    scope: scope.join(' '),
    client_id: clientId,
    username,
    exp: Math.floor(expiresAt / 1000),
    sub: userId,
    iss: issuer,
    organization_id: organizationId,
  };
}

function toWire(seen: Introspected | null, issuer: string): IntrospectionAnswer {
  if (seen === null) return { active: false };
  const { principal, clientId, actor, audience, jti, key } = seen;
  const { id, owner, organization, permissions, expiresAt } = principal;
  return {
    active: true,
    scope: permissions.join(' '),
    client_id: clientId,
    username: owner.name,
    token_type: key === null ? 'Bearer' : 'DPoP',
    ...(expiresAt !== null && { exp: Math.floor(expiresAt / 1000) }),
    sub: id,
    aud: audience ?? issuer,
    iss: issuer,
    ...(jti !== null && { jti }),
    ...(actor !== null && { act: actor }),
    ...(key !== null && { cnf: { jkt: key } }),
    organization_id: organization.id,
  };
}
