// What verifiers tell of the calls that they have checked by themselves, a few seconds at once, and of what went wrong with them.

import { type Static, Type } from 'typebox';
import { closed, Time } from './parts.ts';

const text = (maxLength: number) => Type.String({ maxLength });

export const ReportedCall = Type.Object(
  {
    at: Time,
    /** Null where nobody knows whose it is. */
    credential: Type.Union([
      Type.Object({ type: Type.Enum(['user', 'api_user', 'api_token']), id: text(64) }, closed),
      Type.Null(),
    ]),
    method: Type.Optional(text(16)),
    /** As the API writes it, `/orders/:id`; never as it was called. */
    route: Type.Optional(text(200)),
    api: Type.Optional(text(64)),
    permissions: Type.Optional(Type.Array(text(129), { maxItems: 20 })),
    match: Type.Optional(Type.Enum(['all', 'any'])),
    /** `allowed`, or why it was refused. */
    verdict: text(40),
    address: Type.Optional(text(64)),
    /** What its answer said in `Keyward-Refusal`. */
    refusal: Type.Optional(Type.String({ pattern: '^v[0-9a-f]{12}-[0-9]{1,15}$' })),
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
