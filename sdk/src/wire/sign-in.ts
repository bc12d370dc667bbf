// Proving who one is in the body of a request, for an access token.

import { type Static, Type } from 'typebox';
import { closed, Time } from './parts.ts';

/** `code` is asked of those with a second factor: six digits, or a recovery code. */
export const LoginRequest = Type.Object(
  { email: Type.String(), password: Type.String(), code: Type.Optional(Type.String({ maxLength: 64 })) },
  closed,
);
export type LoginRequest = Static<typeof LoginRequest>;

export const LoginResponse = Type.Object({
  accessToken: Type.String(),
  tokenType: Type.Literal('Bearer'),
  expiresAt: Time,
  user: Type.Object({ id: Type.String(), email: Type.String(), name: Type.String() }),
});
export type LoginResponse = Static<typeof LoginResponse>;

/** Either `apiToken`, or `username` and `password`. */
export const AccessTokenRequest = Type.Object(
  {
    apiToken: Type.Optional(Type.String()),
    username: Type.Optional(Type.String()),
    password: Type.Optional(Type.String()),
    /** `jwt` unless said otherwise. */
    form: Type.Optional(Type.Enum(['jwt', 'sealed'])),
    /** 3600 unless said otherwise; never beyond the end of the API token. */
    lifetimeSeconds: Type.Optional(Type.Integer({ minimum: 60, maximum: 43_200 })),
  },
  closed,
);
export type AccessTokenRequest = Static<typeof AccessTokenRequest>;

export const AccessTokenResponse = Type.Object({
  accessToken: Type.String(),
  tokenType: Type.Literal('Bearer'),
  expiresAt: Time,
});
export type AccessTokenResponse = Static<typeof AccessTokenResponse>;
