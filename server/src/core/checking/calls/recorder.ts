// What is told of each single call: the contract between a check and whoever remembers calls. Telling must not wait.

import type { CredentialRecord } from '../../caller/records.ts';
import type { Refusal } from '../../caller/refusal.ts';
import type { Budget } from '../limit.ts';

/** A call, as far as it is remembered: never its path, its query or what was presented. */
export interface SeenCall {
  /** The guarded path that it fell under, as the settings write it. */
  rule?: string;
  method?: string;
  address?: string;
  userAgent?: string;
  permissions?: readonly string[];
  match?: 'all' | 'any';
  /** The handle of the API that it goes to. */
  api?: string;
}

/** A verdict, as far as it is remembered. */
export type SeenVerdict = { allowed: true; wouldRefuse?: readonly WouldBeRefusal[] } | RefusedVerdict;

export type RefusedVerdict =
  | Refusal
  | { allowed: false; reason: 'rate_limited'; budget?: SpentLimit; refusalId?: string };

/** Of a call that was let in: what something that is only observed so far would have answered from `until` on. */
export interface WouldBeRefusal {
  /** Milliseconds since the epoch. */
  until: number;
  /** The credential's, as it then is. */
  record: CredentialRecord;
  verdict: RefusedVerdict;
  /** What recent calls know it by, once they have heard of it. */
  refusalId?: string;
}

/** The limit that had no room. */
export type SpentLimit = Pick<Budget, 'plan' | 'name' | 'limit' | 'windowMs' | 'retryAfterMs'>;

export interface CallRecorder {
  /**
   * Remembers one verdict; a refusal gets its `refusalId`, and so does the first that there would have been. `record`: the credential's; null where it is not known, and
   * `credential` is then looked at for what may be told of it. `at`: milliseconds since the epoch.
   */
  saw(
    record: CredentialRecord | null,
    credential: string | null,
    call: SeenCall,
    verdict: SeenVerdict,
    at: number,
  ): void;
}
