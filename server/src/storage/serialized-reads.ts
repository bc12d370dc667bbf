// Reads of the same thing one after the other: whoever asks while one runs shares the next, which begins after they
// asked, so nobody is answered with what was before. Nothing is kept.

/** Gives a function that reads `key` in turn. Who waited for a read that fails is told so, and does not wait again. */
export function serializedReads(): <T>(key: string, read: () => Promise<T>) => Promise<T> {
  const turns = new Map<string, { running: Promise<unknown>; next: Promise<unknown> | null }>();

  function start<T>(key: string, read: () => Promise<T>): Promise<T> {
    const running = read().finally(() => {
      if (turns.get(key) === turn) turns.delete(key);
    });
    const turn = { running, next: null };
    turns.set(key, turn);
    return running;
  }

  return <T>(key: string, read: () => Promise<T>) => {
    const turn = turns.get(key);
    if (turn === undefined) return start(key, read);
    turn.next ??= turn.running.then(() => start(key, read));
    return turn.next as Promise<T>;
  };
}
