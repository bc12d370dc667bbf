// Advice: what credentials really used in the last 30 days, and what they could be left with. Days are UTC's, and what was seen
// in the last seconds may be missing.

import { type Static, Type } from 'typebox';
import { closed, Held, listOf, TimeOrNull } from './parts.ts';

const advice = {
  /** Since when its use is known, at most 30 days; null where nothing is known yet. */
  observedSince: TimeOrNull,
  /** By name, as routes required them. */
  usedPermissions: Held,
  /** What it holds and did not need: permissions, or patterns of which nothing was used. */
  unusedPermissions: Held,
  usedApis: Held,
  /** Addresses; ranges where there were too many, and `many` where there were too many of these. `unknown`: nobody told it. */
  usedAddresses: Held,
  why: Type.String(),
};

const Narrower = Type.Object({
  permissions: Type.Optional(Held),
  addresses: Type.Optional(Held),
  apis: Type.Optional(Held),
});

/** `proposal`: exactly what a `PATCH` of the token would say; null for nothing, which `why` explains. */
export const Advice = Type.Object({ ...advice, proposal: Type.Union([Narrower, Type.Null()]) });
export type Advice = Static<typeof Advice>;

/** What the API user and the API tokens that it owns used; `proposal`: exactly what a `PATCH` of it would say. */
export const ApiUserAdvice = Type.Object({
  ...advice,
  proposal: Type.Union([Type.Object({ role: Type.String() }), Type.Null()]),
});
export type ApiUserAdvice = Static<typeof ApiUserAdvice>;

export const AdviceQuery = Type.Object(
  { limit: Type.Optional(Type.String()), cursor: Type.Optional(Type.String()) },
  closed,
);
export type AdviceQuery = Static<typeof AdviceQuery>;

export const AdviceFinding = Type.Object({
  finding: Type.Enum(['owner_left', 'wider_than_used', 'never_used', 'unused', 'no_expiry']),
  risk: Type.Enum(['high', 'medium', 'low']),
  token: Type.Object({
    id: Type.String(),
    name: Type.String(),
    owner: Type.Object({ type: Type.Enum(['user', 'api_user']), id: Type.String() }),
  }),
  why: Type.String(),
  /** What mends it: a request, and the command that makes it. */
  mend: Type.Object({
    method: Type.Enum(['PATCH', 'POST']),
    path: Type.String(),
    body: Type.Optional(Type.Unsafe<Record<string, unknown>>({ type: 'object', additionalProperties: true })),
    command: Type.String(),
  }),
});
export type AdviceFinding = Static<typeof AdviceFinding>;

/** The riskiest first. */
export const AdviceFindingList = listOf(AdviceFinding);
export type AdviceFindingList = Static<typeof AdviceFindingList>;
