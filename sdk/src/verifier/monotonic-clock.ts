// What time it is, for the end of credentials: never less than when this process began and what has passed since, so that
// a clock that is set back makes no credential good again (S106). One that jumps ahead is believed for as long as it does.

/** Milliseconds since the epoch, `now` being monotonic ones. */
export type MonotonicClock = (now: number) => number;

export function createMonotonicClock(now: number, wall: () => number = Date.now): MonotonicClock {
  const origin = wall() - now;
  let [readAt, ahead] = [now, origin];
  return (later) => {
    // To look at it costs as much as half a check: what it said is good for a millisecond.
    if (later >= readAt + 1) {
      readAt = later;
      ahead = Math.max(origin, wall() - later);
    }
    return ahead + later;
  };
}
