// What verifiers tell of the calls that they have checked by themselves, a few seconds at once, and of what went wrong with them.

import { type Static, Type } from 'typebox';
import { ObservedBounds } from './checks.ts';
import { closed, Time } from './parts.ts';

const text = (maxLength: number) => Type.String({ maxLength });
const Credential = Type.Object({ type: Type.Enum(['user', 'api_user', 'api_token']), id: text(64) }, closed);
const RefusalId = Type.String({ pattern: '^v[0-9a-f]{12}-[0-9]{1,15}$' });

/** A call, but for whose it was and what became of it. */
const call = {
  at: Time,
  method: Type.Optional(text(16)),
  /** As the API writes it, `/orders/:id`; never as it was called. */
  route: Type.Optional(text(200)),
  api: Type.Optional(text(64)),
  permissions: Type.Optional(Type.Array(text(129), { maxItems: 20 })),
  match: Type.Optional(Type.Enum(['all', 'any'])),
  address: Type.Optional(text(64)),
};

export const ReportedCall = Type.Object(
  {
    ...call,
    /** Null where nobody knows whose it is. */
    credential: Type.Union([Credential, Type.Null()]),
    /** `allowed`, or why it was refused. */
    verdict: text(40),
    /** What its answer said in `Keyward-Refusal`. */
    refusal: Type.Optional(RefusalId),
    /** With `rate_limited`. */
    limit: Type.Optional(
      Type.Object(
        {
          plan: text(64),
          name: text(128),
          limit: Type.Integer({ minimum: 0 }),
          windowMs: Type.Number({ minimum: 0 }),
          retryAfterMs: Type.Number({ minimum: 0 }),
        },
        closed,
      ),
    ),
    /** How many like it were left out before it. */
    skipped: Type.Optional(Type.Integer({ minimum: 0 })),
  },
  closed,
);
export type ReportedCall = Static<typeof ReportedCall>;

/** What a credential was let in for, as far as that was not told before. */
export const ReportedUse = Type.Object(
  {
    credential: Credential,
    /** By name, as calls required them. */
    permissions: Type.Optional(Type.Array(text(129), { maxItems: 200 })),
    apis: Type.Optional(Type.Array(text(64), { maxItems: 200 })),
    addresses: Type.Optional(Type.Array(text(64), { maxItems: 200 })),
  },
  closed,
);
export type ReportedUse = Static<typeof ReportedUse>;

/** Calls of a credential that were let in, and that something observed would have refused for one reason. */
export const ReportedObservation = Type.Object(
  {
    credential: Credential,
    /** What is observed, as verdicts say it. */
    subject: Type.Object({ type: ObservedBounds.properties.subject.properties.type, id: text(64) }, closed),
    bound: ObservedBounds.properties.bound,
    until: Time,
    reason: text(40),
    calls: Type.Integer({ minimum: 1, maximum: 1e12 }),
    last: Type.Object({ ...call, refusal: RefusalId }, closed),
  },
  closed,
);
export type ReportedObservation = Static<typeof ReportedObservation>;

/** What is wrong with a verifier, or with what it is told. */
export const FindingKind = Type.Enum(['feed_late', 'unknown_key', 'clock_skew']);
export type FindingKind = Static<typeof FindingKind>;

/** `POST /v1/verifier-reports`, with the permission `follow:feed`. */
export const VerifierReport = Type.Object(
  {
    verifier: Type.String({ minLength: 1, maxLength: 64 }),
    /** By the clock of the verifier. */
    sentAt: Time,
    calls: Type.Optional(Type.Array(ReportedCall, { maxItems: 200 })),
    uses: Type.Optional(Type.Array(ReportedUse, { maxItems: 1000 })),
    observed: Type.Optional(Type.Array(ReportedObservation, { maxItems: 100 })),
    findings: Type.Optional(
      Type.Array(Type.Object({ kind: FindingKind, count: Type.Integer({ minimum: 1, maximum: 1e12 }) }, closed), {
        maxItems: 10,
      }),
    ),
  },
  closed,
);
export type VerifierReport = Static<typeof VerifierReport>;

/** How many of the calls were taken: those of credentials that are the verifier's to know of. */
export const ReportTaken = Type.Object({ taken: Type.Integer() });
export type ReportTaken = Static<typeof ReportTaken>;
