// API tokens: long-lived secrets. The secret itself is in two answers only: the one that makes it and `reveal`.

import { type Static, Type } from 'typebox';
import { change, closed, Held, listOf, Patterns, Time, TimeOrNull } from './parts.ts';

/** `exchange`: only for an access token; `direct`: only on calls. */
const use = Type.Enum(['direct', 'exchange', 'both']);

/** Such as `192.0.2.7` or `2001:db8::/32`. */
const Addresses = Type.Array(Type.String({ maxLength: 64 }), { maxItems: 100 });

/** The last call that it was let in for, directly or through an access token made from it; null if there was none. */
const LastUsed = Type.Union([
  Type.Object({
    at: Time,
    address: Type.Union([Type.String(), Type.Null()]),
    userAgent: Type.Union([Type.String(), Type.Null()]),
  }),
  Type.Null(),
]);

export const Token = Type.Object({
  id: Type.String(),
  name: Type.String(),
  description: Type.String(),
  owner: Type.Object({ type: Type.Enum(['user', 'api_user']), id: Type.String() }),
  permissions: Held,
  use,
  /** Whether its owner may have it revealed. */
  readable: Type.Boolean(),
  /** Where it may be used from; empty means anywhere. */
  addresses: Held,
  active: Type.Boolean(),
  expiresAt: TimeOrNull,
  lastUsed: LastUsed,
  createdAt: Time,
  createdBy: Type.String(),
  updatedAt: TimeOrNull,
  deactivatedAt: TimeOrNull,
  deletedAt: TimeOrNull,
});
export type Token = Static<typeof Token>;

export const TokenList = listOf(Token);
export type TokenList = Static<typeof TokenList>;

export const NewToken = Type.Object(
  {
    /** Unique in the organization; left out, one is generated. */
    name: Type.Optional(Type.String()),
    description: Type.Optional(Type.String()),
    permissions: Patterns,
    /** `both` unless said otherwise. */
    use: Type.Optional(use),
    expiresAt: Type.Optional(TimeOrNull),
    /** Addresses and ranges that it may be used from; anywhere if left out or empty. */
    addresses: Type.Optional(Addresses),
    /** Keeps it readable by its owner, sealed at rest. */
    readable: Type.Optional(Type.Boolean()),
  },
  closed,
);
export type NewToken = Static<typeof NewToken>;

export const CreatedToken = Type.Object({ token: Token, secret: Type.String() });
export type CreatedToken = Static<typeof CreatedToken>;

export const TokenChange = Type.Partial(
  Type.Object({ name: Type.String(), description: Type.String(), permissions: Patterns, addresses: Addresses }),
  change,
);
export type TokenChange = Static<typeof TokenChange>;

export const RevealRequest = Type.Object({ password: Type.String() }, closed);
export type RevealRequest = Static<typeof RevealRequest>;

export const RevealedToken = Type.Object({ secret: Type.String() });
export type RevealedToken = Static<typeof RevealedToken>;
