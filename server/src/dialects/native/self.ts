// The holder of a credential, about itself.

import { PasswordChange, Self } from '@keyward/sdk/wire';
import type { Core } from '../../core/core.ts';
import { Nothing } from './act.ts';
import { callerOf, NoQuery, type Scope } from './caller.ts';
import { toTimeOrNull } from './time.ts';

export function mountSelf(scope: Scope, core: Core): void {
  scope.get('/v1/self', { schema: { querystring: NoQuery, response: { 200: Self } } }, async (request) => {
    const { id, type, name, organization, permissions, expiresAt } = callerOf(request);
    return {
      id,
      type,
      name,
      organization: organization.name,
      permissions: [...permissions],
      expiresAt: toTimeOrNull(expiresAt),
    };
  });

  const password = { body: PasswordChange, querystring: NoQuery, response: { 204: Nothing } };
  scope.put('/v1/self/password', { schema: password }, async (request, reply) => {
    await core.changePassword(callerOf(request), request.body);
    return reply.code(204).send(null);
  });
}
