// Leases over HTTP: a verifier asks for a part of its organization's budget, and gives back what it did not spend.

import { LeaseRequest, LeaseResponse } from '@keyward/sdk/wire';
import type { Core } from '../../core/core.ts';
import { callerOf, NoQuery, type Scope } from './caller.ts';

export function mountLeases(scope: Scope, core: Core): void {
  const schema = { body: LeaseRequest, querystring: NoQuery, response: { 200: LeaseResponse } };
  scope.post('/v1/leases', { schema }, async (request) => {
    const { returned = 0, ...wish } = request.body;
    return core.lease(callerOf(request), { ...wish, returned });
  });
}
