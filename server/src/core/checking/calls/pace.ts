// How many calls of a kind are remembered: all of them while there are few in a second, then ever fewer, so that neither
// memory nor the time of checks goes on what is the same many times.

/** Of one kind of calls. */
export interface Pace {
  second: number;
  /** How many there were in this second, and which of them is remembered next. */
  seen: number;
  next: number;
  /** How many have passed since the last one that was remembered. */
  skipped: number;
}

export function newPace(): Pace {
  return { second: 0, seen: 0, next: 1, skipped: 0 };
}

/** True for a call to remember: the first `every` of each second, then each time after twice as many. */
export function isKept(pace: Pace, second: number, every: number): boolean {
  if (pace.second !== second) {
    pace.second = second;
    pace.seen = 0;
    pace.next = 1;
  }
  pace.seen += 1;
  if (pace.seen < pace.next) {
    pace.skipped += 1;
    return false;
  }
  pace.next = pace.seen < every ? pace.seen + 1 : pace.seen * 2;
  return true;
}
