// API users: machine identities with a generated username and password.

import { type Static, Type } from 'typebox';
import { change, closed, listOf, Time, TimeOrNull } from './parts.ts';

export const ApiUser = Type.Object({
  id: Type.String(),
  username: Type.String(),
  name: Type.String(),
  role: Type.String(),
  active: Type.Boolean(),
  createdAt: Time,
  /** The id of who made it; null for the server itself. */
  createdBy: Type.Union([Type.String(), Type.Null()]),
  deactivatedAt: TimeOrNull,
  deletedAt: TimeOrNull,
});
export type ApiUser = Static<typeof ApiUser>;

export const ApiUserList = listOf(ApiUser);
export type ApiUserList = Static<typeof ApiUserList>;

export const NewApiUser = Type.Object({ name: Type.String(), role: Type.String() }, closed);
export type NewApiUser = Static<typeof NewApiUser>;

/** The generated password is said this once. */
export const CreatedApiUser = Type.Object({ ...ApiUser.properties, password: Type.String() });
export type CreatedApiUser = Static<typeof CreatedApiUser>;

export const ApiUserChange = Type.Partial(Type.Object({ name: Type.String(), role: Type.String() }), change);
export type ApiUserChange = Static<typeof ApiUserChange>;

/** With `cutOff`, access tokens that would have outlived the deactivation end too. */
export const ApiUserDeactivation = Type.Object({ cutOff: Type.Optional(Type.Boolean()) }, closed);
export type ApiUserDeactivation = Static<typeof ApiUserDeactivation>;
