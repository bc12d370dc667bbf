// How much and how long a call that is passed on may take, and what a server without settings allows. It keeps no time.

/** How much and how long a call that is passed on may take. Times are between two pieces of what is sent. */
export interface PassLimits {
  /** The largest body, in bytes. */
  readonly bodyBytes: number;
  /** Between two pieces of the client's body. */
  readonly uploadMs: number;
  /** From the end of the call to the head of the answer. */
  readonly answerMs: number;
  /** Between two pieces of the answer. */
  readonly idleMs: number;
}

/** The limits of a server; a route may have its own, but for the connection, which all routes to an upstream share. */
export interface ServerLimits extends PassLimits {
  /** Until an upstream has taken a connection. */
  readonly connectMs: number;
}

/** What a server without other settings lets calls take. */
export const usualLimits: ServerLimits = {
  connectMs: 5_000,
  bodyBytes: 10 * 1024 * 1024,
  uploadMs: 60_000,
  answerMs: 60_000,
  idleMs: 300_000,
};
