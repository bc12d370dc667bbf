// Roles: named sets of permissions.

import { type Static, Type } from 'typebox';
import { change, closed, Held, listOf, Patterns, TimeOrNull } from './parts.ts';

export const Role = Type.Object({
  name: Type.String(),
  description: Type.String(),
  permissions: Held,
  /** Built-in roles cannot be changed. */
  builtIn: Type.Boolean(),
  /** Null for built-in ones. */
  createdAt: TimeOrNull,
});
export type Role = Static<typeof Role>;

export const RoleList = listOf(Role);
export type RoleList = Static<typeof RoleList>;

export const NewRole = Type.Object(
  { name: Type.String(), description: Type.Optional(Type.String()), permissions: Patterns },
  closed,
);
export type NewRole = Static<typeof NewRole>;

export const RoleChange = Type.Partial(Type.Object({ description: Type.String(), permissions: Patterns }), change);
export type RoleChange = Static<typeof RoleChange>;
