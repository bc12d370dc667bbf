// A compact set of digests: the first 64 bits of each in typed arrays, about 16 bytes a token where a Map takes 200 and
// ends at 16.7 million. It can say that a digest was never added; whether one that may be there is, others must look up.

export interface DigestIndex {
  /** `digest`: lower-case hex, of which the first 16 characters count. Adding one again changes nothing. */
  add(digest: string): void;
  /** False if this digest was certainly never added. */
  mayHold(digest: string): boolean;
  /** How many were added that differ in their first 64 bits. */
  readonly size: number;
  /** What the arrays take. */
  readonly bytes: number;
}

/** Open addressing: slot `n` is the words `2n` and `2n + 1`, both zero while it is empty. */
interface Segment {
  words: Uint32Array;
  used: number;
}

/** Each grows by itself, so that a step is short however many digests there are. Chosen by a digest's first byte. */
const segmentCount = 256;
const firstSlots = 16;

export function createDigestIndex(): DigestIndex {
  const segments: Segment[] = Array.from({ length: segmentCount }, () => ({
    words: new Uint32Array(firstSlots * 2),
    used: 0,
  }));
  let size = 0;

  const segmentOf = (high: number): Segment => {
    const segment = segments[high >>> 24];
    if (segment === undefined) throw new Error('There is a segment for every byte.');
    return segment;
  };

  return {
    add: (digest) => {
      const high = wordAt(digest, 0);
      const low = lowOf(high, digest);
      const segment = segmentOf(high);
      const at = placeOf(segment.words, high, low);
      if (isTaken(segment.words, at)) return;
      segment.words[at] = high;
      segment.words[at + 1] = low;
      segment.used += 1;
      size += 1;
      // Three quarters full: beyond that, looking for what is not there takes ever longer.
      if (segment.used * 8 >= segment.words.length * 3) segment.words = doubled(segment.words);
    },
    mayHold: (digest) => {
      const high = wordAt(digest, 0);
      const { words } = segmentOf(high);
      return isTaken(words, placeOf(words, high, lowOf(high, digest)));
    },
    get size() {
      return size;
    },
    get bytes() {
      return segments.reduce((sum, { words }) => sum + words.byteLength, 0);
    },
  };
}

/** Where this digest is, or the empty slot where it would be. */
function placeOf(words: Uint32Array, high: number, low: number): number {
  const last = words.length - 1;
  let at = (low << 1) & last;
  while (isTaken(words, at) && (words[at] !== high || words[at + 1] !== low)) at = (at + 2) & last;
  return at;
}

function isTaken(words: Uint32Array, at: number): boolean {
  return words[at] !== 0 || words[at + 1] !== 0;
}

function doubled(words: Uint32Array): Uint32Array {
  const grown = new Uint32Array(words.length * 2);
  for (let from = 0; from < words.length; from += 2) {
    const [high = 0, low = 0] = [words[from], words[from + 1]];
    if (high === 0 && low === 0) continue;
    const at = placeOf(grown, high, low);
    grown[at] = high;
    grown[at + 1] = low;
  }
  return grown;
}

/** Two words of zeros mean an empty slot, so the one digest that begins with them is kept as its neighbour. */
function lowOf(high: number, digest: string): number {
  const low = wordAt(digest, 8);
  return high === 0 && low === 0 ? 1 : low;
}

/** Eight hex characters as an unsigned integer. Other text gives some number, always the same for the same text. */
function wordAt(digest: string, start: number): number {
  let word = 0;
  for (let at = start; at < start + 8; at += 1) {
    const code = digest.charCodeAt(at);
    word = (word << 4) | ((code > 57 ? code - 87 : code - 48) & 15);
  }
  return word >>> 0;
}
