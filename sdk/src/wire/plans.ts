// Plans: how many calls, in what window, and what organizations that have one may hold at most.

import { type Static, Type } from 'typebox';
import { closed, Held, listOf, Patterns } from './parts.ts';

const plan = {
  name: Type.String(),
  /** Calls per window. */
  limit: Type.Integer({ minimum: 1, maximum: 1_000_000_000 }),
  windowMs: Type.Integer({ minimum: 1000, maximum: 31 * 24 * 3_600_000 }),
  per: Type.Enum(['organization', 'contributor', 'address']),
};
/** The most that a plan per contributor multiplies to; null for no cap. */
const cap = Type.Union([Type.Integer({ minimum: 1, maximum: 1_000_000_000 }), Type.Null()]);

/**
 * What becomes of calls while the store of limits does not answer, as can be where several nodes share it: what is leased
 * is spent, and then they are 503 (`local`); they are 503 at once (`deny`); what is leased is spent, and then they are let
 * in uncounted (`allow`).
 */
export const WhenUnavailable = Type.Enum(['local', 'deny', 'allow']);
export type WhenUnavailable = Static<typeof WhenUnavailable>;

/** Permissions of the APIs, or patterns; `*:*` for everything. Keyward's own permissions are not bounded by it. */
export const Plan = Type.Object({
  id: Type.String(),
  ...plan,
  cap,
  whenUnavailable: WhenUnavailable,
  entitlement: Held,
});
export type Plan = Static<typeof Plan>;

export const PlanList = listOf(Plan);
export type PlanList = Static<typeof PlanList>;

/** The whole plan but its id, which is in the path. Without `cap` there is none; without `whenUnavailable` it is `local`, without `entitlement` everything. */
export const PlanContent = Type.Object(
  {
    ...plan,
    cap: Type.Optional(cap),
    whenUnavailable: Type.Optional(WhenUnavailable),
    entitlement: Type.Optional(Patterns),
  },
  closed,
);
export type PlanContent = Static<typeof PlanContent>;

/** A plan that there is not yet: `id` is `a-z 0-9 _ -`, 1 to 64 characters. */
export const NewPlan = Type.Object({ id: Type.String(), ...PlanContent.properties }, closed);
export type NewPlan = Static<typeof NewPlan>;
