// What people let applications do, over HTTP: one's own, and those of an organization. How people are asked is in consents.ts.

import { type Authorization, AuthorizationList, AuthorizationListQuery } from '@keyward/sdk/wire';
import type { Core } from '../../core/core.ts';
import type { ShownAuthorization } from '../../core/tokens/applications/ports.ts';
import { callerOf, NoQuery, type Scope } from './caller.ts';
import { answerPage, wholeList } from './paging.ts';
import { mountEndingAlone } from './receipt.ts';
import { toTime, toTimeOrNull } from './time.ts';

export function mountOwnAuthorizations(scope: Scope, core: Core): void {
  const list = { querystring: NoQuery, response: { 200: AuthorizationList } };
  scope.get('/v1/self/authorizations', { schema: list }, async (request) =>
    wholeList(await core.listOwnAuthorizations(callerOf(request)), toWire),
  );
  mountEndingAlone(scope, core, 'DELETE', '/v1/self/authorizations/:id', 'authorization', core.endOwnAuthorization);
}

export function mountAuthorizations(scope: Scope, core: Core): void {
  const list = { querystring: AuthorizationListQuery, response: { 200: AuthorizationList } };
  scope.get('/v1/authorizations', { schema: list }, (request) => {
    const caller = callerOf(request);
    const { user, application, ...query } = request.query;
    const filter = {
      ...(user !== undefined && { userId: user }),
      ...(application !== undefined && { applicationId: application }),
    };
    const read = (page: Parameters<Core['listAuthorizations']>[1]) => core.listAuthorizations(caller, page, filter);
    return answerPage(core, caller, 'authorizations', query, read, toWire);
  });
  mountEndingAlone(scope, core, 'DELETE', '/v1/authorizations/:id', 'authorization', core.endAuthorization);
}

function toWire(kept: ShownAuthorization): Authorization {
  const { id, user, application, api, scope, createdAt, changedAt, lastUsedAt } = kept;
  return {
    id,
    user,
    application,
    api,
    scope: [...scope],
    createdAt: toTime(createdAt),
    changedAt: toTime(changedAt),
    lastUsedAt: toTimeOrNull(lastUsedAt),
  };
}
