// Removing what others may hold: it is refused with who they are, or with `?force=true` taken from all of them.

import { RemovalQuery } from '@keyward/sdk/wire';
import { Type } from 'typebox';
import type { Caller } from '../../core/caller/caller.ts';
import { NoBody, Nothing } from './action.ts';
import { callerOf, type Scope } from './caller.ts';

/** Registers a DELETE on the one parameter of a path. It takes no body and answers 204. */
export function mountRemoval(
  scope: Scope,
  url: string,
  remove: (caller: Caller, handle: string, how: { force: boolean }) => Promise<unknown>,
): void {
  const params = Type.Record(Type.String(), Type.String());
  const schema = { params, querystring: RemovalQuery, body: NoBody, response: { 204: Nothing } };
  scope.delete(url, { schema }, async (request, reply) => {
    const [handle = ''] = Object.values(request.params);
    await remove(callerOf(request), handle, { force: request.query.force === 'true' });
    return reply.code(204).send(null);
  });
}
