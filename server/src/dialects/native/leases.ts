// Leases over HTTP: a verifier asks for parts of organizations' budgets, and gives back what it did not spend.

import { LeaseRequest, LeaseResponse } from '@keyward/sdk/wire';
import type { Core } from '../../core/core.ts';
import { callerOf, NoQuery, type Scope } from './caller.ts';

/** Bytes: those of 5,000 organizations, in names and ids as long as they can be. */
const bodyLimit = 2 * 1024 * 1024;

export function mountLeases(scope: Scope, core: Core): void {
  const schema = { body: LeaseRequest, querystring: NoQuery, response: { 200: LeaseResponse } };
  scope.post('/v1/leases', { schema, bodyLimit }, async (request) => ({
    leases: await core.lease(callerOf(request), request.body),
  }));
}
