// When credentials were last used, told beside their own records.

import { type Caller, may } from '../caller/caller.ts';
import type { LastUse } from '../caller/use.ts';
import type { Reading } from './ports.ts';
import type { ApiToken } from './records.ts';

/**
 * The last use of each of these tokens that had one, by id. Of the caller's own, or of anyone's in its organization with
 * `read:organization_api_key`; others are left out. What was seen since the last flush is not in it yet.
 */
export async function lastUsesOf(
  ports: Reading<'usage'>,
  caller: Caller,
  tokens: readonly ApiToken[],
): Promise<ReadonlyMap<string, LastUse>> {
  const all = may(caller, 'read:organization_api_key');
  const visible = tokens.filter((token) => all || token.owner.id === caller.owner.id);
  const ids = visible.map(({ id }) => id);
  return ports.store.usage.lastUses(caller.organization.id, 'api_token', ids);
}

/** The last uses of these API users, by id; of none without `read:api_user`. */
export async function lastUsesOfApiUsers(
  ports: Reading<'usage'>,
  caller: Caller,
  ids: readonly string[],
): Promise<ReadonlyMap<string, LastUse>> {
  if (!may(caller, 'read:api_user')) return new Map();
  return ports.store.usage.lastUses(caller.organization.id, 'api_user', ids);
}
