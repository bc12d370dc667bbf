// Where in a request the credential is. That there is only one, and what counts as one, is credential-location.ts's to say.

import type { IncomingHttpHeaders } from 'node:http';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import { type Presented, presentedCredential } from '../dialects/credential-location.ts';
import type { DialectName } from '../dialects/dialect.ts';
import { rawQueryOf, valuesIn } from './query.ts';

declare module 'fastify' {
  interface FastifyRequest {
    /** Null where the request is the call. */
    asked: AskedCall | null;
  }
}

/** The call that a proxy asks about, and its route's dialect and API, as far as there is a route. */
export interface AskedCall {
  method: string;
  target: string;
  dialect: DialectName | null;
  api?: string | null | undefined;
  /** What its route needs. */
  scope?: readonly string[];
}

/** The query parameter of the `apiToken` scheme. */
export const apiTokenParameter = 'apiToken';

/** Gives every request its `presented()` (the contract is in dialects/dialect.ts). */
export function decorateWithCredential(app: FastifyInstance, acceptsApiToken: boolean): void {
  app.decorateRequest('asked', null);
  app.decorateRequest('presented', function (this: FastifyRequest) {
    return credentialIn(this, acceptsApiToken);
  });
}

/** What of a request may hold its credential. */
interface Holding {
  readonly headers: IncomingHttpHeaders;
  readonly originalUrl: string;
  readonly asked: { readonly target: string } | null;
}

/** The one credential of a request. Throws KeywardError `invalid_request` if there is more than one (S6). */
export function credentialIn(request: Holding, acceptsApiToken: boolean): Presented {
  const query = acceptsApiToken ? rawQueryOf(targetOf(request)) : '';
  return presentedCredential({
    authorization: request.headers.authorization,
    acceptsApiToken,
    apiTokens: query === '' ? none : valuesIn(query, apiTokenParameter),
  });
}

const none: readonly string[] = [];

/** True for a request that speaks the `apiToken` scheme, be it well formed or not. */
export function showsApiToken(request: Holding): boolean {
  return /^\s*apitoken(?:\s|$)/i.test(request.headers.authorization ?? '') || /[?&]apiToken=/.test(targetOf(request));
}

function targetOf({ asked, originalUrl }: Holding): string {
  return asked?.target ?? originalUrl;
}
