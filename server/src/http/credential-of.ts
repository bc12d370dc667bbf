// Where in a request the credential is. That there is only one, and what counts as one, is presented.ts's to say.

import type { FastifyInstance, FastifyRequest } from 'fastify';
import type { DialectName } from '../dialects/dialect.ts';
import { presentedCredential } from '../dialects/presented.ts';
import { rawQueryOf, valuesIn } from './query.ts';

declare module 'fastify' {
  interface FastifyRequest {
    /** The call that a proxy asks about: its target, and its route's dialect. Null where the request is the call. */
    asked: { target: string; dialect: DialectName | null } | null;
  }
}

/** The query parameter of the `apiToken` scheme. */
export const apiTokenParameter = 'apiToken';

/** Gives every request its `presented()` (the contract is in dialects/dialect.ts). */
export function decorateWithCredential(app: FastifyInstance, acceptsApiToken: boolean): void {
  app.decorateRequest('asked', null);
  app.decorateRequest('presented', function (this: FastifyRequest) {
    const query = rawQueryOf(targetOf(this));
    return presentedCredential({
      authorization: this.headers.authorization,
      acceptsApiToken,
      apiTokens: acceptsApiToken && query !== '' ? valuesIn(query, apiTokenParameter) : [],
    });
  });
}

/** True for a request that speaks the `apiToken` scheme, be it well formed or not. */
export function showsApiToken(request: FastifyRequest): boolean {
  return /^\s*apitoken(?:\s|$)/i.test(request.headers.authorization ?? '') || /[?&]apiToken=/.test(targetOf(request));
}

function targetOf({ asked, originalUrl }: FastifyRequest): string {
  return asked?.target ?? originalUrl;
}
