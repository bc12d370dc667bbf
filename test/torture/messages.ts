// What the test bed and its callers, which are processes of their own, say to each other. Moments are milliseconds of the
// machine's monotonic clock, which all processes share.

export interface Bearer {
  id: string;
  secret: string;
}

export interface CallerTask {
  name: string;
  /** Of the node that its verifier follows. */
  url: string;
  /** Of all nodes. */
  urls: string[];
  bearer: string;
  standing: Bearer[];
  /** Of an organization that may call so often and no more. */
  limited: Bearer;
  /** How many calls it makes before it is done. */
  calls: number;
}

export type ToCaller =
  | { type: 'task'; task: CallerTask }
  | { type: 'watch'; bearer: Bearer }
  /** Its revocation was acknowledged then. */
  | { type: 'revoked'; id: string; at: number }
  /** What becomes of it proves nothing: its revocation was lost or not answered. */
  | { type: 'forget'; id: string }
  /** A database that lost commits took over. */
  | { type: 'lost' }
  | { type: 'stop' };

export interface CallerReport {
  calls: number;
  /** Answers that were no answer: 503, or a connection that ended. */
  unavailable: number;
  /** Credentials that stand and were refused, and whoever was taken for another, in plain words. */
  wrong: string[];
  /** Calls of the limited organization that were allowed, before any commits were lost. */
  limitedAllowed: number;
  /** By revoked credential: how long after its acknowledgement the last call began that was allowed; 0 if none did. */
  untilRefusedMs: number[];
  /** How many of them were allowed before, so that their refusal proves something. */
  seenAllowed: number;
  /** The longest that the process was away from its timers. */
  longestTurnMs: number;
}

export type FromCaller =
  | { type: 'ready' }
  | { type: 'progress'; calls: number }
  | { type: 'report'; report: CallerReport };

/** The machine's monotonic clock. */
export function nowMs(): number {
  return Number(process.hrtime.bigint()) / 1e6;
}
