// Loads in progress: whoever asks for what is being loaded shares that load, and the next one after its end begins
// another. Nothing is kept of an answer, nor of a failure.

export interface SingleFlight<T> {
  /** Joins the load of `key` in progress, or starts one. A failure reaches all who joined, and nobody else. */
  join(key: string, load: () => Promise<T>): Promise<T>;
  /** The load of `key` in progress. */
  current(key: string): Promise<T> | undefined;
  /** Nobody joins the loads in progress any more: what they load may be out of date. */
  detach(): void;
}

export function createSingleFlight<T>(): SingleFlight<T> {
  const loads = new Map<string, Promise<T>>();
  return {
    join(key, load) {
      const running = loads.get(key);
      if (running !== undefined) return running;
      const started: Promise<T> = load().finally(() => {
        if (loads.get(key) === started) loads.delete(key);
      });
      loads.set(key, started);
      return started;
    },
    current: (key) => loads.get(key),
    detach: () => loads.clear(),
  };
}
