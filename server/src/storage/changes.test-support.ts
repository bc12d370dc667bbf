// How the suites of the databases make a change: one alone, or as one of many racing callers.

import type { Changes, Store } from '../core/ports.ts';

/** Of the store that is open by then. `race`: twenty callers at once, of whom each knows its number; all their answers. */
export function changing(store: () => Store) {
  const change = <T>(verb: (changes: Changes) => Promise<T>) => store().write(verb);
  const race = <T>(verb: (changes: Changes, n: number) => Promise<T>) =>
    Promise.all(Array.from({ length: 20 }, (_, n) => change((changes) => verb(changes, n))));
  return { change, race };
}
