// The second factor over HTTP: one's own, and taking someone's away who has lost it.

import { PreparedSecondFactor, RecoveryCodes, SecondFactorConfirmation, SecondFactorRequest } from '@keyward/sdk/wire';
import type { Core } from '../../core/core.ts';
import { mountAct, Nothing } from './action.ts';
import { callerOf, NoQuery, type Scope } from './caller.ts';

export function mountSecondFactor(scope: Scope, core: Core): void {
  const prepare = { body: SecondFactorRequest, querystring: NoQuery, response: { 200: PreparedSecondFactor } };
  scope.post('/v1/self/second-factor', { schema: prepare }, (request) =>
    core.prepareSecondFactor(callerOf(request), request.body.password),
  );

  const confirm = { body: SecondFactorConfirmation, querystring: NoQuery, response: { 200: RecoveryCodes } };
  scope.post('/v1/self/second-factor/confirmation', { schema: confirm }, (request) =>
    core.confirmSecondFactor(callerOf(request), request.body.code),
  );

  const remove = { body: SecondFactorRequest, querystring: NoQuery, response: { 204: Nothing } };
  scope.delete('/v1/self/second-factor', { schema: remove }, async (request, reply) => {
    await core.removeOwnSecondFactor(callerOf(request), request.body.password);
    return reply.code(204).send(null);
  });
}

/** Of somebody else, who has lost it. */
export function mountSecondFactorRemoval(scope: Scope, core: Core): void {
  mountAct(scope, 'DELETE', '/v1/users/:id/second-factor', core.removeSecondFactor);
}
