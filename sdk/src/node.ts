// A guard for node:http: it wraps a request listener, which is called with the principal of every call that is let in.

import type { IncomingMessage, ServerResponse } from 'node:http';
import { isAmbiguous, proofIn } from './middleware/credential-location.ts';
import { check, checkOptions, type GuardOptions } from './middleware/guard.ts';
import type { Principal } from './verifier/verdict.ts';
import type { Verifier } from './verifier/verifier.ts';

export type GuardedListener = (request: IncomingMessage, response: ServerResponse, principal: Principal) => unknown;

/** A request listener that answers refused calls itself, with problem+json, and hands the others on. */
export function guard(
  verifier: Verifier,
  options: GuardOptions<IncomingMessage>,
  listener: GuardedListener,
): (request: IncomingMessage, response: ServerResponse) => Promise<void> {
  checkOptions(options);
  return async (request, response) => {
    const found = check(verifier, options, {
      authorization: request.headers.authorization,
      address: options.addressOf === undefined ? request.socket.remoteAddress : options.addressOf(request),
      method: request.method,
      url: request.url,
      proof: proofIn(request.headers),
      isAmbiguous: isAmbiguous(request),
    });
    const outcome = found instanceof Promise ? await found : found;
    if (outcome.principal === null) {
      const { status, headers, body } = outcome.answer;
      response.writeHead(status, headers).end(body);
      return;
    }
    for (const [name, value] of Object.entries(outcome.headers)) response.setHeader(name, value);
    await listener(request, response, outcome.principal);
  };
}
