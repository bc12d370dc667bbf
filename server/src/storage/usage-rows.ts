// The tables of what is counted: uses, calls, and calls that something observed would have refused.

import type { UseVerdict } from '../core/caller/use.ts';

/** What is only observed, as JSON, and when it begins to count. */
export interface ObservedColumns {
  observed: string | null;
  observed_until: number | null;
}

export interface LastUsedRow {
  source_type: 'user' | 'api_user' | 'api_token';
  source_id: string;
  organization_id: string;
  at: number;
  address: string | null;
  user_agent: string | null;
}

export interface UsageCountRow {
  organization_id: string;
  source_type: 'user' | 'api_user' | 'api_token';
  source_id: string;
  rule: string;
  hour: number;
  verdict: UseVerdict;
  calls: number;
}

/** What a credential used: a permission, an API or an address, and on which days, since the epoch. */
export interface CredentialUseRow {
  source_id: string;
  source_type: 'user' | 'api_user' | 'api_token';
  organization_id: string;
  kind: 'permission' | 'api' | 'address' | 'began';
  value: string;
  first_day: number;
  last_day: number;
}

/** Calls that what is observed would have refused, by credential and reason. */
export interface ObservedRefusalRow {
  subject_type: 'api_token' | 'organization' | 'plan' | 'route';
  subject_id: string;
  bound: 'narrowing' | 'permissions' | 'entitlement' | 'limits';
  until: number;
  organization_id: string;
  source_type: 'user' | 'api_user' | 'api_token';
  source_id: string;
  reason: UseVerdict;
  calls: number;
  last_at: number;
  last_rule: string;
  last_address: string | null;
  last_call: string | null;
}
