// What a random history is drawn from, and what it leaves to be asked for. For tests only.

/** Draws numbers from a seed, so that a history can be had again (mulberry32). */
export function randomOf(seed: number) {
  let state = seed >>> 0;
  const next = () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
  return {
    below: (limit: number) => Math.floor(next() * limit),
    pick: <T>(all: readonly T[]): T => all[Math.floor(next() * all.length)] as T,
  };
}

/** Something that somebody holds. */
export interface Way {
  name: string;
  /** Whether it lets somebody do something right now. */
  ask(): Promise<boolean>;
  /** It ends with every restore: a session, or what was made in one. */
  isPassing?: true;
  /** Asking uses it up, so that before the restore nobody asks; whether it had ended then. */
  hasEnded?: () => boolean;
}

export type Random = ReturnType<typeof randomOf>;
