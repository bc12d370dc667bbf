// What is found by a SHA-256. Among many, each line of memory that must be waited for costs a fifth of the hash itself: a
// Map of texts waits for six in a row (bucket, chain, key, its text, value, what it holds), this for two, since a digest
// says at once where both it and its value are. It makes no digests, and knows nothing of what it holds.

export interface DigestTable<V> {
  readonly size: number;
  /** Undefined for a text that is no digest, too. */
  get(digest: string): V | undefined;
  /** Adds, or replaces what it returns; evicts something else if it is full. Throws for a text that is no digest. */
  set(digest: string, value: V): V | undefined;
  delete(digest: string): void;
  clear(): void;
}

export interface DigestTableOptions<V> {
  /** How digests are written: `readHex` or `readBytes`. */
  read: DigestReader;
  /** Without one it grows for as long as there is memory. */
  bound?: Bound<V>;
  /** How much of the slots may be taken: fuller, searches take longer; emptier, more is to be held near. Two thirds. */
  mostTaken?: number;
}

export interface Bound<V> {
  capacity: number;
  /** True if the value was used since this was last asked of it: it gets a second chance. */
  spare(value: V): boolean;
  /** Told of what was evicted to make room, not of what was deleted. */
  onEvict(value: V): void;
}

/** Reads a digest into eight words; false for a text that is none. */
export type DigestReader = (digest: string, words: Int32Array) => boolean;

const digestWords = 8;
const firstSlots = 128;
/** How many used values are passed over for one that is evicted: it bounds what a `set` can take. */
const mostSpared = 64;

/** Open addressing: slot `n` is eight words of `digests` and `values[n]`, which is undefined while the slot is free. */
export function createDigestTable<V extends object>(options: DigestTableOptions<V>): DigestTable<V> {
  const { read, bound, mostTaken = 2 / 3 } = options;
  const capacity = Math.max(1, bound?.capacity ?? Number.POSITIVE_INFINITY);
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

  function evictOne({ spare, onEvict }: Bound<V>): void {
    for (let spared = 0; ; hand = (hand + 1) & mask) {
      const value = values[hand];
      if (value === undefined) continue;
      if (spared === mostSpared || !spare(value)) {
        remove(hand);
        onEvict(value);
        return;
      }
      spared += 1;
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
      for (let word = 0; word < digestWords; word += 1) wanted[word] = digestsBefore[slot * digestWords + word] ?? 0;
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
    get: (digest) => (read(digest, wanted) ? values[find()] : undefined),
    set(digest, value) {
      if (!read(digest, wanted)) throw new Error('This is no digest.');
      const known = find();
      const before = values[known];
      if (before !== undefined) {
        values[known] = value;
        return before;
      }
      if (bound !== undefined && size >= capacity) evictOne(bound);
      if (size >= mostTaken * values.length) grow();
      read(digest, wanted);
      put(value);
      size += 1;
      return undefined;
    },
    delete(digest) {
      if (!read(digest, wanted)) return;
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

/** A digest of 64 lower-case hexadecimal digits, as databases keep it. */
export function readHex(digest: string, words: Int32Array): boolean {
  if (digest.length !== 8 * digestWords) return false;
  let bad = 0;
  for (let word = 0, at = 0; word < digestWords; word += 1) {
    let value = 0;
    for (const end = at + 8; at < end; at += 1) {
      const digit = digits[digest.charCodeAt(at)] ?? noDigit;
      bad |= digit;
      value = (value << 4) | (digit & 15);
    }
    words[word] = value;
  }
  return bad < noDigit;
}

/** A digest of 32 characters of one byte each: half as long as hex, and as quick to find by. */
export function readBytes(digest: string, words: Int32Array): boolean {
  if (digest.length !== 4 * digestWords) return false;
  let all = 0;
  for (let word = 0; word < digestWords; word += 1) {
    const at = 4 * word;
    const a = digest.charCodeAt(at);
    const b = digest.charCodeAt(at + 1);
    const c = digest.charCodeAt(at + 2);
    const d = digest.charCodeAt(at + 3);
    all |= a | b | c | d;
    words[word] = a | (b << 8) | (c << 16) | (d << 24);
  }
  return all < 256;
}

/** The digest that is looked for: one for all tables, since none looks while another does. */
const wanted = new Int32Array(digestWords);

/** Without an early end: how much of a digest is right must not show (S16). */
function isWanted(digests: Int32Array, from: number): boolean {
  let difference = 0;
  for (let word = 0; word < digestWords; word += 1) difference |= (digests[from + word] ?? 0) ^ (wanted[word] ?? 0);
  return difference === 0;
}

const noDigit = 16;
/** By character. */
const digits = new Uint8Array(256).fill(noDigit);
for (const [value, digit] of [...'0123456789abcdef'].entries()) digits[digit.charCodeAt(0)] = value;
