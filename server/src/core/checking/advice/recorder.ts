// What is told of a call that was let in: what it was for. The contract between a check and whoever remembers what credentials
// really use. Telling must not wait.

import type { AccessTokenSource } from '../../caller/source.ts';

/** A call, as far as it says what a credential is needed for. */
export interface ReachingCall {
  /** By name, as the route required them. */
  permissions?: readonly string[];
  match?: 'all' | 'any';
  /** The handle of its API. */
  api?: string;
  /** The client's; left out where nobody told it. */
  address?: string;
}

export interface ReachRecorder {
  /** `held`: what the credential may do, where one permission of several was enough. */
  saw(source: AccessTokenSource, organizationId: string, call: ReachingCall, held: readonly string[], at: number): void;
  /** The same of calls that were checked elsewhere, all together. */
  used(source: AccessTokenSource, organizationId: string, reach: UsedReach, at: number): void;
}

export interface UsedReach {
  permissions: readonly string[];
  apis: readonly string[];
  addresses: readonly string[];
}

/** What one credential used, last on this day since the epoch. */
export interface CredentialUse {
  source: AccessTokenSource;
  organizationId: string;
  kind: 'permission' | 'api' | 'address';
  /** An address may be a range, where there were too many; `many` where there were too many of these; `unknown` for none. */
  value: string;
  firstDay: number;
  lastDay: number;
}

export const dayMs = 24 * 3_600_000;
