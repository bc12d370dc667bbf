// Loads of the same thing, one at a time: of two at once the older answer could come last and stay. Whoever asks while
// one runs shares the next, which begins after they asked, so nobody is answered with what was before. Nothing is kept.

/** What becomes of those who wait for the next load when the one before it fails: it is made all the same, or they are told. */
export type AfterFailure = 'load' | 'tell';

interface Turn {
  running: Promise<unknown>;
  next: Promise<unknown> | null;
}

/** Gives a function that loads `key` once at a time; different keys do not wait for one another. */
export function serializedLoads(afterFailure: AfterFailure): <T>(key: string, load: () => Promise<T>) => Promise<T> {
  const turns = new Map<string, Turn>();

  function start<T>(key: string, load: () => Promise<T>): Promise<T> {
    const running = load().then(
      (loaded) => {
        // Between the end of one and the beginning of the next none is running, and yet the turn is taken.
        if (turn.next === null) turns.delete(key);
        return loaded;
      },
      (error) => {
        if (turn.next === null || afterFailure === 'tell') turns.delete(key);
        throw error;
      },
    );
    const turn: Turn = { running, next: null };
    turns.set(key, turn);
    return running;
  }

  return <T>(key: string, load: () => Promise<T>) => {
    const turn = turns.get(key);
    if (turn === undefined) return start(key, load);
    const begin = () => start(key, load);
    turn.next ??= turn.running.then(begin, afterFailure === 'load' ? begin : undefined);
    return turn.next as Promise<T>;
  };
}

/** The same for one thing, which is loaded after a failure too. */
export function serializedLoad(load: () => Promise<void>): () => Promise<void> {
  const loads = serializedLoads('load');
  return () => loads('', load);
}
