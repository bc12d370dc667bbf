// Permissions: Keyward's own, and those that the organization registered for its API.

import { type Static, Type } from 'typebox';
import { closed, listOf } from './parts.ts';

export const Permission = Type.Object({ name: Type.String(), description: Type.String(), builtIn: Type.Boolean() });
export type Permission = Static<typeof Permission>;

export const PermissionList = listOf(Permission);
export type PermissionList = Static<typeof PermissionList>;

/** `name` is `verb:resource`. */
export const NewPermission = Type.Object({ name: Type.String(), description: Type.Optional(Type.String()) }, closed);
export type NewPermission = Static<typeof NewPermission>;

export const PermissionChange = Type.Object({ description: Type.String() }, closed);
export type PermissionChange = Static<typeof PermissionChange>;
