// What is found by a SHA-256, never more than its capacity. Among many, each line of memory that must be waited for costs a
// fifth of the hash itself: a Map of texts waits for six in a row (bucket, chain, key, its text, value, what it holds), this
// for two, since a digest says at once where both it and its value are. What was used since it was last looked at gets a
// second chance, as in a bounded map.

import type { Kept } from './bounded-map.ts';

/** Digests are texts of 32 characters of one byte each. */
export interface DigestTable<V> {
  readonly size: number;
  get(digest: string): V | undefined;
  /** Adds, or replaces what it returns; drops something else if it is full. */
  set(digest: string, value: V): V | undefined;
  delete(digest: string): void;
  clear(): void;
}

const digestWords = 8;
const firstSlots = 128;
/** Of the slots. Fuller, searches would take longer; emptier, what is to be held near would be more. */
const mostTaken = 0.8;
/** How many used values are passed over for one that is dropped: it bounds what a `set` can take. */
const mostPassed = 64;

/** `onDrop` is told of what was dropped to make room, not of what was deleted. */
export function createDigestTable<V extends Kept>(capacity: number, onDrop: (value: V) => void): DigestTable<V> {
  /** Slots, a power of two; a digest has the first free one from where its first word says. */
  let digests = new Int32Array(firstSlots * digestWords);
  let values: (V | undefined)[] = new Array(firstSlots).fill(undefined);
  let mask = firstSlots - 1;
  let size = 0;
  let hand = 0;

  /** The slot of the digest that `wanted` holds, or the free one that it would get. */
  function find(): number {
    let slot = (wanted[0] ?? 0) & mask;
    while (values[slot] !== undefined && !isWanted(digests, slot * digestWords)) slot = (slot + 1) & mask;
    return slot;
  }

  function move(slot: number, to: number): void {
    digests.copyWithin(to * digestWords, slot * digestWords, (slot + 1) * digestWords);
    values[to] = values[slot];
    values[slot] = undefined;
  }

  /** Those behind it move up, or they would not be found any more. */
  function remove(slot: number): void {
    let gap = slot;
    values[gap] = undefined;
    for (let at = (gap + 1) & mask; values[at] !== undefined; at = (at + 1) & mask) {
      const home = (digests[at * digestWords] ?? 0) & mask;
      if (((at - home) & mask) < ((at - gap) & mask)) continue;
      move(at, gap);
      gap = at;
    }
    size -= 1;
  }

  function makeRoom(): void {
    for (let passed = 0; ; hand = (hand + 1) & mask) {
      const value = values[hand];
      if (value === undefined) continue;
      if (!value.isUsed || passed === mostPassed) {
        remove(hand);
        onDrop(value);
        return;
      }
      value.isUsed = false;
      passed += 1;
    }
  }

  function grow(): void {
    const [digestsBefore, valuesBefore] = [digests, values];
    const slots = 2 * values.length;
    digests = new Int32Array(slots * digestWords);
    values = new Array(slots).fill(undefined);
    mask = slots - 1;
    for (const [slot, value] of valuesBefore.entries()) {
      if (value === undefined) continue;
      wanted.set(digestsBefore.subarray(slot * digestWords, (slot + 1) * digestWords));
      put(value);
    }
  }

  function put(value: V): void {
    const slot = find();
    digests.set(wanted, slot * digestWords);
    values[slot] = value;
  }

  return {
    get size() {
      return size;
    },
    get(digest) {
      read(digest);
      const value = values[find()];
      if (value !== undefined && !value.isUsed) value.isUsed = true;
      return value;
    },
    set(digest, value) {
      read(digest);
      const known = find();
      const before = values[known];
      if (before !== undefined) {
        values[known] = value;
        return before;
      }
      if (size >= Math.max(1, capacity)) makeRoom();
      if (size >= mostTaken * values.length) grow();
      read(digest);
      put(value);
      size += 1;
      return undefined;
    },
    delete(digest) {
      read(digest);
      const slot = find();
      if (values[slot] !== undefined) remove(slot);
    },
    clear() {
      digests = new Int32Array(firstSlots * digestWords);
      values = new Array(firstSlots).fill(undefined);
      mask = firstSlots - 1;
      [size, hand] = [0, 0];
    },
  };
}

/** The digest that is looked for: one for all tables, since none looks while another does. */
const wanted = new Int32Array(digestWords);

function read(digest: string): void {
  for (let word = 0; word < digestWords; word += 1) {
    const at = 4 * word;
    wanted[word] =
      digest.charCodeAt(at) |
      (digest.charCodeAt(at + 1) << 8) |
      (digest.charCodeAt(at + 2) << 16) |
      (digest.charCodeAt(at + 3) << 24);
  }
}

/** Without an early end: how much of a digest is right must not show (S16). */
function isWanted(digests: Int32Array, from: number): boolean {
  let difference = 0;
  for (let word = 0; word < digestWords; word += 1) difference |= (digests[from + word] ?? 0) ^ (wanted[word] ?? 0);
  return difference === 0;
}
