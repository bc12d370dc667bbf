// Users: people who sign in, and have a role.

import { type Static, Type } from 'typebox';
import { Descendants, EndingQuery } from './lineage.ts';
import { change, closed, listOf, State, StateReason, Time, TimeOrNull } from './parts.ts';

export const User = Type.Object({
  id: Type.String(),
  email: Type.String(),
  name: Type.String(),
  role: Type.String(),
  state: State,
  stateReason: StateReason,
  /** Whether `state` is `active`. */
  active: Type.Boolean(),
  createdAt: Time,
  deactivatedAt: TimeOrNull,
  /** Whether a code is asked for at sign-in. */
  secondFactor: Type.Boolean(),
  /** Whether the invitation still waits to be accepted. */
  invited: Type.Boolean(),
  /** The last use of a session; at most a minute behind. */
  lastSeenAt: TimeOrNull,
});
export type User = Static<typeof User>;

/** One user by itself, with what it made. */
export const UserWithDescendants = Type.Object({ ...User.properties, descendants: Descendants });
export type UserWithDescendants = Static<typeof UserWithDescendants>;

export const UserList = listOf(User);
export type UserList = Static<typeof UserList>;

export const NewUser = Type.Object({ email: Type.String(), name: Type.String(), role: Type.String() }, closed);
export type NewUser = Static<typeof NewUser>;

/** The generated password is said this once. */
export const CreatedUser = Type.Object({ ...User.properties, password: Type.String() });
export type CreatedUser = Static<typeof CreatedUser>;

export const UserChange = Type.Partial(Type.Object({ name: Type.String(), role: Type.String() }), change);
export type UserChange = Static<typeof UserChange>;

export const NewPassword = Type.Object({ password: Type.String() });
export type NewPassword = Static<typeof NewPassword>;

/**
 * What becomes of the API tokens that the person owns: they end, or are handed over `to` another owner, as `user:<id>` or
 * `api_user:<id>`. Left out, they stay and are refused. Not together with `descendants`.
 */
export const UserDeletionQuery = Type.Object(
  {
    ...EndingQuery.properties,
    tokens: Type.Optional(Type.Enum(['end', 'handover'])),
    to: Type.Optional(Type.String({ maxLength: 80 })),
  },
  closed,
);
export type UserDeletionQuery = Static<typeof UserDeletionQuery>;
