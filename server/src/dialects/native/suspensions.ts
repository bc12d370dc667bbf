// What a restore has suspended, and its release, over HTTP: for those who operate the server.

import { Released, ReleaseRequest, SuspendedCounts } from '@keyward/sdk/wire';
import type { Core } from '../../core/core.ts';
import { invalid } from '../../core/errors.ts';
import { callerOf, NoQuery, type Scope } from './caller.ts';

type Kept = Awaited<ReturnType<Core['countSuspended']>>;

export function mountSuspensions(scope: Scope, core: Core): void {
  scope.get(
    '/v1/suspensions',
    { schema: { querystring: NoQuery, response: { 200: SuspendedCounts } } },
    async (request) => toWire(await core.countSuspended(callerOf(request))),
  );

  const release = { body: ReleaseRequest, querystring: NoQuery, response: { 200: Released } };
  scope.post('/v1/suspensions/release', { schema: release }, async (request) => {
    const { released, left } = await core.releaseSuspended(callerOf(request), requested(request.body));
    return { released: toWire(released), left: toWire(left) };
  });
}

function requested(body: ReleaseRequest): Parameters<Core['releaseSuspended']>[1] {
  const { all, organization, users = [], apiUsers = [], apiTokens = [], applications = [] } = body;
  const items = [
    ...users.map((id) => ({ type: 'user', id }) as const),
    ...apiUsers.map((id) => ({ type: 'api_user', id }) as const),
    ...apiTokens.map((id) => ({ type: 'api_token', id }) as const),
    ...applications.map((id) => ({ type: 'application', id }) as const),
  ];
  const ways = [all, organization, items[0]].filter((way) => way !== undefined).length;
  if (ways !== 1) throw invalid('body', 'Name one of three: all, an organization, or what to release by its id.');
  if (organization !== undefined) return { organization };
  return all === true ? { all } : { items };
}

function toWire(counts: Kept): SuspendedCounts {
  return {
    organizations: counts.organization,
    users: counts.user,
    apiUsers: counts.api_user,
    apiTokens: counts.api_token,
    applications: counts.application,
  };
}
