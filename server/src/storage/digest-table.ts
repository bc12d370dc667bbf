// A map from digests to what is remembered of them, laid out so that a look touches one line of memory and not the five of
// a Map of texts: among many tokens, waiting for memory is most of what a check costs. All 256 bits are compared.

export interface DigestTable<V> {
  /** `digest`: lower-case hex, 64 characters; no other text is found. */
  get(digest: string): V | undefined;
  set(digest: string, value: V): void;
  delete(digest: string): void;
  clear(): void;
  readonly size: number;
}

/** Eight of 32 bits, which are half a line of the processor's cache. */
const wordsPerDigest = 8;
const digestLength = wordsPerDigest * 8;
const firstSlots = 64;

/** Open addressing: slot `n` is eight words and `values[n]`, which is undefined while the slot is empty. */
export function digestTable<V extends object>(): DigestTable<V> {
  let words = new Uint32Array(firstSlots * wordsPerDigest);
  let values: (V | undefined)[] = emptySlots(firstSlots);
  let size = 0;
  /** The digest that is looked for. */
  const sought = new Uint32Array(wordsPerDigest);

  /** Where `sought` is, or the empty slot where it would be. */
  const placeOf = (): number => {
    const last = values.length - 1;
    let slot = (sought[0] ?? 0) & last;
    while (values[slot] !== undefined && !isSought(slot)) slot = (slot + 1) & last;
    return slot;
  };

  /** Without an early end: how much of a digest is right must not show (S16). */
  const isSought = (slot: number): boolean => {
    const at = slot * wordsPerDigest;
    let difference = 0;
    for (let word = 0; word < wordsPerDigest; word += 1) difference |= (words[at + word] ?? 0) ^ (sought[word] ?? 0);
    return difference === 0;
  };

  const put = (slot: number, value: V): void => {
    words.set(sought, slot * wordsPerDigest);
    values[slot] = value;
  };

  const grow = (): void => {
    const [old, oldWords] = [values, words];
    words = new Uint32Array(oldWords.length * 2);
    values = emptySlots(old.length * 2);
    old.forEach((value, slot) => {
      if (value === undefined) return;
      takeOver(oldWords, slot);
      put(placeOf(), value);
    });
  };

  /** Looks for what is in this slot. */
  const takeOver = (from: Uint32Array, slot: number): void => {
    for (let word = 0; word < wordsPerDigest; word += 1) sought[word] = from[slot * wordsPerDigest + word] ?? 0;
  };

  /** Those behind move up, so that no empty slot stands between one and where it is looked for first. */
  const close = (gap: number): void => {
    const last = values.length - 1;
    for (let slot = (gap + 1) & last; values[slot] !== undefined; slot = (slot + 1) & last) {
      const home = (words[slot * wordsPerDigest] ?? 0) & last;
      if (((slot - home) & last) < ((slot - gap) & last)) continue;
      words.copyWithin(gap * wordsPerDigest, slot * wordsPerDigest, (slot + 1) * wordsPerDigest);
      values[gap] = values[slot];
      values[slot] = undefined;
      gap = slot;
    }
  };

  return {
    get: (digest) => (read(digest, sought) ? values[placeOf()] : undefined),
    set: (digest, value) => {
      if (!read(digest, sought)) throw new Error('This is no digest.');
      const slot = placeOf();
      if (values[slot] === undefined) size += 1;
      put(slot, value);
      // Beyond two thirds, looks take ever longer.
      if (size * 3 > values.length * 2) grow();
    },
    delete: (digest) => {
      if (!read(digest, sought)) return;
      const slot = placeOf();
      if (values[slot] === undefined) return;
      values[slot] = undefined;
      size -= 1;
      close(slot);
    },
    clear: () => {
      words = new Uint32Array(firstSlots * wordsPerDigest);
      values = emptySlots(firstSlots);
      size = 0;
    },
    get size() {
      return size;
    },
  };
}

function emptySlots<V>(count: number): (V | undefined)[] {
  return Array<V | undefined>(count).fill(undefined);
}

/** Reads a digest into eight words; false for a text that is none. */
function read(digest: string, into: Uint32Array): boolean {
  if (digest.length !== digestLength) return false;
  let bad = 0;
  for (let word = 0, at = 0; word < wordsPerDigest; word += 1) {
    let value = 0;
    for (const end = at + 8; at < end; at += 1) {
      const digit = digits[digest.charCodeAt(at)] ?? noDigit;
      bad |= digit;
      value = (value << 4) | (digit & 15);
    }
    into[word] = value;
  }
  return bad < noDigit;
}

const noDigit = 16;
/** By character. */
const digits = new Uint8Array(256).fill(noDigit);
for (const [value, digit] of [...'0123456789abcdef'].entries()) digits[digit.charCodeAt(0)] = value;
