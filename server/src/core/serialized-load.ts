// Loading anew what is kept in memory, one load at a time: of two at once, the older answer could come last and stay.

/** Gives a function that loads; whoever calls it while a load is under way waits for one that began after the call. */
export function serializedLoad(load: () => Promise<void>): () => Promise<void> {
  let running: Promise<void> | null = null;
  let next: Promise<void> | null = null;

  function run(): Promise<void> {
    next = null;
    const mine = load().finally(() => {
      if (running === mine) running = null;
    });
    running = mine;
    return mine;
  }

  return () => {
    // Between the end of one and the beginning of the next, none is running.
    if (next !== null) return next;
    if (running === null) return run();
    next = running.then(run, run);
    return next;
  };
}
