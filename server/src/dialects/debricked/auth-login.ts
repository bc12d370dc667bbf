// What `debricked auth login` asks: an authorization code with PKCE, answered at a port of the person's own machine, for a JWT
// and a refresh token (RFC 6749, as that client's library speaks it). The JWT is as any of this language's, within what was
// allowed. Who is asked and what is given is core's to say.

import type { TypeBoxTypeProvider } from '@fastify/type-provider-typebox';
import { scopeIn } from '@keyward/rules/token-bounds';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { type Static, Type } from 'typebox';
import type { Core } from '../../core/core.ts';
import { type ErrorCode, KeywardError } from '../../core/errors.ts';
import type { WantedApplicationToken } from '../../core/tokens/applications/tokens-for.ts';
import type { ClientProof } from '../../core/tokens/client.ts';
import type { DeniedToken } from '../../core/tokens/grant.ts';
import { mountAuthorization } from '../authorization/endpoint.ts';
import { apiAccess, claimsFor } from './jwt.ts';

/** What both endpoints are under. */
export const authLoginPath = '/app/oauth';
const authorizationPath = `${authLoginPath}/authorize`;
const tokenPath = `${authLoginPath}/token`;

/** What Debricked's scopes mean here; docs/dialects/debricked.md says how sure that is. */
const scopes: ReadonlyMap<string, readonly string[]> = new Map([
  ['profile', [apiAccess]],
  ['select', ['read:*']],
  ['basicRepo', ['read:*', 'create:*', 'update:*']],
  ['fullApi', ['*:*']],
]);

const optional = Type.Optional(Type.String({ minLength: 1 }));

/** Whatever else is sent is ignored. */
const TokenRequest = Type.Object({
  grant_type: Type.String({ minLength: 1 }),
  client_id: optional,
  client_secret: optional,
  code: optional,
  redirect_uri: optional,
  code_verifier: optional,
  refresh_token: optional,
});
type TokenRequest = Static<typeof TokenRequest>;

export function mountAuthLogin(parent: FastifyInstance, core: Core): void {
  mountAuthorization(parent, core, { path: authorizationPath, profile: 'debricked', permissionsIn });
  const routes = parent.withTypeProvider<TypeBoxTypeProvider>();
  routes.post(tokenPath, { schema: { body: TokenRequest } }, async (request, reply) => {
    const { body } = request;
    const proof = proofIn(request.headers.authorization, body);
    const outcome = await tokensFor(core, proof, body, wantedBy(request));
    if (outcome === null) {
      return sendError(reply, 400, 'unsupported_grant_type', 'Use authorization_code or refresh_token.');
    }
    if (!outcome.allowed) return sendDenial(reply, outcome);
    const { token, issuedAt, expiresAt, refreshToken } = outcome;
    return reply.header('pragma', 'no-cache').send({
      access_token: token,
      token_type: 'Bearer',
      expires_in: (expiresAt - issuedAt) / 1000,
      ...(refreshToken !== null && { refresh_token: refreshToken }),
    });
  });
}

/** The words of RFC 6749 section 5.2 for a failure at these endpoints; none elsewhere. */
export function errorWords(url: string | undefined, code: ErrorCode, message: string): object {
  if (url !== authorizationPath && url !== tokenPath) return {};
  return { error: errors[code] ?? 'invalid_request', error_description: plain(message) };
}

const errors: Readonly<Partial<Record<ErrorCode, string>>> = {
  unauthenticated: 'invalid_client',
  unavailable: 'temporarily_unavailable',
  too_many_requests: 'temporarily_unavailable',
  internal: 'server_error',
};
const basicChallenge = 'Basic realm="keyward", charset="UTF-8"';

function permissionsIn(scope: string): readonly string[] {
  const meant = scopeIn(scope).map((word) => scopes.get(word));
  return meant.includes(undefined) ? [] : [...new Set(meant.flatMap((one) => one ?? []))];
}

/** The client has no secret. Its library says its id as a user name with an empty password first, then in the body. */
function proofIn(authorization: string | undefined, { client_id: inBody, client_secret }: TokenRequest): ClientProof {
  const encoded = /^basic +([a-z0-9+/]+={0,2})$/i.exec(authorization ?? '')?.[1];
  const [name, ...rest] = Buffer.from(encoded ?? '', 'base64')
    .toString('latin1')
    .split(':');
  const secret = client_secret ?? rest.join(':');
  const id = name || inBody || '';
  // No id has other characters, and none is two.
  if (!/^[\x21-\x7e]+$/.test(id) || (inBody ?? id) !== id) return { kind: 'none', id: '' };
  return secret === '' ? { kind: 'none', id } : { kind: 'secret', id, secret };
}

async function tokensFor(core: Core, proof: ClientProof, body: TokenRequest, wanted: WantedApplicationToken) {
  if (body.grant_type === 'refresh_token') {
    const { refresh_token: refresh } = body;
    if (refresh === undefined) throw lacking('refresh_token');
    return core.refreshTokens(proof, refresh, wanted);
  }
  if (body.grant_type !== 'authorization_code') return null;
  const { code, redirect_uri: redirectUri, code_verifier: verifier } = body;
  if (code === undefined) throw lacking('code');
  if (redirectUri === undefined) throw lacking('redirect_uri');
  if (verifier === undefined) throw lacking('code_verifier');
  return core.redeemCode(proof, { code, redirectUri, verifier }, wanted);
}

function wantedBy({ clientAddress: address, headers }: FastifyRequest): WantedApplicationToken {
  const as = { profile: 'debricked', claims: claimsFor } as const;
  return { scope: null, resources: [], form: 'jwt', key: null, address, userAgent: headers['user-agent'], as };
}

function lacking(parameter: string): KeywardError {
  return new KeywardError('invalid_request', `Send ${parameter}.`);
}

/** Whatever else was wrong, what was granted is no good: of APIs, scopes and keys nothing is asked here. */
const faults: Readonly<Partial<Record<DeniedToken['fault'], string>>> = {
  client: 'invalid_client',
  unauthorized: 'unauthorized_client',
};

function sendDenial(reply: FastifyReply, { fault, message }: DeniedToken): FastifyReply {
  const isClient = fault === 'client';
  if (isClient) reply.header('www-authenticate', basicChallenge);
  return sendError(reply, isClient ? 401 : 400, faults[fault] ?? 'invalid_grant', message);
}

function sendError(reply: FastifyReply, status: number, error: string, message: string): FastifyReply {
  return reply.code(status).send({ code: status, message, error, error_description: plain(message) });
}

/** RFC 6749 section 5.2 allows neither quotes nor backslashes, and nothing beyond ASCII. */
function plain(text: string): string {
  return text.replaceAll(/["“”]/g, "'").replaceAll(/[^\x20-\x21\x23-\x5b\x5d-\x7e]/g, '?');
}
