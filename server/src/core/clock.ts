// The clock that core is given. It has none of its own.

/** Milliseconds since the epoch. The only clock that core sees. */
export type Clock = () => number;

/** The ports of what asks for the time. */
export interface Clocked {
  clock: Clock;
}
