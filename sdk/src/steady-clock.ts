// What time it is, for the end of credentials: never less than when this process began and what has passed since, so that
// a clock that is set back makes no credential good again (S106). One that jumps ahead is believed for as long as it does.

/** Milliseconds since the epoch, `now` being monotonic ones. */
export type SteadyClock = (now: number) => number;

export function createSteadyClock(now: number, wall: () => number = Date.now): SteadyClock {
  const origin = wall() - now;
  return (later) => Math.max(wall(), origin + later);
}
