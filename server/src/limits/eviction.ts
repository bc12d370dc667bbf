// A hand that goes round a map and removes what is of no use, a little at each call, so that a map which grows call by
// call needs no sweep of the whole.

/** `isUnused` is asked about `some` entries at each call, in the order in which they came; `remove` takes one away. */
export function createEvictor<T>(
  entries: ReadonlyMap<string, T>,
  isUnused: (entry: T, now: number) => boolean,
  remove: (entry: T) => void,
  some = 2,
): (now: number) => void {
  // A map's iterator goes on over what is added, and skips what is removed.
  let hand = entries.values();
  return (now) => {
    for (let looked = 0; looked < some; looked += 1) {
      const { value, done } = hand.next();
      if (done === true) {
        hand = entries.values();
        return;
      }
      if (isUnused(value, now)) remove(value);
    }
  };
}
