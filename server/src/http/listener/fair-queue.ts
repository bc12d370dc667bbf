// Whose turn is next among connections that have sent more than they were answered. They share a few turns between two
// looks at the network, so that whoever sends one request at a time never waits for what others have piled up.

/** Has `turn` called, now or later, behind all who asked before. */
export type Enqueue = (turn: () => void) => void;

/** Turns between two looks at the network. */
const turnsAtOnce = 4;

/** A queue of its own for a server. */
export function fairQueue(): Enqueue {
  const queue: (() => void)[] = [];
  let left = turnsAtOnce;

  const take = (): void => {
    const turn = queue.shift();
    if (turn === undefined) return;
    // Node looks at the network before it calls this.
    if (left === turnsAtOnce) setImmediate(refill);
    left -= 1;
    turn();
  };

  const refill = (): void => {
    left = turnsAtOnce;
    while (left > 0 && queue.length > 0) take();
  };

  return (turn) => {
    queue.push(turn);
    if (left > 0) take();
  };
}
