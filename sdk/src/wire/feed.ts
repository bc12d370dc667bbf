// The live feed (`GET /v1/feed?cursor=`, server-sent events) and what a verifier sends back about it.

import { type Static, Type } from 'typebox';
import { closed, Time } from './parts.ts';

/** `GET /v1/feed`. Without a cursor it begins now. A verifier that gives its name is known before it acknowledges. */
export const FeedQuery = Type.Object(
  {
    cursor: Type.Optional(Type.String()),
    /** The `epoch` that the cursor was told with: after a restore it is another. */
    epoch: Type.Optional(Type.String({ maxLength: 64 })),
    verifier: Type.Optional(Type.String({ minLength: 1, maxLength: 64 })),
  },
  closed,
);
export type FeedQuery = Static<typeof FeedQuery>;

/**
 * Event `hello`, the first, which comes again if the journal has gone back: what is remembered from before `cursor` counts
 * only if the client asked for that cursor.
 */
export const FeedHello = Type.Object({
  /** The newest sequence number that this answer begins behind. */
  cursor: Type.Integer(),
  /** Which journal that is a place in: another one after a restore. An older Keyward does not say. */
  epoch: Type.Optional(Type.String()),
  /** True: the client's cursor is unknown or too old, so it must forget everything. */
  reset: Type.Boolean(),
  heartbeatMs: Type.Integer(),
});
export type FeedHello = Static<typeof FeedHello>;

/** Event `change`, its id the sequence number: forget what depends on `subject`. */
export const FeedChange = Type.Object({
  seq: Type.Integer(),
  at: Time,
  /** Whose change it is; null for what concerns every organization, as plans, APIs and signing keys do. */
  organizationId: Type.Union([Type.String(), Type.Null()]),
  /** `noun.verb`, as in `api_token.deactivated`. */
  action: Type.String(),
  /** `access_token` (one that was revoked), `api_token`, `api_user`, `user`, `role`, `session`, `organization`, `plan`, `api` or `signing_key`. */
  subject: Type.Object({ type: Type.String(), id: Type.String() }),
});
export type FeedChange = Static<typeof FeedChange>;

/** Event `heartbeat`: everything up to `cursor` has been said. */
export const FeedHeartbeat = Type.Object({ cursor: Type.Integer() });
export type FeedHeartbeat = Static<typeof FeedHeartbeat>;

/** `POST /v1/feed/acknowledgements`: this verifier has applied everything up to `cursor`. Answers 204. */
export const FeedAcknowledgement = Type.Object(
  { verifier: Type.String({ minLength: 1, maxLength: 64 }), cursor: Type.Integer({ minimum: 0 }) },
  closed,
);
export type FeedAcknowledgement = Static<typeof FeedAcknowledgement>;

/** For deactivating and deleting: with `receipt`, milliseconds from 50 to 10,000, it answers one. */
export const ReceiptQuery = Type.Object({ receipt: Type.Optional(Type.String()) }, closed);
export type ReceiptQuery = Static<typeof ReceiptQuery>;

/**
 * A receipt for a change, answered by deactivating and deleting with `?receipt=<milliseconds to wait>` (50 to 10,000):
 * 200 with this body instead of 204. `waitingFor` names the verifiers that have not answered in time.
 */
export const Receipt = Type.Object({
  seq: Type.Integer(),
  effective: Type.Integer(),
  of: Type.Integer(),
  slowestMs: Type.Union([Type.Number(), Type.Null()]),
  waitingFor: Type.Array(Type.String()),
});
export type Receipt = Static<typeof Receipt>;
