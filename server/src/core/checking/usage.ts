// Who used what, when and from where: the shape of a use, and what is kept of many. A check only tells of its use; when
// that is written is decided in chores/last-used.ts. None of it is journalled: it shows calls, not changes.

import { actingPermission, type Caller, demand, demandOperator, isOperating, may } from '../caller/caller.ts';
import type { AccessTokenSource } from '../caller/source.ts';
import { exchangeRule, type LastRefusal } from '../caller/use.ts';
import type { Clocked } from '../clock.ts';
import { invalid, notFound } from '../errors.ts';
import { longestLifetimeMs } from '../tokens/read.ts';
import type { Reading, UsageSums } from './ports.ts';
import type { UsageSum } from './records.ts';

export const hourMs = 3_600_000;
const dayMs = 24 * hourMs;

/** The beginning of the hour that `at` falls in. */
export function hourOf(at: number): number {
  return at - (at % hourMs);
}

/** How far back a refusal is told of. */
const refusalsMs = 30 * dayMs;

/** The last refusals of these tokens or API users, by id: of those that `lastUsesOf`, or `lastUsesOfApiUsers`, tells of. */
export async function lastRefusalsOf(
  ports: Reading<'usage'> & Clocked,
  caller: Caller,
  type: 'api_token' | 'api_user',
  things: readonly { id: string; owner?: { id: string } }[],
): Promise<ReadonlyMap<string, LastRefusal>> {
  const all = may(caller, type === 'api_token' ? 'read:organization_api_key' : 'read:api_user');
  const ids = things.filter(({ owner }) => all || owner?.id === caller.owner.id).map(({ id }) => id);
  return ports.store.usage.lastRefusals(caller.organization.id, type, ids, hourOf(ports.clock() - refusalsMs));
}

export interface UsageRequest {
  from?: number;
  until?: number;
  group?: UsageSums['group'];
  by?: UsageSums['by'];
  source?: AccessTokenSource;
  verdict?: UsageSums['verdict'];
}

export type NamedSum = UsageSum & { sourceName: string | null; organizationName: string | null };

/** No answer has more rows. */
export const mostUsageRows = 5000;

/**
 * How many calls were checked. Everyone may ask about themselves and the API tokens that they own; with `read:usage` about
 * the whole organization, and by organization about all of them, where the caller may see the customers. In total it answers
 * the largest sums; otherwise more rows than 5,000 are `invalid_request`.
 */
export async function readUsage(
  ports: Reading<'apiTokens' | 'names' | 'usage'> & Clocked,
  caller: Caller,
  request: UsageRequest,
): Promise<NamedSum[]> {
  const { group = 'hour', by = 'verdict', source, verdict } = request;
  const until = request.until ?? ports.clock() + 1;
  const from = request.from ?? until - (group === 'hour' ? dayMs : 30 * dayMs);
  if (from >= until) throw invalid(['query', 'from'], 'This is not before the end of the time that is asked about.');
  const all = may(caller, 'read:usage');
  if (by === 'organization') demandCustomers(caller, source);
  if (source !== undefined) await demandSource(ports, caller, source, all);
  const sums = await ports.store.usage.sums(
    by === 'organization' ? null : caller.organization.id,
    {
      // An hour that had begun is counted whole: finer is not known.
      from: group === 'day' ? from - (from % dayMs) : hourOf(from),
      until,
      group,
      by,
      ...(source !== undefined && { source }),
      ...(verdict !== undefined && { verdict }),
      ...(!all && source === undefined && { ownerId: caller.owner.id }),
    },
    group === 'total' ? mostUsageRows : mostUsageRows + 1,
  );
  if (sums.length > mostUsageRows) {
    throw invalid(['query', 'from'], 'This is more than 5000 rows. Ask for less time, by days, or in total.');
  }
  const sources = sums.flatMap((sum) => sum.source ?? []);
  const names = await ports.store.names.of(caller.organization.id, sources);
  const nameOf = (one: AccessTokenSource | undefined) =>
    one === undefined ? null : (names.get(`${one.type}:${one.id}`) ?? null);
  const organizations = await ports.store.names.ofOrganizations(sums.flatMap((sum) => sum.organizationId ?? []));
  return sums.map((sum) => ({
    ...sum,
    sourceName: nameOf(sum.source),
    organizationName: organizations.get(sum.organizationId ?? '') ?? null,
  }));
}

/** Throws unless the caller may see what every organization used. */
function demandCustomers(caller: Caller, source: AccessTokenSource | undefined): void {
  demandOperator(caller, 'read:usage');
  if (!isOperating(caller)) demand(caller, actingPermission);
  if (source === undefined) return;
  throw invalid(['query', 'source'], 'A credential is of one organization: leave it out, or ask by something else.');
}

/**
 * About how many access tokens of an API user, and of API tokens that it owns, have not ended: the exchanges within the
 * longest life that one may have. Needs `read:api_user`.
 */
export async function countInFlight(
  ports: Reading<'apiUsers' | 'usage'> & Clocked,
  caller: Caller,
  id: string,
): Promise<number> {
  demand(caller, 'read:api_user');
  const apiUser = await ports.store.apiUsers.find(caller.organization.id, id);
  if (apiUser === null || apiUser.lifecycle.deletedAt !== null) throw notFound('API user');
  const now = ports.clock();
  const [sum] = await ports.store.usage.sums(
    caller.organization.id,
    {
      from: hourOf(now - longestLifetimeMs),
      until: now + 1,
      group: 'total',
      by: 'rule',
      ownerId: id,
      rule: exchangeRule,
      verdict: 'allowed',
    },
    1,
  );
  return sum?.calls ?? 0;
}

/** One's own are always shown; anyone's else with `read:usage`. Throws `not_found` for the others. */
async function demandSource(
  ports: Reading<'apiTokens' | 'names'>,
  caller: Caller,
  source: AccessTokenSource,
  all: boolean,
): Promise<void> {
  if (source.id === caller.owner.id && source.type === caller.owner.type) return;
  const organizationId = caller.organization.id;
  if (source.type === 'api_token') {
    const token = await ports.store.apiTokens.find(organizationId, source.id);
    if (token !== null && (all || token.owner.id === caller.owner.id)) return;
  } else if (all && (await ports.store.names.of(organizationId, [source])).size > 0) return;
  throw notFound('credential');
}
