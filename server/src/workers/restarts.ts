// When the place of a worker that died is filled again: at once as a rule, and later the more often it dies soon after its
// start, so that a crash loop does not spin.

/** Who lived so long did not die of its start. */
export const livedMs = 10_000;
const firstPauseMs = 100;
const longestPauseMs = 10_000;

export interface Restarts {
  /** How many milliseconds to wait before it is started again. `lifeMs`: how long it lived. */
  pauseAfter(lifeMs: number): number;
}

/** Of one place. */
export function createRestarts(): Restarts {
  let soon = 0;
  return {
    pauseAfter(lifeMs) {
      soon = lifeMs >= livedMs ? 0 : soon + 1;
      // The first time it may have been an accident.
      return soon <= 1 ? 0 : Math.min(longestPauseMs, firstPauseMs * 2 ** (soon - 2));
    },
  };
}
