// What is kept of plans and of calls that were counted.

import type { AccessTokenSource } from '../caller/source.ts';
import type { LastUse, UseVerdict } from '../caller/use.ts';
import type { WhenUnavailable } from './limit.ts';

export interface Plan {
  id: string;
  name: string;
  /** Calls per window. */
  limit: number;
  windowMs: number;
  per: 'organization' | 'contributor' | 'address';
  /** The most that a contributor plan multiplies to, or null. */
  cap: number | null;
  /** What becomes of calls while the store of limits does not answer. Counters in memory always do. */
  whenUnavailable: WhenUnavailable;
  /** What organizations that have it may hold at most, unless they have a list of their own: patterns. */
  entitlement: readonly string[];
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
