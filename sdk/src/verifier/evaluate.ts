// The verdict on a call of a credential that is known: what it must show, one after the other, and what it spends. What
// nobody here can tell is said by name; the verifier then asks.

import { type Entry, hasEnded, holds } from './cache/credential-entry.ts';
import type { Book } from './limits/book.ts';
import type { Limits } from './limits/limits.ts';
import type { MonotonicClock } from './monotonic-clock.ts';
import { isOf } from './principal.ts';
import type { Revocations } from './revocations.ts';
import { type Requirement, refused, type Verdict } from './verdict.ts';

export interface EvaluationOptions {
  limits: Pick<Limits, 'bookOf' | 'spend'>;
  clock: MonotonicClock;
  /** The handle of the API that calls go to unless they name another. */
  api: string;
  /** Access tokens that were revoked one by one; all of them, before any is evaluated. */
  revocations: Pick<Revocations, 'hasAny'>;
  /** Told of an entry that has come to its end. */
  onExpired(entry: Entry): void;
}

/** `credential`: learn more of it; `ask`: let Keyward decide this call. */
export type Evaluation = Verdict | 'credential' | 'ask';

/** `now` is monotonic, in milliseconds. Throws a RangeError for a cost that is none. */
export type Evaluate = (entry: Entry, requirement: Requirement, now: number) => Evaluation;

export function createEvaluate({ limits, clock, api: usual, revocations, onExpired }: EvaluationOptions): Evaluate {
  return (entry, requirement, now) => {
    const { address, api = usual, permissions, match, cost = 1, organization, plan } = requirement;
    if (entry.expiresAt !== null && hasEnded(entry, clock(now))) {
      onExpired(entry);
      return refused('expired');
    }
    if (entry.tokenIds !== null && revocations.hasAny(entry.tokenIds)) {
      return refused('revoked', { principal: entry.principal });
    }
    if (entry.addresses !== null) {
      if (address === undefined) return refused('address_not_allowed', { principal: entry.principal });
      if (!entry.addresses.has(address)) return 'credential';
    }
    if (organization !== undefined && !isOf(entry.principal, organization)) {
      return refused('wrong_organization', { principal: entry.principal });
    }
    const { apis } = entry.principal;
    if (apis !== undefined && !apis.includes(api)) return refused('wrong_api', { principal: entry.principal });
    if (permissions !== undefined && !holds(entry, permissions, match)) {
      return refused('missing_permission', { principal: entry.principal, required: permissions });
    }
    if (!Number.isSafeInteger(cost) || cost < 0) throw new RangeError('A cost is a whole number from 0 on.');
    if (cost === 0) return entry.allowed;
    // Leases are parts of plans, and of nothing else.
    if (entry.principal.hasLimits === true) return 'ask';
    const limit = limits.spend(bookOf(entry, plan), cost, now);
    if (limit === null) return entry.allowed;
    if (typeof limit === 'string') return limit;
    if (limit.retryAfterMs > 0) return refused('rate_limited', { principal: entry.principal, limit });
    return { allowed: true, principal: entry.principal, limit };
  };

  function bookOf(entry: Entry, plan: string | undefined): Book {
    const { organizationId } = entry.principal;
    if (plan !== undefined) return limits.bookOf(organizationId, plan);
    if (entry.book === null || entry.book.isGone) entry.book = limits.bookOf(organizationId);
    return entry.book;
  }
}
