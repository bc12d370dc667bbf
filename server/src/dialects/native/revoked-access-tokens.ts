// Revoked access tokens over HTTP: the ids that verifiers refuse, of the organizations that they verify for.

import { RevokedAccessTokenList, RevokedAccessTokenQuery } from '@keyward/sdk/wire';
import type { Core } from '../../core/core.ts';
import { callerOf, type Scope } from './caller.ts';
import { toTime } from './time.ts';

export function mountRevokedAccessTokens(scope: Scope, core: Core): void {
  const schema = { querystring: RevokedAccessTokenQuery, response: { 200: RevokedAccessTokenList } };
  scope.get('/v1/revoked-access-tokens', { schema }, async (request) => {
    const { items, next, cursor } = await core.listRevokedTokens(callerOf(request), request.query.after);
    return { items: items.map(({ jti, expiresAt }) => ({ id: jti, expiresAt: toTime(expiresAt) })), next, cursor };
  });
}
