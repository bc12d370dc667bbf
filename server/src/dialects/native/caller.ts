// Who calls: known before the body is read, so that nobody without a credential learns what a body should hold.

import type { TypeBoxTypeProvider } from '@fastify/type-provider-typebox';
import type {
  FastifyBaseLogger,
  FastifyInstance,
  FastifyRequest,
  RawReplyDefaultExpression,
  RawRequestDefaultExpression,
  RawServerDefault,
} from 'fastify';
import { Type } from 'typebox';
import type { Caller } from '../../core/caller/caller.ts';
import type { Principal } from '../../core/caller/records.ts';
import type { Core } from '../../core/core.ts';
import { invalid, KeywardError } from '../../core/errors.ts';
import { identify } from '../dialect.ts';
import { demandOwnPage, sessionOriginOf, sessionSecret } from './session-cookie.ts';

/** A scope whose routes take their types from their schemas. */
export type Scope = FastifyInstance<
  RawServerDefault,
  RawRequestDefaultExpression,
  RawReplyDefaultExpression,
  FastifyBaseLogger,
  TypeBoxTypeProvider
>;

/** For routes that take no query. */
export const NoQuery = Type.Object({}, { additionalProperties: false });

/** Whoever calls: a principal, and the session if it came in one. */
export type NativeCaller = Principal & Pick<Caller, 'session' | 'actingFrom' | 'run'>;

/** Every route of the scope is for callers only, by credential or by session; the others are answered 401. */
export function callersOnly(scope: Scope, core: Core): void {
  scope.decorateRequest('caller');
  scope.addHook('onRequest', async (request) => {
    const secret = sessionSecret(request);
    const caller = secret === undefined ? await identify(request, core) : await openSession(secret, request, core);
    const run = runIn(request.headers[runHeader]);
    request.setDecorator('caller', run === undefined ? caller : { ...caller, run });
    withoutCredential(request);
  });
}

/** Whoever sent a request to a route that takes a credential and needs none; null for one without. Throws as the scope does. */
export async function callerIfAny(request: FastifyRequest, core: Core): Promise<NativeCaller | null> {
  const secret = sessionSecret(request);
  if (secret !== undefined) return openSession(secret, request, core);
  return request.presented().scheme === 'none' ? null : identify(request, core);
}

/** Whoever sent this request, in a scope for callers only. */
export function callerOf(request: Pick<FastifyRequest, 'getDecorator'>): NativeCaller {
  return request.getDecorator<NativeCaller>('caller');
}

/**
 * Throws as `identify` does, and `forbidden` for what no page of this server sent. A cookie of no use stays where it is:
 * the browser may have a newer one by the time it hears of it, and would drop that.
 */
function openSession(secret: string, request: FastifyRequest, core: Core): Promise<NativeCaller> {
  if (request.presented().scheme !== 'none') {
    throw new KeywardError('invalid_request', 'Send one credential: this request carries a session and another one.');
  }
  demandOwnPage(request, core);
  return core.openSession(secret, sessionOriginOf(request));
}

/** Too short for a secret, and without what an API token has in it: it is in the journal. */
function runIn(header: string | string[] | undefined): string | undefined {
  if (header === undefined) return undefined;
  if (typeof header === 'string' && /^[A-Za-z0-9][A-Za-z0-9.-]{0,39}$/.test(header)) return header;
  throw invalid(['headers', runHeader], 'Keyward-Run is a name of 1 to 40 letters, digits, . and -, such as a UUID.');
}

/** With it requests say that they belong together. */
const runHeader = 'keyward-run';

/** A credential that came as a query parameter is no parameter of the route. */
export function withoutCredential(request: FastifyRequest): void {
  const presented = request.presented();
  if (presented.scheme !== 'apiToken' || presented.from !== 'query') return;
  const { apiToken: _, ...rest } = request.query as Record<string, string>;
  request.query = rest;
}
