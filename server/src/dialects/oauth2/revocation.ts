// Revocation (RFC 7009): a client ends an access token that it got, or that was made from it, or a refresh token with its
// family. 200 with nothing, whatever the token is, once it is durable.

import { Type } from 'typebox';
import type { Core } from '../../core/core.ts';
import { applicationProofIn, clientParameters, Parameter } from './client-authentication.ts';
import { errorAnswers, invalidClient, oauthError, sendError } from './error.ts';
import { NoQuery, type Scope } from './scope.ts';

export const revocationPath = '/oauth/revoke';

const RevocationRequest = Type.Object({
  token: Parameter,
  token_type_hint: Type.Optional(Parameter),
  ...clientParameters,
});

export function mountRevocation(scope: Scope, core: Core): void {
  const response = { 200: Type.Null(), ...errorAnswers };
  const schema = { body: RevocationRequest, querystring: NoQuery, response };
  scope.post(revocationPath, { schema }, async (request, reply) => {
    const proof = applicationProofIn(request, request.body, core);
    if (await core.revokeForApplication(proof, request.body.token)) return reply.code(200).send(null);
    const client = await core.identifyClient(proof, request.clientAddress);
    if (client === null) return sendError(reply, invalidClient('The client was not accepted.'));
    if (await core.revokeAccessToken(client, request.body.token)) return reply.code(200).send(null);
    const text = 'API tokens are not revoked here: whoever manages them deactivates or deletes them.';
    return sendError(reply, oauthError(400, 'unsupported_token_type', text));
  });
}
