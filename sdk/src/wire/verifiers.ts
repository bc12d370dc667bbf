// Verifiers: who follows the feed, how far behind each is, and the last receipt that was given.

import { type Static, Type } from 'typebox';
import { listOf, Time, TimeOrNull } from './parts.ts';
import { FindingKind } from './verifier-reports.ts';

export const Verifier = Type.Object({
  /** What it calls itself; until it says, the name of its credential. */
  name: Type.String(),
  address: Type.String(),
  connectedAt: Time,
  /** Set for three seconds after its connection broke; then it is no longer listed. */
  disconnectedAt: TimeOrNull,
  /** The last entry of the journal that it has acknowledged. */
  cursor: Type.Integer(),
  /** How long a change that concerns it has been waiting for its acknowledgement; 0 if none is. */
  lagMs: Type.Number(),
  acknowledgedAt: TimeOrNull,
  /** Which of several servers it follows through: each lists its own. */
  node: Type.String(),
  /** What it found wrong with itself within a day, as far as it told this server. */
  findings: Type.Array(Type.Object({ kind: FindingKind, count: Type.Integer(), at: Time })),
});
export type Verifier = Static<typeof Verifier>;

export const VerifierList = listOf(Verifier);
export type VerifierList = Static<typeof VerifierList>;

/** The newest receipt that this node gave to the organization, of which nothing is known before it gave one. */
export const LatestReceipt = Type.Object({
  receipt: Type.Union([
    Type.Object({
      seq: Type.Integer(),
      at: Time,
      action: Type.Union([Type.String(), Type.Null()]),
      subject: Type.Object({ type: Type.String(), id: Type.String() }),
      effective: Type.Integer(),
      of: Type.Integer(),
      slowestMs: Type.Union([Type.Number(), Type.Null()]),
      waitingFor: Type.Array(Type.String()),
    }),
    Type.Null(),
  ]),
});
export type LatestReceipt = Static<typeof LatestReceipt>;
