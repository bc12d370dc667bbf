// Permissions: Keyward's own, and those that the APIs have registered.

import { type Static, Type } from 'typebox';
import { change, closed, listOf } from './parts.ts';

/** `builtIn` ones are Keyward's own and of no API: no pattern reaches them but `*:*`. `group` is empty where there is none. */
export const Permission = Type.Object({
  name: Type.String(),
  description: Type.String(),
  group: Type.String(),
  api: Type.Union([Type.String(), Type.Null()]),
  builtIn: Type.Boolean(),
});
export type Permission = Static<typeof Permission>;

export const PermissionList = listOf(Permission);
export type PermissionList = Static<typeof PermissionList>;

/** `name` is `verb:resource`; `api` is a handle, the default API's unless said otherwise. */
export const NewPermission = Type.Object(
  {
    name: Type.String(),
    api: Type.Optional(Type.String()),
    description: Type.Optional(Type.String()),
    group: Type.Optional(Type.String()),
  },
  closed,
);
export type NewPermission = Static<typeof NewPermission>;

export const PermissionChange = Type.Object(
  { description: Type.Optional(Type.String()), group: Type.Optional(Type.String()) },
  change,
);
export type PermissionChange = Static<typeof PermissionChange>;

/** `true` takes what is removed from whoever holds it. */
export const RemovalQuery = Type.Object({ force: Type.Optional(Type.Enum(['true', 'false'])) }, closed);
export type RemovalQuery = Static<typeof RemovalQuery>;

/** Who holds a permission by its name: how many, the paths that require it, and the first ten. */
export const Holders = Type.Object({
  permission: Type.String(),
  roles: Type.Integer(),
  apiTokens: Type.Integer(),
  applications: Type.Integer(),
  routes: Type.Array(Type.String()),
  first: Type.Array(
    Type.Object({
      type: Type.Enum(['role', 'api_token', 'application']),
      id: Type.String(),
      name: Type.String(),
      organization: Type.Object({ id: Type.String(), name: Type.String() }),
    }),
  ),
});
export type Holders = Static<typeof Holders>;
