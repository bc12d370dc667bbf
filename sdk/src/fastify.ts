// A guard for Fastify 4 and 5: an `onRequest` hook, for one route or for a whole scope, that sets `request.principal`.

import type { IncomingMessage } from 'node:http';
import { isAmbiguous, proofIn } from './middleware/credential-location.ts';
import { check, checkOptions, type GuardOptions } from './middleware/guard.ts';
import type { Principal } from './verifier/verdict.ts';
import type { Verifier } from './verifier/verifier.ts';

/** As much of a Fastify request as is used. `ip` is the client's, as far as `trustProxy` says. */
export interface GuardedRequest {
  raw: IncomingMessage;
  ip: string;
  /** Set when the call was let in. `app.decorateRequest('principal')` keeps Fastify's requests all of one shape. */
  principal?: Principal;
}

/** As much of a Fastify reply as is used. */
export interface GuardedReply {
  code(status: number): GuardedReply;
  headers(values: Record<string, string>): GuardedReply;
  send(payload: Buffer): unknown;
}

/** An `onRequest` hook that answers refused calls itself, with problem+json, before their body is read. */
export function guard(verifier: Verifier, options: GuardOptions<GuardedRequest> = {}) {
  checkOptions(options);
  return async (request: GuardedRequest, reply: GuardedReply): Promise<unknown> => {
    const found = check(verifier, options, {
      authorization: request.raw.headers.authorization,
      address: options.addressOf === undefined ? request.ip : options.addressOf(request),
      method: request.raw.method,
      url: request.raw.url,
      proof: proofIn(request.raw.headers),
      isAmbiguous: isAmbiguous(request.raw),
    });
    const outcome = found instanceof Promise ? await found : found;
    if (outcome.principal === null) {
      const { status, headers, body } = outcome.answer;
      return reply.code(status).headers(headers).send(Buffer.from(body));
    }
    reply.headers(outcome.headers);
    request.principal = outcome.principal;
    return undefined;
  };
}
