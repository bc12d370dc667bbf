// The verdict on a call of a credential that is known: what it must show, one after the other, and what it spends. What
// nobody here can tell is said by name; the verifier then asks.

import { type Entry, hasEnded, holds } from './cache/credential-entry.ts';
import type { Book } from './limits/book.ts';
import type { Limits } from './limits/limits.ts';
import type { MonotonicClock } from './monotonic-clock.ts';
import { lackOfObserved, observed, type WouldRefuse } from './observed.ts';
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
  /** Told of a call that was let in, and that something observed would have refused. */
  wouldRefuse: WouldRefuse;
}

/** `credential`: learn more of it; `ask`: let Keyward decide this call. */
export type Evaluation = Verdict | 'credential' | 'ask';

/** `now` is monotonic, in milliseconds. Throws a RangeError for a cost that is none. */
export type Evaluate = (entry: Entry, requirement: Requirement, now: number) => Evaluation;

export function createEvaluate({
  limits,
  clock,
  api: usual,
  revocations,
  onExpired,
  wouldRefuse,
}: EvaluationOptions): Evaluate {
  return (entry, requirement, now) =>
    entry.isBound && entry.observed !== null
      ? evaluateObserved(entry, requirement, now)
      : evaluate(entry, requirement, now);

  /** Small, so that all of it is compiled as one: nearly every call goes this way to its end. */
  function evaluate(entry: Entry, requirement: Requirement, now: number): Evaluation {
    if (entry.expiresAt !== null && hasEnded(entry, clock(now))) return expired(entry);
    if (entry.tokenIds !== null && revocations.hasAny(entry.tokenIds)) {
      return refused('revoked', { principal: entry.principal });
    }
    if (entry.isBound || requirement.organization !== undefined) {
      const wrong = lackOfPlace(entry, requirement);
      if (wrong !== null) return wrong;
    }
    const { permissions, cost = 1 } = requirement;
    if (permissions !== undefined && !holds(entry, permissions, requirement.match)) {
      return refused('missing_permission', { principal: entry.principal, required: permissions });
    }
    if (!Number.isSafeInteger(cost) || cost < 0) throw new RangeError('A cost is a whole number from 0 on.');
    if (cost === 0) return entry.allowed;
    // Leases are parts of plans, and of nothing else.
    if (entry.isBound && entry.principal.hasLimits === true) return 'ask';
    const limit = limits.spend(bookOf(entry, requirement.plan), cost, now);
    if (limit === null) return entry.allowed;
    if (typeof limit === 'string') return limit;
    if (limit.retryAfterMs > 0) return refused('rate_limited', { principal: entry.principal, limit });
    return { allowed: true, principal: entry.principal, limit };
  }

  /** What counts meanwhile refuses before anything is spent. */
  function evaluateObserved(entry: Entry, requirement: Requirement, now: number): Evaluation {
    const at = clock(now);
    const call = { ...requirement, api: requirement.api ?? usual };
    const lack = entry.expiresAt !== null && hasEnded(entry, at) ? null : lackOfObserved(entry, call, at);
    if (lack !== null) return lack;
    const verdict = evaluate(entry, requirement, now);
    if (typeof verdict === 'string' || !verdict.allowed) return verdict;
    return observed(entry, call, at, verdict, wouldRefuse);
  }

  function expired(entry: Entry): Verdict {
    onExpired(entry);
    return refused('expired');
  }

  /** Why it may not be used from there, for that organization or on that API; null if it may. */
  function lackOfPlace(entry: Entry, { address, organization, api = usual }: Requirement): Evaluation | null {
    const { addresses, principal } = entry;
    if (addresses !== null) {
      if (address === undefined) return refused('address_not_allowed', { principal });
      if (!addresses.has(address)) return 'credential';
    }
    if (organization !== undefined && !isOf(principal, organization)) {
      return refused('wrong_organization', { principal });
    }
    return principal.apis?.includes(api) === false ? refused('wrong_api', { principal }) : null;
  }

  function bookOf(entry: Entry, plan: string | undefined): Book {
    if (plan === undefined && entry.book !== null && !entry.book.isGone) return entry.book;
    const { organizationId } = entry.principal;
    if (plan !== undefined) return limits.bookOf(organizationId, plan);
    entry.book = limits.bookOf(organizationId);
    return entry.book;
  }
}
