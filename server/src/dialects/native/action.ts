// What many routes are: an act upon one thing named in the path, which has nothing to say but that it was done.

import { type Static, type TObject, Type } from 'typebox';
import type { Caller } from '../../core/caller/caller.ts';
import { callerOf, NoQuery, type Scope } from './caller.ts';

export const ById = Type.Object({ id: Type.String() });
export const ByName = Type.Object({ name: Type.String() });

/** For answers without a body. */
export const Nothing = Type.Null();

/** A body that may be left out; what it holds is still checked. */
export function orNoBody<T extends TObject>(schema: T) {
  return Type.Unsafe<Static<T> | null | undefined>({ ...schema, nullable: true });
}

export const NoBody = orNoBody(Type.Object({}, { additionalProperties: false }));

/** Registers an act on the one parameter of a path. It takes no body and answers 204. */
export function mountAct(
  scope: Scope,
  method: 'POST' | 'DELETE',
  url: string,
  act: (caller: Caller, handle: string) => Promise<unknown>,
): void {
  const params = Type.Record(Type.String(), Type.String());
  const schema = { params, querystring: NoQuery, body: NoBody, response: { 204: Nothing } };
  scope.route({
    method,
    url,
    schema,
    handler: async (request, reply) => {
      const [handle = ''] = Object.values(request.params);
      await act(callerOf(request), handle);
      return reply.code(204).send(null);
    },
  });
}
