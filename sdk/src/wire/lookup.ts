// Looking up whose a secret is that was found somewhere, and what a call with it would be answered.

import { type Static, Type } from 'typebox';
import { closed, ExternalId, listOf, State, StateReason, TimeOrNull } from './parts.ts';

/** Either `secret`, or `start` and `lastFour` as lists of API tokens show them. */
export const LookupRequest = Type.Object(
  {
    /** An API token, or an access token. It is kept nowhere. */
    secret: Type.Optional(Type.String({ minLength: 1, maxLength: 16_384 })),
    start: Type.Optional(Type.String({ maxLength: 32 })),
    lastFour: Type.Optional(Type.String({ maxLength: 8 })),
    /** Where the call would come from, for tokens that are bound to addresses. */
    address: Type.Optional(Type.String({ maxLength: 64 })),
  },
  closed,
);
export type LookupRequest = Static<typeof LookupRequest>;

export const LookedUp = Type.Object({
  organization: Type.Object({ id: Type.String(), name: Type.String(), externalId: ExternalId }),
  type: Type.Enum(['user', 'api_user', 'api_token']),
  id: Type.String(),
  name: Type.String(),
  externalId: ExternalId,
  /** The user or API user behind it; of these two, itself. */
  owner: Type.Object({ type: Type.Enum(['user', 'api_user']), id: Type.String(), name: Type.String() }),
  state: State,
  stateReason: StateReason,
  expiresAt: TimeOrNull,
  /** Which secret of an API token it is: the one before a rotation is `previous`. Or an access token made from it. */
  form: Type.Enum(['current', 'previous', 'access_token']),
  /** Whether a call would be let in that needs no permission. */
  allowed: Type.Boolean(),
  /** Why not, as in `POST /v1/verify`; null if it would be. */
  reason: Type.Union([Type.String(), Type.Null()]),
});
export type LookedUp = Static<typeof LookedUp>;

/** None, where there is nothing that the caller may see. */
export const LookupResult = listOf(LookedUp);
export type LookupResult = Static<typeof LookupResult>;
