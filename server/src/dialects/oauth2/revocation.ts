// Revocation (RFC 7009): a client ends an access token that it got, or that was made from it, or a refresh token with its
// family. 200 with nothing, whatever the token is, once it is durable; on request, with whom the end of its own has reached.

import type { FastifyReply } from 'fastify';
import { Type } from 'typebox';
import type { Core } from '../../core/core.ts';
import { receiptWaitIn } from '../../core/feed/receipt-wait.ts';
import type { Revocation } from '../../core/tokens/revocation.ts';
import { applicationProofIn, clientParameters, Parameter } from './client-authentication.ts';
import { errorAnswers, invalidClient, oauthError, sendError } from './error.ts';
import type { Scope } from './scope.ts';

export const revocationPath = '/oauth/revoke';

const RevocationRequest = Type.Object({
  token: Parameter,
  token_type_hint: Type.Optional(Parameter),
  ...clientParameters,
});

/** An extension of ours, as clients read nothing from this answer (RFC 7009 section 2.2): how long to wait, in milliseconds. */
const RevocationQuery = Type.Object({ receipt: Type.Optional(Type.String()) }, { additionalProperties: false });

const RevocationReceipt = Type.Object({
  seq: Type.Integer(),
  effective: Type.Integer(),
  of: Type.Integer(),
  slowestMs: Type.Union([Type.Number(), Type.Null()]),
  waitingFor: Type.Array(Type.String()),
});

export function mountRevocation(scope: Scope, core: Core): void {
  const response = { 200: Type.Union([RevocationReceipt, Type.Null()]), ...errorAnswers };
  const schema = { body: RevocationRequest, querystring: RevocationQuery, response };
  scope.post(revocationPath, { schema }, async (request, reply) => {
    const { token } = request.body;
    const waitMs = receiptWaitIn(request.query.receipt);
    const proof = applicationProofIn(request, request.body, core);
    const { clientAddress } = request;
    const ended = await core.revokeForApplication(proof, token, clientAddress);
    if (ended !== null) return answer(core, ended, waitMs, reply);
    const client = await core.identifyClient(proof, clientAddress);
    if (client === null) return sendError(reply, invalidClient('The client was not accepted.'));
    const revoked = await core.revokeAccessToken(client, token);
    if (revoked !== null) return answer(core, revoked, waitMs, reply);
    const text = 'API tokens are not revoked here: whoever manages them deactivates or deletes them.';
    return sendError(reply, oauthError(400, 'unsupported_token_type', text));
  });
}

/** Of what was nothing, or somebody else's, nobody learns who checks calls. */
async function answer(
  core: Core,
  revoked: Revocation | 'nothing',
  waitMs: number | null,
  reply: FastifyReply,
): Promise<FastifyReply> {
  reply.code(200);
  if (waitMs === null || revoked === 'nothing') return reply.send(null);
  return reply.send(await core.receiptFor(revoked, revoked.subject, AbortSignal.timeout(waitMs)));
}
