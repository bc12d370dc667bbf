// What keeps guessing at secrets slow: on one node in its memory, on many together through their database.

import type { LeaseStore } from '../core/checking/ports.ts';
import type { Clock } from '../core/clock.ts';
import { sharedSignIns } from '../core/identity/shared-sign-ins.ts';
import { createSignInLimiter, type SignInLimiter } from '../core/identity/sign-in-limiter.ts';

export interface SignInLimiterParts {
  leases: LeaseStore | null;
  /** This node's name, a new one with each start. */
  node: string;
  monotonic: Clock;
  perMinute: number;
}

/** One for each kind of what is guessed at. */
export function signInLimiters({ leases, node, monotonic, perMinute }: SignInLimiterParts) {
  return (kind: 'password' | 'leak'): SignInLimiter => {
    const local = createSignInLimiter(monotonic, perMinute);
    return leases === null ? local : sharedSignIns({ local, failures: leases, node, perMinute, kind });
  };
}
