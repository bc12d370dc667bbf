// What is kept of plans and of calls that were counted.

import type { ObservedSpan } from '../caller/observation.ts';
import type { AccessTokenSource } from '../caller/source.ts';
import type { LastUse, UseVerdict } from '../caller/use.ts';
import type { WhenUnavailable } from './limit.ts';

export interface PlanLimit {
  /** Calls per window. */
  limit: number;
  windowMs: number;
  /** Whose calls are counted together; `contributor` counts an organization's, and is multiplied by its contributors. */
  per: 'organization' | 'contributor' | 'api_token' | 'address';
  /** The most that a limit per contributor multiplies to, or null. */
  cap: number | null;
}

export interface Plan {
  id: string;
  name: string;
  /** All of them must have room. With none, nothing is limited. */
  limits: readonly PlanLimit[];
  /** What becomes of calls while the store of limits does not answer. Counters in memory always do. */
  whenUnavailable: WhenUnavailable;
  /** What organizations that have it may hold at most, unless they have a list of their own: patterns. */
  entitlement: readonly string[];
  /** What of it is to be otherwise from a time on, and is only observed so far; null for nothing. */
  observed: (ObservedSpan & Partial<Pick<Plan, 'limits' | 'entitlement'>>) | null;
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

export interface UsageSum {
  /** When the hour or day begins; in total, `from`. */
  at: number;
  calls: number;
  /** One of these, as was asked by. */
  verdict?: UseVerdict;
  source?: AccessTokenSource;
  rule?: string;
  organizationId?: string;
}
