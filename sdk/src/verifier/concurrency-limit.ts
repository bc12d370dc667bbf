// So many at a time, and so many more that wait for their turn: a flood of unknown credentials must not open a connection
// for each, nor fill the memory.

/** Runs `act` in its turn. Rejects with what `refuse` gives if too many wait already. */
export type ConcurrencyLimit = <T>(act: () => Promise<T>) => Promise<T>;

export function createConcurrencyLimit(atOnce: number, mostWaiting: number, refuse: () => Error): ConcurrencyLimit {
  const waiting: (() => void)[] = [];
  let running = 0;
  return async (act) => {
    if (waiting.length >= mostWaiting) throw refuse();
    if (running >= atOnce) await new Promise<void>((go) => waiting.push(go));
    else running += 1;
    try {
      return await act();
    } finally {
      // Whoever waits takes the place over.
      const next = waiting.shift();
      if (next === undefined) running -= 1;
      else next();
    }
  };
}
