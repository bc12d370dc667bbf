// Organizations: the tenants.

import { type Static, Type } from 'typebox';
import {
  change,
  closed,
  ExternalId,
  Held,
  listOf,
  Metadata,
  Observe,
  Patterns,
  span,
  Time,
  TimeOrNull,
} from './parts.ts';

/** Stands in addresses: `a-z 0-9 _ -`, 1 to 64 characters. */
const name = Type.String();
/** Null for no limit. */
const planId = Type.Union([Type.String({ minLength: 1 }), Type.Null()]);
/** The unit that multiplies a plan. */
const contributors = Type.Integer({ minimum: 1, maximum: 1_000_000 });

/** How long after it was made an API token ends at the latest: 60,000 to 315,360,000,000 ms (ten years); null for any time. */
const longestTokenLifetimeMs = Type.Union([Type.Integer({ minimum: 60_000, maximum: 315_360_000_000 }), Type.Null()]);

/** What it may hold at most of the APIs' permissions, in place of what its plan says; null for what that says. */
const entitlement = Type.Union([Patterns, Type.Null()]);

/**
 * What becomes of an API token that was found where it should not be: `notify` is said and nothing else, `shorten` lets it live
 * for `endsAfterMs` more at most (60,000 to 2,592,000,000 ms, which is 30 days), `deactivate` ends it at once. With
 * `descendants`, which is true unless said otherwise, what it made ends with it.
 */
const leakPolicy = Type.Object(
  {
    action: Type.Enum(['notify', 'shorten', 'deactivate']),
    endsAfterMs: Type.Optional(Type.Union([Type.Integer({ minimum: 60_000, maximum: 2_592_000_000 }), Type.Null()])),
    descendants: Type.Optional(Type.Boolean()),
  },
  closed,
);

/** The same as it is told: whole. */
export const LeakPolicy = Type.Object({
  action: Type.Enum(['notify', 'shorten', 'deactivate']),
  endsAfterMs: Type.Union([Type.Integer(), Type.Null()]),
  descendants: Type.Boolean(),
});
export type LeakPolicy = Static<typeof LeakPolicy>;

export const Organization = Type.Object({
  id: Type.String(),
  name,
  planId,
  contributors,
  longestTokenLifetimeMs,
  entitlement: Type.Union([Held, Type.Null()]),
  leakPolicy: LeakPolicy,
  /** The entitlement that is to be in its place from a time on, and is only observed so far; null for none. */
  observed: Type.Union([Type.Object({ entitlement: Held, ...span }), Type.Null()]),
  externalId: ExternalId,
  metadata: Metadata,
  isOperator: Type.Boolean(),
  active: Type.Boolean(),
  createdAt: Time,
  deactivatedAt: TimeOrNull,
});
export type Organization = Static<typeof Organization>;

export const OrganizationList = listOf(Organization);
export type OrganizationList = Static<typeof OrganizationList>;

/** `planId` is `free` and `contributors` is 1 unless said otherwise. */
export const NewOrganization = Type.Object(
  {
    name,
    planId: Type.Optional(planId),
    contributors: Type.Optional(contributors),
    longestTokenLifetimeMs: Type.Optional(longestTokenLifetimeMs),
    entitlement: Type.Optional(entitlement),
    leakPolicy: Type.Optional(leakPolicy),
    externalId: Type.Optional(ExternalId),
    metadata: Type.Optional(Metadata),
  },
  closed,
);
export type NewOrganization = Static<typeof NewOrganization>;

/** The organization's owner to be. */
export const NewOwner = Type.Object({ email: Type.String(), name: Type.String() }, closed);
export type NewOwner = Static<typeof NewOwner>;

export const OrganizationChange = Type.Partial(
  Type.Object({
    name,
    planId,
    contributors,
    longestTokenLifetimeMs,
    entitlement,
    leakPolicy,
    externalId: ExternalId,
    metadata: Metadata,
    /** Of the entitlement, which must then be a list. */
    observe: Observe,
  }),
  change,
);
export type OrganizationChange = Static<typeof OrganizationChange>;
