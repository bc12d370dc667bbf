// Leases: parts of the organization's budget that a verifier may spend by itself, so that local checks never add up to
// more than the plan.

import { type Static, Type } from 'typebox';
import { closed } from './parts.ts';
import { WhenUnavailable } from './plans.ts';

/** `POST /v1/leases`, with the permission `follow:feed`. */
export const LeaseRequest = Type.Object(
  {
    verifier: Type.String({ minLength: 1, maxLength: 64 }),
    /** Calls; the answer may be fewer, also none. */
    wanted: Type.Integer({ minimum: 0, maximum: 1_000_000 }),
    /** Unspent calls of the lease before, given back. */
    returned: Type.Optional(Type.Integer({ minimum: 0, maximum: 1_000_000 })),
    /** The last entry of the feed that the verifier has heard: no lease is by a plan from before. */
    cursor: Type.Optional(Type.Integer({ minimum: 0 })),
  },
  closed,
);
export type LeaseRequest = Static<typeof LeaseRequest>;

export const LeaseResponse = Type.Object({
  /** Null where the organization's plan limits nothing. */
  plan: Type.Union([Type.String(), Type.Null()]),
  limit: Type.Integer(),
  windowMs: Type.Integer(),
  granted: Type.Integer(),
  /** How long the granted calls may be spent. */
  expiresInMs: Type.Integer(),
  /** With nothing granted: when to ask again. */
  retryAfterMs: Type.Number(),
  /** What the verifier does while it can have no lease; `local` where it is not said. */
  whenUnavailable: Type.Optional(WhenUnavailable),
});
export type LeaseResponse = Static<typeof LeaseResponse>;
