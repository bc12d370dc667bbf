// What is found by a credential's own text, before anything is hashed: fewer than are remembered, since each text is a
// secret in memory, and as long as a JWT. It may forget any of them at any time; what is used is forgotten last.

import type { Evictable } from './bounded-map.ts';

/** What is found by its text. */
export interface HasText extends Evictable {
  readonly text: string;
}

export interface TextCache<V> {
  readonly size: number;
  /** True if a text can be remembered without another being forgotten. */
  hasRoom(): boolean;
  get(text: string): V | undefined;
  /** Adds, or replaces one of the same text. Returns what there is no room for: another, or `value` itself. */
  set(value: V): V | undefined;
  delete(value: V): void;
  clear(): void;
}

/** A text has its place in one set of many, by its mark. One text in a hundred finds its set full where there is room. */
const places = 4;

/** `capacity` texts. */
export function createTextCache<V extends HasText>(capacity: number): TextCache<V> {
  const sets = 2 ** Math.ceil(Math.log2(Math.max(1, (2 * capacity) / places)));
  const marks = new Int32Array(sets * places);
  const values: (V | undefined)[] = new Array(sets * places).fill(undefined);
  let size = 0;

  const setOf = (mark: number) => (mark & (sets - 1)) * places;

  function find(text: string): number {
    const mark = markOf(text);
    const from = setOf(mark);
    for (let at = from; at < from + places; at += 1) {
      if (marks[at] === mark && values[at]?.text === text) return at;
    }
    return -1;
  }

  /** An empty place, or that of a text that was not used since others had to go; -1 if nothing there can go. */
  function placeFor(mark: number): number {
    const from = setOf(mark);
    let [taken, unused] = [-1, -1];
    for (let at = from; at < from + places; at += 1) {
      const value = values[at];
      if (value !== undefined) {
        taken = at;
        if (!value.isUsed) unused = at;
        value.isUsed = false;
      } else if (size < capacity) return at;
    }
    return unused < 0 ? taken : unused;
  }

  return {
    get size() {
      return size;
    },
    hasRoom: () => size < capacity,
    get(text) {
      const at = find(text);
      if (at < 0) return undefined;
      const value = values[at];
      if (value !== undefined && !value.isUsed) value.isUsed = true;
      return value;
    },
    set(value) {
      const mark = markOf(value.text);
      const known = find(value.text);
      const at = known < 0 ? placeFor(mark) : known;
      if (at < 0) return value;
      const before = values[at];
      if (before === undefined) size += 1;
      marks[at] = mark;
      values[at] = value;
      return known < 0 ? before : undefined;
    },
    delete(value) {
      const at = find(value.text);
      if (at < 0 || values[at] !== value) return;
      values[at] = undefined;
      size -= 1;
    },
    clear() {
      values.fill(undefined);
      size = 0;
    },
  };
}

/**
 * Of the text's end, where every credential is random: the engine's own hash would read all of a JWT, which takes longer
 * than to parse it. Those with equal marks are told apart by the whole text.
 */
function markOf(text: string): number {
  let mark = 0;
  for (let at = Math.max(0, text.length - 6); at < text.length; at += 1)
    mark = Math.imul(mark, 67) + text.charCodeAt(at);
  return mark ^ (mark >>> 15);
}
