// A bounded map that drops what was not used lately: the clock algorithm. Using an entry costs one assignment, where a
// list in the order of use would be searched and relinked at every look.

/** Whoever uses an entry sets `wasUsed`. */
export interface Chance {
  wasUsed: boolean;
}

export interface ClockCache<V extends Chance> {
  get(key: string): V | undefined;
  /** Drops another entry if there are too many, and the one that it replaces. */
  set(key: string, value: V): void;
  delete(key: string): void;
  /** Forgets all without dropping one by one. */
  clear(): void;
}

/** `dropped` is told of every entry that is replaced, deleted or too many. */
export function clockCache<V extends Chance>(most: number, dropped: (value: V) => void): ClockCache<V> {
  const entries = new Map<string, V>();
  /** Goes round and round; a Map's iterator stands deletions and comes to what is added. */
  let hand = entries.entries();

  const remove = (key: string): void => {
    const value = entries.get(key);
    if (value === undefined) return;
    entries.delete(key);
    dropped(value);
  };

  /** At the second time round at the latest, something was not used since the first. */
  const makeRoom = (): void => {
    while (entries.size >= most) {
      const { value, done } = hand.next();
      if (done === true) {
        hand = entries.entries();
        continue;
      }
      const [key, entry] = value;
      if (entry.wasUsed) entry.wasUsed = false;
      else remove(key);
    }
  };

  return {
    get: (key) => entries.get(key),
    set: (key, value) => {
      remove(key);
      makeRoom();
      entries.set(key, value);
    },
    delete: remove,
    clear: () => {
      entries.clear();
      hand = entries.entries();
    },
  };
}
