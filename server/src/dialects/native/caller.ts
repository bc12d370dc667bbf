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
import type { Principal } from '../../core/caller.ts';
import type { Core } from '../../core/core.ts';
import { identify } from '../dialect.ts';

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

/** Every route of the scope is for callers only; the others are answered 401. */
export function callersOnly(scope: Scope, core: Core): void {
  scope.decorateRequest('caller');
  scope.addHook('onRequest', async (request) => {
    request.setDecorator('caller', await identify(request, core));
    withoutCredential(request);
  });
}

/** Whoever sent this request, in a scope for callers only. */
export function callerOf(request: Pick<FastifyRequest, 'getDecorator'>): Principal {
  return request.getDecorator<Principal>('caller');
}

/** A credential that came as a query parameter is no parameter of the route. */
export function withoutCredential(request: FastifyRequest): void {
  const presented = request.presented();
  if (presented.scheme !== 'apiToken' || presented.from !== 'query') return;
  const { apiToken: _, ...rest } = request.query as Record<string, string>;
  request.query = rest;
}
