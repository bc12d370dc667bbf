// JWTs that were found good, by their own text and never hashed. They are not listed by whom they belong to: each says
// what it was made from, which is, and counts only while that is known; so a great many are forgotten at once.

import { createBoundedMap } from './bounded-map.ts';
import type { Entry } from './credential-entry.ts';
import { createTextCache } from './text-cache.ts';

export interface JwtCache {
  /** How many are remembered, those included whose source is forgotten and that have not been looked for since. */
  readonly size: number;
  get(text: string): Entry | undefined;
  /** Adds one that is not known; drops another if there are too many. */
  keep(entry: Entry): void;
  delete(entry: Entry): void;
  clear(): void;
}

/** How often one that is found the long way takes the place of one that is found the short way. */
const onceIn = 64;

/** `nearby` of them are found the short way. `onDrop` is told of what was dropped to make room. */
export function createJwtCache(capacity: number, nearby: number, onDrop: (entry: Entry) => void): JwtCache {
  const near = createTextCache<Entry>(Math.min(capacity, nearby));
  const mostFar = capacity - nearby;
  const far = createBoundedMap<Entry>(mostFar, onDrop);
  let foundFar = 0;

  function keep(entry: Entry): void {
    const other = near.set(entry);
    if (other === undefined) return;
    if (mostFar > 0) far.set(endOf(other.text), other);
    else onDrop(other);
  }

  function remove(entry: Entry): void {
    near.delete(entry);
    const end = endOf(entry.text);
    if (far.get(end) === entry) far.delete(end);
  }

  function getFar(text: string): Entry | undefined {
    const entry = far.get(endOf(text));
    if (entry?.text !== text) return undefined;
    foundFar += 1;
    if (foundFar % onceIn === 0) {
      far.delete(endOf(text));
      keep(entry);
    }
    return entry;
  }

  return {
    get size() {
      return near.size + far.size;
    },
    get(text) {
      const entry = near.get(text) ?? (far.size > 0 ? getFar(text) : undefined);
      if (entry === undefined || !(entry.source ?? entry).isGone) return entry;
      remove(entry);
      return undefined;
    },
    keep,
    delete: remove,
    clear() {
      near.clear();
      far.clear();
    },
  };
}

/**
 * What a JWT is found by, before all of it is compared: its last characters belong to a signature, of which nobody can
 * choose them.
 */
function endOf(jwt: string): string {
  return jwt.slice(-32);
}
