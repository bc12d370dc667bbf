// Lines for a log about what strangers can cause: at most so many in a while, the rest are counted, since whoever guesses
// must not fill the log.

import type { Clock } from './clock.ts';

/** What is told, and how many of its kind were not since the line before. */
export type Bounded<T> = T & { untold?: number };

const usual = { lines: 20, ms: 10_000 };

/** Tells of 20 in ten seconds at most, unless told otherwise. `now` is monotonic milliseconds. */
export function boundedLines<T extends object>(
  now: Clock,
  tell: (line: Bounded<T>) => void,
  most: { lines: number; ms: number } = usual,
): (line: T) => void {
  let windowBegan = Number.NEGATIVE_INFINITY;
  let lines = 0;
  let untold = 0;
  return (line) => {
    if (now() - windowBegan >= most.ms) {
      windowBegan = now();
      lines = 0;
    }
    if (lines >= most.lines) {
      untold += 1;
      return;
    }
    lines += 1;
    tell({ ...line, ...(untold > 0 && { untold }) });
    untold = 0;
  };
}
