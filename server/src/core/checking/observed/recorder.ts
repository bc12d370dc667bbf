// What is told of a call that something observed would have refused: the contract between a check and whoever counts such
// calls. Telling must not wait.

import type { ObservedSubject } from '../../caller/records.ts';
import type { AccessTokenSource } from '../../caller/source.ts';
import type { UseVerdict } from '../../caller/use.ts';

/** One thing that is observed: what of a subject, until when. */
export interface Observed {
  subject: ObservedSubject;
  /** A token's narrowing, a route's permissions, an entitlement, a plan's limits. */
  bound: 'narrowing' | 'permissions' | 'entitlement' | 'limits';
  /** Milliseconds since the epoch. */
  until: number;
}

export interface ObservedRefusal extends Observed {
  organizationId: string;
  source: AccessTokenSource;
  /** Why it would have been refused. */
  reason: UseVerdict;
  /** The guarded path that the call fell under; empty if nobody named one. */
  rule: string;
  address: string | null;
}

/** `call`: what recent calls know the last one by; null where they do not. */
export type SeenRefusal = ObservedRefusal & { call: string | null };

export interface ObservationRecorder {
  /** `calls`: how many like it there were, where several are told at once. */
  saw(refusal: SeenRefusal, calls?: number): void;
}
