// Plans: how many calls, of whom, in what windows, and what organizations that have one may hold at most.

import { type Static, Type } from 'typebox';
import { change, closed, Held, listOf, Observe, Patterns, span } from './parts.ts';

/** Calls per window. */
export const calls = {
  limit: Type.Integer({ minimum: 1, maximum: 1_000_000_000 }),
  windowMs: Type.Integer({ minimum: 1000, maximum: 31 * 24 * 3_600_000 }),
};

const limit = {
  ...calls,
  /** Whose calls are counted together: an organization's, those times its contributors, one credential's, one address's. */
  per: Type.Enum(['organization', 'contributor', 'api_token', 'address']),
};
/** The most that a limit per contributor multiplies to; null for no cap. */
const cap = Type.Union([Type.Integer({ minimum: 1, maximum: 1_000_000_000 }), Type.Null()]);

export const PlanLimit = Type.Object({ ...limit, cap });
export type PlanLimit = Static<typeof PlanLimit>;

/** All of them must have room for a call. With none, nothing is limited. */
const wantedLimits = Type.Array(Type.Object({ ...limit, cap: Type.Optional(cap) }, closed), { maxItems: 4 });

/**
 * What becomes of calls while the store of limits does not answer, as can be where several nodes share it: what is leased
 * is spent, and then they are 503 (`local`); they are 503 at once (`deny`); what is leased is spent, and then they are let
 * in uncounted (`allow`).
 */
export const WhenUnavailable = Type.Enum(['local', 'deny', 'allow']);
export type WhenUnavailable = Static<typeof WhenUnavailable>;

/** `entitlement`: permissions of the APIs, or patterns; `*:*` for everything. Keyward's own permissions are not bounded by it. */
export const Plan = Type.Object({
  id: Type.String(),
  name: Type.String(),
  limits: Type.Array(PlanLimit),
  whenUnavailable: WhenUnavailable,
  entitlement: Held,
  /** What is to be in their place from a time on, and is only observed so far; null for nothing, and for customers. */
  observed: Type.Union([
    Type.Object({ limits: Type.Optional(Type.Array(PlanLimit)), entitlement: Type.Optional(Held), ...span }),
    Type.Null(),
  ]),
});
export type Plan = Static<typeof Plan>;

export const PlanList = listOf(Plan);
export type PlanList = Static<typeof PlanList>;

/** The whole plan but its id, which is in the path: nothing of what was there stays. */
export const PlanContent = Type.Object(
  { name: Type.String(), limits: wantedLimits, whenUnavailable: WhenUnavailable, entitlement: Patterns },
  closed,
);
export type PlanContent = Static<typeof PlanContent>;

/** What is not said stays as it is; `limits` are all of them. `observe` is of limits and entitlement. */
export const PlanChange = Type.Partial(Type.Object({ ...PlanContent.properties, observe: Observe }), change);
export type PlanChange = Static<typeof PlanChange>;

/**
 * A plan that there is not yet: `id` is `a-z 0-9 _ -`, 1 to 64 characters. Unless said, `whenUnavailable` is `local` and
 * `entitlement` everything.
 */
export const NewPlan = Type.Object(
  {
    id: Type.String(),
    ...PlanContent.properties,
    whenUnavailable: Type.Optional(WhenUnavailable),
    entitlement: Type.Optional(Patterns),
  },
  closed,
);
export type NewPlan = Static<typeof NewPlan>;
