// Sessions: how people are signed in. In the portal a session is a cookie, in no body; elsewhere an access token names it.

import { type Static, Type } from 'typebox';
import { closed, Held, listOf, Time, TimeOrNull } from './parts.ts';

/** `code` is asked of those with a second factor: six digits, or a recovery code. */
export const SessionRequest = Type.Object(
  { email: Type.String(), password: Type.String(), code: Type.Optional(Type.String({ maxLength: 64 })) },
  closed,
);
export type SessionRequest = Static<typeof SessionRequest>;

export const Session = Type.Object({
  user: Type.Object({ id: Type.String(), email: Type.String(), name: Type.String(), role: Type.String() }),
  organization: Type.Object({
    id: Type.String(),
    name: Type.String(),
    isOperator: Type.Boolean(),
    planId: Type.Union([Type.String(), Type.Null()]),
    contributors: Type.Integer(),
  }),
  permissions: Held,
  /** What the user can pass on: the same, whatever the organization is entitled to, which bounds whoever is given it too. */
  held: Held,
  createdAt: Time,
  /** It ends then unless it is used before. */
  idleUntil: Time,
  expiresAt: Time,
  /** Whether the user has a second factor. */
  secondFactor: Type.Boolean(),
  /** Until then the password counts as just asked for. */
  confirmedUntil: TimeOrNull,
});
export type Session = Static<typeof Session>;

export const SessionSummary = Type.Object({
  id: Type.String(),
  /** `cookie`: signed in to the portal; `access_token`: by `POST /v1/login`, as the CLI does; `application`: one that acts for the user. */
  carrier: Type.Union([Type.Literal('cookie'), Type.Literal('access_token'), Type.Literal('application')]),
  createdAt: Time,
  /** At most a minute behind; with `access_token` when it began. */
  seenAt: Time,
  address: Type.String(),
  userAgent: Type.String(),
  /** Whether it is the one that asks. */
  current: Type.Boolean(),
});
export type SessionSummary = Static<typeof SessionSummary>;

export const SessionList = listOf(SessionSummary);
export type SessionList = Static<typeof SessionList>;

export const ConfirmationRequest = Type.Object({ password: Type.String() }, closed);
export type ConfirmationRequest = Static<typeof ConfirmationRequest>;

export const Confirmation = Type.Object({ confirmedUntil: Time });
export type Confirmation = Static<typeof Confirmation>;
