// Tells of sign-ins that fail, so that an operator sees guessing while it happens. It refuses nobody; that belongs to
// the limiter.

import { type Bounded, boundedLines } from '../bounded-lines.ts';
import type { Clock } from '../clock.ts';
import { KeywardError } from '../errors.ts';
import type { SignInLimiter } from './sign-in-limiter.ts';

export interface FailedSignIn {
  /** Where it came from; `by <id>` for a password that was asked for again. */
  address: string;
  /** What was typed for a name, if it is an e-mail address: some type their password there. */
  email?: string;
  /** `refused`: it had failed too often, and was not tried. */
  outcome: 'failed' | 'refused';
}

/** The same limiter, which tells of failures. `now` is monotonic milliseconds. */
export function watchedSignIns(
  limiter: SignInLimiter,
  now: Clock,
  tell: (failure: Bounded<FailedSignIn>) => void,
): SignInLimiter {
  const told = boundedLines(now, tell);
  function note(name: string | null, address: string, outcome: FailedSignIn['outcome']): void {
    const isEmail = name !== null && /^[^\s@]+@[^\s@]+\.[^\s@]+$/.test(name);
    told({ address, ...(isEmail && { email: name }), outcome });
  }

  return {
    async attempt(name, address, run, failed) {
      try {
        return await limiter.attempt(name, address, run, (outcome) => {
          const isFailure = failed(outcome);
          if (isFailure) note(name, address, 'failed');
          return isFailure;
        });
      } catch (error) {
        if (error instanceof KeywardError && error.code === 'too_many_requests') note(name, address, 'refused');
        throw error;
      }
    },
    // It is part of an attempt, whose outcome is noted.
    attemptCode: (name, address, run) => limiter.attemptCode(name, address, run),
  };
}
