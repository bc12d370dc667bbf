// Recent calls, one by one, and why they were refused. Nodes remember so many of them, in memory: none is kept for long.

import { type Static, Type } from 'typebox';
import { closed, Lacking, listOf, StateReason, Time, TimeOrNull } from './parts.ts';

export const CallsQuery = Type.Object(
  {
    /** Only this credential's, as `api_token:<id>`, `api_user:<id>` or `user:<id>`. */
    credential: Type.Optional(Type.String({ maxLength: 80 })),
    /** `allowed`, `refused`, or one reason. */
    verdict: Type.Optional(Type.String({ maxLength: 40 })),
    /** Only calls at this time or later. */
    since: Type.Optional(Time),
    /** From 1 to 1000; 100 unless said otherwise. */
    limit: Type.Optional(Type.String({ maxLength: 8 })),
  },
  closed,
);
export type CallsQuery = Static<typeof CallsQuery>;

const textOrNull = Type.Union([Type.String(), Type.Null()]);

export const RecentCall = Type.Object({
  at: Time,
  /** The node that checked it, or the verifier that reported it. */
  node: Type.String(),
  /** Null where nobody knows whose it is: such calls are shown to the operator alone. */
  credential: Type.Union([
    Type.Object({ type: Type.Enum(['user', 'api_user', 'api_token']), id: Type.String(), name: textOrNull }),
    Type.Null(),
  ]),
  organization: Type.Union([Type.Object({ id: Type.String(), name: textOrNull }), Type.Null()]),
  /** How an API token begins that has the form of one, and that nobody knows. */
  start: textOrNull,
  method: textOrNull,
  /** The guarded path as the settings write it, never as it was called; empty where nobody named one. */
  route: Type.String(),
  /** The handle of its API. */
  api: Type.String(),
  /** `allowed`, or why it was refused. */
  verdict: Type.String(),
  address: textOrNull,
  /** Cut, and without anything that looks like a credential. */
  userAgent: textOrNull,
  /** What it had to be permitted. */
  permissions: Type.Array(Type.String()),
  /** What a refusal is found by: the answer's `Keyward-Refusal`; of a call that was let in, what something observed would have refused. */
  refusal: textOrNull,
  /** How many calls like it passed unremembered before it, since there were too many. */
  skipped: Type.Integer(),
});
export type RecentCall = Static<typeof RecentCall>;

/** Nodes that were asked, and whether each has answered: what one that has not remembers is missing. */
const Nodes = Type.Array(Type.Object({ node: Type.String(), answered: Type.Boolean() }));

/** The newest first. */
export const CallList = Type.Object({ ...listOf(RecentCall).properties, nodes: Nodes });
export type CallList = Static<typeof CallList>;

/** A call as it might be made. With `path` it is one to a guarded path; then what it needs is said by the settings. */
export const ExplainRequest = Type.Object(
  {
    /** As it would be presented. It is kept nowhere. */
    credential: Type.String({ minLength: 1, maxLength: 16_384 }),
    /** `GET` unless said otherwise. */
    method: Type.Optional(Type.String({ pattern: '^[A-Z]{1,16}$' })),
    path: Type.Optional(Type.String({ pattern: '^/', maxLength: 8192 })),
    /** What it needs, where no path says so. */
    permissions: Type.Optional(Type.Array(Type.String({ maxLength: 129 }), { maxItems: 200 })),
    match: Type.Optional(Type.Enum(['all', 'any'])),
    api: Type.Optional(Type.String({ maxLength: 64 })),
    /** Where the call would come from. */
    address: Type.Optional(Type.String({ maxLength: 64 })),
  },
  closed,
);
export type ExplainRequest = Static<typeof ExplainRequest>;

/** What the rule was held against; which of these there are depends on the reason. */
export const RefusalDetails = Type.Object({
  form: Type.Optional(Type.Enum(['api_token', 'access_token', 'other'])),
  start: Type.Optional(textOrNull),
  state: Type.Optional(StateReason),
  expiredAt: Type.Optional(TimeOrNull),
  api: Type.Optional(Type.String()),
  apis: Type.Optional(Type.Union([Type.Array(Type.String()), Type.Null()])),
  required: Type.Optional(Type.Array(Type.String())),
  match: Type.Optional(Type.Enum(['all', 'any'])),
  lacking: Type.Optional(Lacking),
  held: Type.Optional(Type.Array(Type.String())),
  role: Type.Optional(Type.String()),
  address: Type.Optional(textOrNull),
  addresses: Type.Optional(Type.Array(Type.String())),
  fault: Type.Optional(textOrNull),
  plan: Type.Optional(Type.String()),
  name: Type.Optional(Type.String()),
  limit: Type.Optional(Type.Integer()),
  windowMs: Type.Optional(Type.Number()),
  retryAfterMs: Type.Optional(Type.Number()),
});
export type RefusalDetails = Static<typeof RefusalDetails>;

export const Explanation = Type.Object({
  allowed: Type.Boolean(),
  /**
   * Why not, as in `POST /v1/verify`; null if it is allowed, or if no route is for the call. Of a call that was let in, why it
   * would have been refused by what is only observed so far.
   */
  reason: textOrNull,
  /** In plain words, with the value. */
  text: Type.String(),
  details: RefusalDetails,
  /** The call as it was made; null where it was only asked about. */
  call: Type.Union([RecentCall, Type.Null()]),
});
export type Explanation = Static<typeof Explanation>;
