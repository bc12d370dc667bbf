// The holder of a credential, about itself.

import { PasswordChange, Self, SelfChange, User } from '@keyward/sdk/wire';
import type { Core } from '../../core/core.ts';
import { Nothing } from './action.ts';
import { callerOf, NoQuery, type Scope } from './caller.ts';
import { setSession } from './session-cookie.ts';
import { toTimeOrNull } from './time.ts';
import { toWire as userToWire } from './users.ts';

export function mountSelf(scope: Scope, core: Core): void {
  scope.get('/v1/self', { schema: { querystring: NoQuery, response: { 200: Self } } }, async (request) => {
    const { id, type, name, externalId, organization, permissions, apis, expiresAt } = callerOf(request);
    return {
      id,
      type,
      name,
      externalId,
      organization: { id: organization.id, name: organization.name, externalId: organization.externalId },
      permissions: [...permissions],
      ...(apis !== null && { apis: [...apis] }),
      expiresAt: toTimeOrNull(expiresAt),
    };
  });

  const change = { body: SelfChange, querystring: NoQuery, response: { 200: User } };
  scope.patch('/v1/self', { schema: change }, async (request) =>
    userToWire(await core.renameSelf(callerOf(request), request.body.name)),
  );

  const password = { body: PasswordChange, querystring: NoQuery, response: { 204: Nothing } };
  scope.put('/v1/self/password', { schema: password }, async (request, reply) => {
    const { secret } = await core.changePassword(callerOf(request), request.body);
    if (secret !== null) setSession(reply, secret);
    return reply.code(204).send(null);
  });
}
