// A use of a credential: who was let in or refused, when and from where. Telling of one must not wait; how uses are kept
// and counted is for the recorder (chores) and for checking.

import type { CredentialReason } from '../errors.ts';
import type { AccessTokenSource } from './source.ts';

/** One verdict on a credential that is known. */
export interface Use {
  source: AccessTokenSource;
  organizationId: string;
  verdict: UseVerdict;
  /** When, in milliseconds since the epoch; now unless said. */
  at?: number;
  /** The rule that the call fell under: a guarded path; empty if nobody named one. */
  rule: string;
  address: string | null;
  userAgent: string | null;
  /** Only while it answers to two secrets, and one of them was presented. */
  presented?: SecretPresented;
  /** What the record of the credential keeps for the recorder. */
  trace?: UseTrace;
}

export type UseVerdict = 'allowed' | 'rate_limited' | CredentialReason;

/** What one of the two secrets of a credential that is being rotated was presented for. */
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

/** The last hour in which a credential was refused, and why most of these calls were. Finer is not known. */
export interface LastRefusal {
  /** The hour's beginning, in milliseconds since the epoch. */
  hour: number;
  verdict: UseVerdict;
}

export interface SecretUse extends LastUse, SecretPresented {
  source: AccessTokenSource;
  organizationId: string;
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

/** The rule that exchanges are counted under; those of calls are paths, or empty. */
export const exchangeRule = 'exchange';

/** The rule that calls of Keyward's own endpoints are counted under. */
export const ownRule = 'keyward';

/** Who is told of every verdict on a known credential. Must not wait. */
export interface UseRecorder {
  saw(use: Use): void;
}
