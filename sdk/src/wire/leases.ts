// Leases: parts of organizations' budgets that a verifier may spend by itself, so that local checks never add up to more
// than the plan. Those of many organizations are asked for at once.

import { type Static, Type } from 'typebox';
import { closed } from './parts.ts';
import { WhenUnavailable } from './plans.ts';

const calls = Type.Integer({ minimum: 0, maximum: 1_000_000 });

/** For the calls of one organization under one plan; each of these two at most once in a request. */
export const WantedLease = Type.Object(
  {
    /** Its id or name; the caller's own unless said otherwise. */
    organization: Type.Optional(Type.String({ minLength: 1, maxLength: 64 })),
    /** The id of another plan than the organization's. */
    plan: Type.Optional(Type.String({ minLength: 1, maxLength: 64 })),
    /** Whose limit it is, of one that counts tokens or addresses: of these nothing is lent. */
    subject: Type.Optional(Type.String({ minLength: 1, maxLength: 128 })),
    /** Calls; the answer may be fewer, also none. */
    wanted: calls,
    /** Unspent calls of the lease before, given back. */
    returned: Type.Optional(calls),
    /** Unspent calls of the lease before that may still be spent until its end: they are part of the new one. */
    kept: Type.Optional(calls),
  },
  closed,
);
export type WantedLease = Static<typeof WantedLease>;

/** `POST /v1/leases`, with the permission `follow:feed`. */
export const LeaseRequest = Type.Object(
  {
    verifier: Type.String({ minLength: 1, maxLength: 64 }),
    /** The last entry of the feed that the verifier has heard: no lease is by a plan from before. */
    cursor: Type.Optional(Type.Integer({ minimum: 0 })),
    leases: Type.Array(WantedLease, { minItems: 1, maxItems: 5000 }),
  },
  closed,
);
export type LeaseRequest = Static<typeof LeaseRequest>;

export const Lease = Type.Object({
  /** As it was asked for; else the caller's own, by its id. */
  organization: Type.String(),
  /** Null where nothing is limited. */
  plan: Type.Union([Type.String(), Type.Null()]),
  limit: Type.Integer(),
  windowMs: Type.Integer(),
  granted: Type.Integer(),
  /** How long the granted calls may be spent, counted from when the request was sent. */
  expiresInMs: Type.Integer(),
  /** With nothing granted: when to ask again. */
  retryAfterMs: Type.Number(),
  /** What the verifier does while it can have no lease. */
  whenUnavailable: WhenUnavailable,
  /** Why nothing could be granted: nothing is known of the budget then, and calls are to be asked about one by one. */
  error: Type.Optional(
    Type.Object({ code: Type.Enum(['not_found', 'invalid_request', 'unavailable']), detail: Type.String() }),
  ),
});
export type Lease = Static<typeof Lease>;

/** One for each that was asked for, in the same order. */
export const LeaseResponse = Type.Object({ leases: Type.Array(Lease) });
export type LeaseResponse = Static<typeof LeaseResponse>;
