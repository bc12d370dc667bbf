// API users: machine identities with a generated username and password.

import { type Static, Type } from 'typebox';
import { Descendants } from './lineage.ts';
import {
  change,
  closed,
  ExternalId,
  LastRefused,
  LastUsed,
  listOf,
  Metadata,
  Overlap,
  Rotation,
  State,
  StateReason,
  Time,
  TimeOrNull,
} from './parts.ts';

export const ApiUser = Type.Object({
  id: Type.String(),
  username: Type.String(),
  name: Type.String(),
  role: Type.String(),
  externalId: ExternalId,
  metadata: Metadata,
  state: State,
  stateReason: StateReason,
  /** Whether `state` is `active`. */
  active: Type.Boolean(),
  createdAt: Time,
  /** The id of who made it; null for the server itself. */
  createdBy: Type.Union([Type.String(), Type.Null()]),
  /** Its last exchange, or the last call with an access token from one. */
  lastUsed: LastUsed,
  lastRefused: LastRefused,
  rotation: Type.Union([Rotation, Type.Null()]),
  deactivatedAt: TimeOrNull,
  deletedAt: TimeOrNull,
});
export type ApiUser = Static<typeof ApiUser>;

/** One API user by itself, with what it made. */
export const ApiUserWithDescendants = Type.Object({ ...ApiUser.properties, descendants: Descendants });
export type ApiUserWithDescendants = Static<typeof ApiUserWithDescendants>;

export const ApiUserList = listOf(ApiUser);
export type ApiUserList = Static<typeof ApiUserList>;

export const NewApiUser = Type.Object(
  {
    name: Type.String(),
    role: Type.String(),
    externalId: Type.Optional(ExternalId),
    metadata: Type.Optional(Metadata),
  },
  closed,
);
export type NewApiUser = Static<typeof NewApiUser>;

/** The generated password is said this once. */
export const CreatedApiUser = Type.Object({ ...ApiUser.properties, password: Type.String() });
export type CreatedApiUser = Static<typeof CreatedApiUser>;

export const ApiUserRotation = Overlap;
export type ApiUserRotation = Static<typeof ApiUserRotation>;

/** The API user with its new password, which is said this once. */
export const RotatedApiUser = CreatedApiUser;
export type RotatedApiUser = CreatedApiUser;

export const ApiUserChange = Type.Partial(
  Type.Object({ name: Type.String(), role: Type.String(), externalId: ExternalId, metadata: Metadata }),
  change,
);
export type ApiUserChange = Static<typeof ApiUserChange>;

/** With `cutOff`, access tokens that would have outlived the deactivation end too. */
export const ApiUserDeactivation = Type.Object({ cutOff: Type.Optional(Type.Boolean()) }, closed);
export type ApiUserDeactivation = Static<typeof ApiUserDeactivation>;

/** About how many access tokens made from it, or from API tokens that it owns, have not ended yet. */
export const AccessTokensInFlight = Type.Object({ about: Type.Integer() });
export type AccessTokensInFlight = Static<typeof AccessTokensInFlight>;
