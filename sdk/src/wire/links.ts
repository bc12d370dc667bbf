// Links that work once: to set the server up, to accept an invitation, to choose a new password. The token stands behind
// the `#` of the link's address.

import { type Static, Type } from 'typebox';
import { closed, Time } from './parts.ts';
import { NewUser, User } from './users.ts';

export const Link = Type.Object({ url: Type.String(), expiresAt: Time });
export type Link = Static<typeof Link>;

export const SetUpState = Type.Object({ needed: Type.Boolean() });
export type SetUpState = Static<typeof SetUpState>;

/** `organization` is a handle: lower-case letters, digits, `-` and `_`. */
export const SetUpRequest = Type.Object(
  {
    token: Type.String(),
    organization: Type.String(),
    email: Type.String(),
    name: Type.String(),
    password: Type.String(),
  },
  closed,
);
export type SetUpRequest = Static<typeof SetUpRequest>;

export const SetUpResponse = Type.Object({
  organization: Type.Object({ id: Type.String(), name: Type.String() }),
  user: Type.Object({ id: Type.String(), email: Type.String(), name: Type.String() }),
});
export type SetUpResponse = Static<typeof SetUpResponse>;

export const NewInvitation = NewUser;
export type NewInvitation = Static<typeof NewInvitation>;

/** The link is said this once. */
export const Invitation = Type.Object({ user: User, link: Link });
export type Invitation = Static<typeof Invitation>;

export const LinkLook = Type.Object({ token: Type.String() }, closed);
export type LinkLook = Static<typeof LinkLook>;

export const LinkView = Type.Object({
  purpose: Type.Enum(['invitation', 'reset']),
  email: Type.String(),
  name: Type.String(),
  /** Its name. */
  organization: Type.String(),
  expiresAt: Time,
});
export type LinkView = Static<typeof LinkView>;

/** `password` has 15 to 1,024 characters. */
export const LinkRedemption = Type.Object({ token: Type.String(), password: Type.String() }, closed);
export type LinkRedemption = Static<typeof LinkRedemption>;
