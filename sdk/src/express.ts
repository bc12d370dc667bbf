// A guard for Express 4 and 5 (and what else calls `(request, response, next)`): it sets `request.principal`.

import type { IncomingMessage, ServerResponse } from 'node:http';
import { isAmbiguous, proofIn } from './middleware/credential-location.ts';
import { check, checkOptions, type GuardOptions, type Outcome } from './middleware/guard.ts';
import type { Principal } from './verifier/verdict.ts';
import type { Verifier } from './verifier/verifier.ts';

/** As much of an Express request as is used. `ip` is the client's, as far as `trust proxy` says. */
export interface GuardedRequest extends IncomingMessage {
  ip?: string | undefined;
  /** Before a router took its part of the path away. */
  originalUrl?: string;
  /** Set when the call was let in. */
  principal?: Principal;
}

/** Middleware that answers refused calls itself, with problem+json, and lets the others go on. */
export function guard(verifier: Verifier, options: GuardOptions<GuardedRequest> = {}) {
  checkOptions(options);
  return (request: GuardedRequest, response: ServerResponse, next: (error?: unknown) => void): void => {
    const found = check(verifier, options, {
      authorization: request.headers.authorization,
      address: options.addressOf === undefined ? request.ip : options.addressOf(request),
      method: request.method,
      url: request.originalUrl ?? request.url,
      proof: proofIn(request.headers),
      isAmbiguous: isAmbiguous(request),
    });
    const go = (outcome: Outcome) => {
      if (outcome.principal === null) {
        const { status, headers, body } = outcome.answer;
        response.writeHead(status, headers).end(body);
        return;
      }
      for (const [name, value] of Object.entries(outcome.headers)) response.setHeader(name, value);
      request.principal = outcome.principal;
      next();
    };
    if (found instanceof Promise) found.then(go).catch(next);
    else go(found);
  };
}
