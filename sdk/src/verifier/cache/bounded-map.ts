// A map that never holds more than its capacity. What was used since it was last looked at gets a second chance, so a
// flood of keys that are seen once does not push out what is in use; a hit costs one assignment.

export interface BoundedMap<V extends Evictable> {
  readonly size: number;
  get(key: string): V | undefined;
  /** Adds, or replaces what it returns; drops something else if it is full. */
  set(key: string, value: V): V | undefined;
  delete(key: string): void;
  values(): IterableIterator<V>;
  clear(): void;
}

/** What can be evicted: a mark that only the map looks at. One value may be in several maps. */
export interface Evictable {
  isUsed: boolean;
}

/** True if the value was used since this was last asked: it gets a second chance. */
export function takeMark(value: Evictable): boolean {
  const wasUsed = value.isUsed;
  value.isUsed = false;
  return wasUsed;
}

/** How many used entries are passed over for one that is dropped: it bounds what a `set` can take. */
const mostPassed = 64;

/** `onDrop` is told of what was dropped to make room, not of what was deleted. */
export function createBoundedMap<V extends Evictable>(
  capacity: number,
  onDrop: (value: V, key: string) => void = () => {},
): BoundedMap<V> {
  const entries = new Map<string, V>();

  function makeRoom(): void {
    let passed = 0;
    for (const [key, value] of entries) {
      entries.delete(key);
      if (passed === mostPassed || !takeMark(value)) {
        onDrop(value, key);
        return;
      }
      entries.set(key, value);
      passed += 1;
    }
  }

  return {
    get size() {
      return entries.size;
    },
    get(key) {
      const value = entries.get(key);
      if (value !== undefined && !value.isUsed) value.isUsed = true;
      return value;
    },
    set(key, value) {
      const before = entries.get(key);
      if (before === undefined && entries.size >= capacity) makeRoom();
      entries.set(key, value);
      return before;
    },
    delete: (key) => void entries.delete(key),
    values: () => entries.values(),
    clear: () => entries.clear(),
  };
}
