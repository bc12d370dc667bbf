// Introspection (RFC 7662): what a token says, for a resource server that it was presented to. Whatever does not count there
// is `{"active":false}` and nothing else.

import type { FastifyRequest } from 'fastify';
import { type Static, Type } from 'typebox';
import { type Awaitable, whenHere } from '../../core/awaitable.ts';
import type { Principal } from '../../core/caller/records.ts';
import type { Introspected } from '../../core/checking/introspection.ts';
import type { Core } from '../../core/core.ts';
import { KeywardError } from '../../core/errors.ts';
import type { RefreshTokenSeen } from '../../core/tokens/applications/introspection.ts';
import type { ClientProof } from '../../core/tokens/client.ts';
import { isForCalls } from '../credential-location.ts';
import { identify } from '../dialect.ts';
import { fastBody } from '../fast-body.ts';
import { objectText } from '../json-text.ts';
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

type IntrospectionRequest = Static<typeof IntrospectionRequest>;

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
  const introspect = (caller: Principal, { token, address }: IntrospectionRequest) =>
    whenHere(core.introspectRefreshToken(caller, token), (refresh): Awaitable<IntrospectionAnswer> => {
      if (refresh !== null) return refreshToWire(refresh, core.publicAddress());
      return whenHere(core.introspect(caller, token, address), (seen) => toWire(seen, core.publicAddress()));
    });
  // A bearer is known without the database, so that its way is the fast one.
  const { fastAnswer, useValidatorOf } = fastBody<IntrospectionRequest>((asked) => {
    if (asked.headers.authorization?.startsWith('Bearer ') !== true) return null;
    return (body) => {
      demandBearerAlone(body);
      return whenHere(identify(asked, core), (caller) =>
        whenHere(introspect(caller, body), (answer) => ({
          status: 200,
          headers: jsonHeaders,
          body: objectText(answer),
        })),
      );
    };
  });
  const config = { fastAnswer, fastBodies: 'form' } as const;
  scope.post(introspectionPath, { schema, config }, async (request, reply) => {
    useValidatorOf(request);
    const { body } = request;
    if (isForCalls(request.presented())) {
      demandBearerAlone(body);
      return introspect(await identify(request, core), body);
    }
    const proof = shownBy(request, core);
    const { clientAddress } = request;
    const own = await core.introspectForApplication(proof, clientAddress, body.token, body.address);
    const issuer = core.publicAddress();
    if (own !== 'unknown') return 'refresh' in own ? refreshToWire(own.refresh, issuer) : toWire(own.access, issuer);
    const caller = await core.identifyClient(proof, clientAddress);
    if (caller === null) return sendError(reply, invalidClient('The client was not accepted.'));
    return introspect(caller, body);
  });
}

const jsonHeaders = { 'content-type': 'application/json; charset=utf-8' };

/** Throws KeywardError `invalid_request` for what a client shows beside a bearer (S6). */
function demandBearerAlone({ client_secret, client_assertion, client_assertion_type }: IntrospectionRequest): void {
  if ([client_secret, client_assertion, client_assertion_type].every((one) => one === undefined)) return;
  throw new KeywardError('invalid_request', 'Ask with a bearer or as a client, not with both.');
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
    scope: scopeOf(permissions),
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

/** Credentials share their lists of permissions, which never change then. */
const scopes = new WeakMap<readonly string[], string>();

function scopeOf(permissions: readonly string[]): string {
  const known = scopes.get(permissions);
  if (known !== undefined) return known;
  const scope = permissions.join(' ');
  if (Object.isFrozen(permissions)) scopes.set(permissions, scope);
  return scope;
}
