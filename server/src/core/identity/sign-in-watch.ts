// Tells of sign-ins that fail, so that an operator sees guessing while it happens. At most so many lines in a while: the
// rest are counted, since whoever guesses must not fill the log. It refuses nobody; that is the limiter's affair.

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
  /** Failures since the last line that were not told. */
  untold?: number;
}

const linesAtOnce = 20;
const windowMs = 10_000;

/** The same limiter, which tells of failures. `now` is monotonic milliseconds. */
export function watchedSignIns(
  limiter: SignInLimiter,
  now: Clock,
  tell: (failure: FailedSignIn) => void,
): SignInLimiter {
  let windowBegan = Number.NEGATIVE_INFINITY;
  let lines = 0;
  let untold = 0;

  function note(name: string | null, address: string, outcome: FailedSignIn['outcome']): void {
    if (now() - windowBegan >= windowMs) {
      windowBegan = now();
      lines = 0;
    }
    if (lines >= linesAtOnce) {
      untold += 1;
      return;
    }
    lines += 1;
    const isEmail = name !== null && /^[^\s@]+@[^\s@]+\.[^\s@]+$/.test(name);
    tell({ address, ...(isEmail && { email: name }), outcome, ...(untold > 0 && { untold }) });
    untold = 0;
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
  };
}
