// Who used what, when and from where: the shape of a use, and what is kept of many. A check only tells of its use; when
// that is written is the affair of chores/last-used.ts. None of it is journalled: it shows calls, not changes.

import type { ApiToken } from '../credentials/api-token.ts';
import { type CredentialReason, invalid, notFound } from '../errors.ts';
import { type Caller, demand, may } from '../identity/caller.ts';
import type { Ports } from '../ports.ts';
import { type AccessTokenSource, longestLifetimeMs } from '../tokens/access-token.ts';

/** One verdict on a credential that is known. */
export interface Use {
  source: AccessTokenSource;
  organizationId: string;
  verdict: UseVerdict;
  /** The rule that the call fell under: a guarded path; empty if nobody named one. */
  rule: string;
  address: string | null;
  userAgent: string | null;
  /** Only while its token answers to two secrets, and one of them was presented. */
  presented?: SecretPresented;
  /** What the record of the credential keeps for the recorder. */
  trace?: UseTrace;
}

export type UseVerdict = 'allowed' | 'rate_limited' | CredentialReason;

/** What one of the two secrets of a token that is being rotated was presented for. */
export interface SecretPresented {
  secret: 'current' | 'previous';
  /** Until when something is in use because of it: now for a call, the end of an access token that was made. */
  inUseUntil: number;
}

/** The last time that a credential was let in: a call, or an exchange. */
export interface LastUse {
  at: number;
  address: string | null;
  userAgent: string | null;
}

export interface NewLastUse extends LastUse {
  source: AccessTokenSource;
  organizationId: string;
}

export interface SecretUse extends LastUse, SecretPresented {
  tokenId: string;
  organizationId: string;
}

/** Calls of one credential under one rule with one verdict in one hour. */
export interface UsageCount {
  source: AccessTokenSource;
  organizationId: string;
  rule: string;
  verdict: UseVerdict;
  /** The hour's beginning, in milliseconds since the epoch. */
  hour: number;
  calls: number;
}

export interface UsageQuery {
  /** Milliseconds since the epoch: hours that begin at `from` or later and before `until`. */
  from: number;
  until: number;
  /** Only this credential's. */
  source?: AccessTokenSource;
}

/**
 * What one credential did since it was last written down. Whoever keeps a record of the credential keeps this beside it,
 * so that a use is counted without looking anything up. Numbers are small integers, which V8 keeps in the object itself.
 */
export interface UseTrace {
  /** True while it waits to be written down. */
  waits: boolean;
  /** How many calls there were of the kind that came first; 0 for none. */
  calls: number;
  rule: string;
  verdict: UseVerdict;
  /** Of these calls, in hours since the epoch. */
  hour: number;
  /** The last time it was let in, as hours since the epoch and milliseconds since then; the hours -1 for never. */
  lastHour: number;
  lastMs: number;
  address: string | null;
  userAgent: string | null;
  /** Calls of other kinds. */
  others: UseKind[] | null;
  secretUses: SecretUse[] | null;
  /** When the first of all these was seen; milliseconds since the epoch. */
  since: number;
}

/** Calls of one kind, in one hour since the epoch. */
export type UseKind = Pick<UseTrace, 'calls' | 'rule' | 'verdict' | 'hour'>;

export function newTrace(): UseTrace {
  return {
    waits: false,
    calls: 0,
    rule: '',
    verdict: 'allowed',
    hour: 0,
    lastHour: -1,
    lastMs: 0,
    address: null,
    userAgent: null,
    others: null,
    secretUses: null,
    since: 0,
  };
}

/** How counts are added up. */
export interface UsageSums {
  from: number;
  until: number;
  /** `total`: the largest sums first; otherwise in the order of time. */
  group: 'hour' | 'day' | 'total';
  by: 'verdict' | 'source' | 'rule';
  source?: AccessTokenSource;
  /** Only of this user or API user, and of the API tokens that it owns. */
  ownerId?: string;
  rule?: string;
  verdict?: UseVerdict;
}

export interface UsageSum {
  /** When the hour or day begins; in total, `from`. */
  at: number;
  calls: number;
  /** One of these, as was asked by. */
  verdict?: UseVerdict;
  source?: AccessTokenSource;
  rule?: string;
}

/** The rule that exchanges are counted under; those of calls are paths, or empty. */
export const exchangeRule = 'exchange';
/** The rule that calls of Keyward's own endpoints are counted under. */
export const ownRule = 'keyward';

export const hourMs = 3_600_000;
const dayMs = 24 * hourMs;

/** The beginning of the hour that `at` falls in. */
export function hourOf(at: number): number {
  return at - (at % hourMs);
}

/**
 * The last use of each of these tokens that had one, by id. Of the caller's own, or of anyone's in its organization with
 * `read:organization_api_key`; others are left out. What was seen since the last flush is not in it yet.
 */
export async function lastUsesOf(
  ports: Ports,
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
  ports: Ports,
  caller: Caller,
  ids: readonly string[],
): Promise<ReadonlyMap<string, LastUse>> {
  if (!may(caller, 'read:api_user')) return new Map();
  return ports.store.usage.lastUses(caller.organization.id, 'api_user', ids);
}

export interface UsageRequest {
  from?: number;
  until?: number;
  group?: UsageSums['group'];
  by?: UsageSums['by'];
  source?: AccessTokenSource;
}

export type NamedSum = UsageSum & { sourceName: string | null };

/** No answer has more rows. */
export const mostUsageRows = 5000;

/**
 * How many calls were judged. Everyone may ask about themselves and the API tokens that they own; with `read:usage` about
 * the whole organization. In total it answers the largest sums; otherwise more rows than 5,000 are `invalid_request`.
 */
export async function readUsage(ports: Ports, caller: Caller, request: UsageRequest): Promise<NamedSum[]> {
  const { group = 'hour', by = 'verdict', source } = request;
  const until = request.until ?? ports.clock() + 1;
  const from = request.from ?? until - (group === 'hour' ? dayMs : 30 * dayMs);
  if (from >= until) throw invalid(['query', 'from'], 'This is not before the end of the time that is asked about.');
  const all = may(caller, 'read:usage');
  if (source !== undefined) await demandSource(ports, caller, source, all);
  const sums = await ports.store.usage.sums(
    caller.organization.id,
    {
      // An hour that had begun is counted whole: finer is not known.
      from: group === 'day' ? from - (from % dayMs) : hourOf(from),
      until,
      group,
      by,
      ...(source !== undefined && { source }),
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
  return sums.map((sum) => ({ ...sum, sourceName: nameOf(sum.source) }));
}

/**
 * About how many access tokens of an API user, and of API tokens that it owns, have not ended: the exchanges within the
 * longest life that one may have. Needs `read:api_user`.
 */
export async function countInFlight(ports: Ports, caller: Caller, id: string): Promise<number> {
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
async function demandSource(ports: Ports, caller: Caller, source: AccessTokenSource, all: boolean): Promise<void> {
  if (source.id === caller.owner.id && source.type === caller.owner.type) return;
  const organizationId = caller.organization.id;
  if (source.type === 'api_token') {
    const token = await ports.store.apiTokens.find(organizationId, source.id);
    if (token !== null && (all || token.owner.id === caller.owner.id)) return;
  } else if (all && (await ports.store.names.of(organizationId, [source])).size > 0) return;
  throw notFound('credential');
}
