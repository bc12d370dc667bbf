// Reads in progress: callers who ask the same share one read, and what changed while it ran is known at its end.
// What is read, and where it is kept, belongs to the cache.

import { createSingleFlight } from '@keyward/rules/single-flight';

export interface Loads {
  /**
   * Joins the read of `key` in progress or starts one. `keep` is told the answer, and the names that were overtaken
   * since the read began (null: so much that nothing may be kept); what it returns is given to those who joined. A
   * failure reaches them, and nobody else.
   */
  join<T>(key: string, read: () => Promise<T>, keep: (answer: T, since: readonly string[] | null) => T): Promise<T>;
  /** Something of this name has changed: reads in progress may have the old of it, so nobody joins them any more. */
  overtake(name: string): void;
  /** Everything may have changed. */
  end(): void;
}

/** How many changes are remembered while a read is in progress. */
const mostRemembered = 1000;

export function singleFlight(): Loads {
  const flights = createSingleFlight<unknown>();
  /** Names overtaken while a read was in progress, the oldest first; `dropped` more came before them. */
  let overtaken: string[] = [];
  let dropped = 0;
  let running = 0;

  const drop = () => {
    dropped += overtaken.length;
    overtaken = [];
  };

  const start = async <T>(
    read: () => Promise<T>,
    keep: (answer: T, since: readonly string[] | null) => T,
  ): Promise<T> => {
    const from = dropped + overtaken.length;
    running += 1;
    try {
      const answer = await read();
      return keep(answer, from < dropped ? null : overtaken.slice(from - dropped));
    } finally {
      running -= 1;
      if (running === 0) drop();
    }
  };

  return {
    join: <T>(key: string, read: () => Promise<T>, keep: (answer: T, since: readonly string[] | null) => T) =>
      flights.join(key, () => start(read, keep)) as Promise<T>,
    overtake: (name) => {
      flights.detach();
      if (running === 0) return;
      if (overtaken.length >= mostRemembered) drop();
      overtaken.push(name);
    },
    end: () => {
      flights.detach();
      if (running === 0) return;
      drop();
      dropped += 1;
    },
  };
}
