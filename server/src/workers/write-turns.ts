// Whose turn it is to write: one worker at a time, in the order in which they asked. A worker that dies gives its turn up,
// whatever it was doing: what it had not committed SQLite undoes. What is written is not known here.

export interface WriteTurns {
  /** Resolves when it is this worker's turn; a worker may ask again before it was served. Never resolves for one that died. */
  ask(worker: number): Promise<void>;
  /** This worker's turn is over. Ignored for whoever does not have it. */
  over(worker: number): void;
  /** It writes no more, and waits for no turn. */
  left(worker: number): void;
  /** Who has the turn, and since when. */
  current(): { worker: number; since: number } | null;
}

/** `now`: monotonic milliseconds. */
export function createWriteTurns(now: () => number): WriteTurns {
  let waiting: { worker: number; begin(): void }[] = [];
  let current: { worker: number; since: number } | null = null;

  function next(): void {
    const [first] = waiting.splice(0, 1);
    current = first === undefined ? null : { worker: first.worker, since: now() };
    first?.begin();
  }

  return {
    ask: (worker) =>
      new Promise((begin) => {
        waiting.push({ worker, begin });
        if (current === null) next();
      }),
    over(worker) {
      if (current?.worker === worker) next();
    },
    left(worker) {
      waiting = waiting.filter((one) => one.worker !== worker);
      if (current?.worker === worker) next();
    },
    current: () => current,
  };
}
