// How a command ended: what the process says by its exit code.

/** What a command reports instead of throwing, when its result is an answer and still not a success. */
export interface Outcome {
  code: number;
}
