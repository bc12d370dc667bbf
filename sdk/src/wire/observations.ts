// What is only observed so far: a narrower bound that counts from a time on, and the calls that it would have refused. What was
// seen in the last seconds may be missing.

import { type Static, Type } from 'typebox';
import { Held, listOf, TextOrNull, Time, TimeOrNull } from './parts.ts';
import { PlanLimit } from './plans.ts';

const reach = {
  permissions: Type.Optional(Held),
  addresses: Type.Optional(Held),
  apis: Type.Optional(Type.Union([Held, Type.Null()])),
};

/** What will be: of a token its permissions, addresses or APIs, of an organization its entitlement, of a plan that or its limits. */
const ObservedChange = Type.Object({
  ...reach,
  entitlement: Type.Optional(Held),
  limits: Type.Optional(Type.Array(PlanLimit)),
});

const Refused = Type.Object({
  organization: Type.Object({ id: Type.String(), name: TextOrNull }),
  credential: Type.Object({ type: Type.Enum(['user', 'api_user', 'api_token']), id: Type.String(), name: TextOrNull }),
  /** Why it would have been refused. */
  reason: Type.String(),
  calls: Type.Integer(),
  lastAt: Time,
  /** Of the last one: the guarded path, empty where nobody named one, and the client's address. */
  rule: Type.String(),
  address: TextOrNull,
  /** Of the last one: what recent calls know it by; null where they do not. */
  call: TextOrNull,
});

export const ObservationItem = Type.Object({
  /** What of the subject: a token's narrowing, a route's permissions, an entitlement, a plan's limits. */
  bound: Type.Enum(['narrowing', 'permissions', 'entitlement', 'limits']),
  subject: Type.Object({
    type: Type.Enum(['api_token', 'organization', 'plan', 'route']),
    id: Type.String(),
    name: TextOrNull,
  }),
  /** Of a token of another organization, whose it is; null for one's own, and for what is of none. */
  organization: Type.Union([Type.Object({ id: Type.String(), name: TextOrNull }), Type.Null()]),
  /** `counting`: its time is over; `cancelled`: it was changed or taken back before. */
  state: Type.Enum(['observed', 'counting', 'cancelled']),
  since: TimeOrNull,
  /** From then on it counts, by itself. */
  until: Time,
  change: Type.Union([ObservedChange, Type.Null()]),
  /** How many calls would have been refused. */
  calls: Type.Integer(),
  /** By credential and reason, the latest first; at most 50. */
  refusals: Type.Array(Refused),
});
export type ObservationItem = Static<typeof ObservationItem>;

export const ObservationList = listOf(ObservationItem);
export type ObservationList = Static<typeof ObservationList>;
