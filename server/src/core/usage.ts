// Who used what, when and from where: the shape of a use, and what is kept of many. A check only tells of its use; when
// that is written is the affair of chores/last-used.ts. None of it is journalled: it shows calls, not changes.

import type { AccessTokenSource } from './access-token.ts';
import type { ApiToken } from './api-token.ts';
import { type Caller, may } from './caller.ts';
import type { CredentialReason } from './errors.ts';
import type { Ports } from './ports.ts';

/** One verdict on a credential that is known. */
export interface Use {
  source: AccessTokenSource;
  organizationId: string;
  verdict: UseVerdict;
  /** The rule that the call fell under: a guarded path; empty if nobody named one. */
  rule: string;
  address: string | null;
  userAgent: string | null;
}

export type UseVerdict = 'allowed' | 'rate_limited' | CredentialReason;

/** The last call that a credential was let in for. */
export interface LastUse {
  at: number;
  address: string | null;
  userAgent: string | null;
}

export interface NewLastUse extends LastUse {
  source: AccessTokenSource;
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

export const hourMs = 3_600_000;

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
