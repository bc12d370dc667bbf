// A clock that never goes back, for whatever must not be revived by one that does: it goes on from the latest time that is
// known, and waits for the machine's clock at half speed. It keeps nothing itself.

import type { Clock } from '../core/clock.ts';

/**
 * Milliseconds since the epoch: the machine's clock wherever that is ahead. `known` is the latest time that is known from
 * before the start; one that is further ahead than `mostAheadMs` is not believed, as it would end everything.
 */
export function steadyClock(
  known: number,
  wall: Clock = Date.now,
  elapsed: () => number = () => performance.now(),
): Clock {
  const start = wall();
  let told = known - start > mostAheadMs ? start : Math.max(start, known);
  let since = elapsed();
  return () => {
    const at = wall();
    const passed = elapsed() - since;
    const half = Math.floor(passed / 2);
    if (at >= told + half) {
      told = at;
      since += passed;
    } else if (half > 0) {
      told += half;
      since += 2 * half;
    }
    return told;
  };
}

/** How far the machine's clock may have been set back while the server was stopped. */
export const mostAheadMs = 24 * 3_600_000;
