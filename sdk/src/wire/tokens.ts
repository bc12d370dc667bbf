// API tokens: long-lived secrets. The secret itself is in two answers only: the one that makes it and `reveal`.

import { type Static, Type } from 'typebox';
import { Descendants } from './lineage.ts';
import {
  change,
  closed,
  ExternalId,
  Held,
  LastRefused,
  LastUsed,
  listOf,
  Metadata,
  Observe,
  Overlap,
  Patterns,
  Rotation,
  State,
  StateReason,
  span,
  Time,
  TimeOrNull,
} from './parts.ts';
import { calls } from './plans.ts';

/** `exchange`: only for an access token; `direct`: only on calls. */
export const use = Type.Enum(['direct', 'exchange', 'both']);

/** Such as `192.0.2.7` or `2001:db8::/32`. */
export const Addresses = Type.Array(Type.String({ maxLength: 64 }), { maxItems: 100 });
export const Apis = Type.Union([
  Type.Array(Type.String({ minLength: 1, maxLength: 64 }), { minItems: 1, maxItems: 100 }),
  Type.Null(),
]);

/** Beside the plan's: all have room for a call, or it spends nothing. No two of one window. */
export const Limits = Type.Array(Type.Object(calls, closed), { maxItems: 4 });

/** Who owns a token, by id. */
export const OwnerId = Type.Object(
  { type: Type.Enum(['user', 'api_user']), id: Type.String({ minLength: 1, maxLength: 64 }) },
  closed,
);
export type OwnerId = Static<typeof OwnerId>;

export const Token = Type.Object({
  id: Type.String(),
  /** Whose it is, in the list of all organizations' tokens. */
  organization: Type.Optional(Type.Object({ id: Type.String(), name: Type.String() })),
  name: Type.String(),
  description: Type.String(),
  /** `name` is the user's e-mail or the API user's username. */
  owner: Type.Object({ type: Type.Enum(['user', 'api_user']), id: Type.String(), name: Type.String() }),
  permissions: Held,
  /** What its secret begins with, which is not secret: its prefix and a part of its public id. */
  start: Type.String(),
  /** What its secret ends with; null if it was made before that was kept. */
  lastFour: Type.Union([Type.String(), Type.Null()]),
  use,
  /** Whether its owner may have it revealed. */
  readable: Type.Boolean(),
  /** Where it may be used from; empty means anywhere. */
  addresses: Held,
  /** The handles of the only APIs that it calls or verifies for; null for all. */
  apis: Type.Union([Held, Type.Null()]),
  /** What its calls are held to beside its organization's plan; what it makes spends them too. */
  limits: Type.Array(Type.Object(calls)),
  /** What it is to be left with from a time on, and is only observed so far; null for nothing. */
  observed: Type.Union([
    Type.Object({
      permissions: Type.Optional(Held),
      addresses: Type.Optional(Held),
      apis: Type.Optional(Type.Union([Held, Type.Null()])),
      ...span,
    }),
    Type.Null(),
  ]),
  externalId: ExternalId,
  metadata: Metadata,
  state: State,
  stateReason: StateReason,
  /** Whether `state` is `active`. */
  active: Type.Boolean(),
  expiresAt: TimeOrNull,
  /** When its present secret was last reported to be where it should not be. */
  leakedAt: TimeOrNull,
  /** By whichever secret, an exchange included. */
  lastUsed: LastUsed,
  lastRefused: LastRefused,
  rotation: Type.Union([Rotation, Type.Null()]),
  createdAt: Time,
  createdBy: Type.String(),
  updatedAt: TimeOrNull,
  deactivatedAt: TimeOrNull,
  deletedAt: TimeOrNull,
});
export type Token = Static<typeof Token>;

/** One token by itself, with what it made. */
export const TokenWithDescendants = Type.Object({ ...Token.properties, descendants: Descendants });
export type TokenWithDescendants = Static<typeof TokenWithDescendants>;

export const TokenList = listOf(Token);
export type TokenList = Static<typeof TokenList>;

export const NewToken = Type.Object(
  {
    /** The user or API user whose it is; one's own if left out. Its role must hold all that the token does. */
    owner: Type.Optional(OwnerId),
    /** Unique in the organization; left out, one is generated. */
    name: Type.Optional(Type.String()),
    description: Type.Optional(Type.String()),
    permissions: Patterns,
    /** `both` unless said otherwise. */
    use: Type.Optional(use),
    expiresAt: Type.Optional(TimeOrNull),
    /** Addresses and ranges that it may be used from; anywhere if left out or empty. */
    addresses: Type.Optional(Addresses),
    /** Handles of APIs; all if left out or null. What a token makes is bound as it is. */
    apis: Type.Optional(Apis),
    limits: Type.Optional(Limits),
    /** Keeps it readable by its owner, sealed at rest. */
    readable: Type.Optional(Type.Boolean()),
    externalId: Type.Optional(ExternalId),
    metadata: Type.Optional(Metadata),
  },
  closed,
);
export type NewToken = Static<typeof NewToken>;

export const CreatedToken = Type.Object({ token: Token, secret: Type.String() });
export type CreatedToken = Static<typeof CreatedToken>;

export const TokenChange = Type.Partial(
  Type.Object({
    name: Type.String(),
    description: Type.String(),
    permissions: Patterns,
    addresses: Addresses,
    apis: Apis,
    limits: Limits,
    use,
    /** To whom it is handed: another user or API user, whose role must hold all that the token does. */
    owner: OwnerId,
    /** Null takes the end away. */
    expiresAt: TimeOrNull,
    externalId: ExternalId,
    metadata: Metadata,
    /** Of permissions, addresses and APIs, which must then be narrower. */
    observe: Observe,
  }),
  change,
);
export type TokenChange = Static<typeof TokenChange>;

export const TokenRotation = Overlap;
export type TokenRotation = Static<typeof TokenRotation>;

/** The token with its new secret, which is said this once. */
export const RotatedToken = CreatedToken;
export type RotatedToken = CreatedToken;

/** One act upon many tokens; what cannot be done to one does not keep it from the others. */
export const BulkTokens = Type.Object(
  {
    ids: Type.Array(Type.String({ minLength: 1, maxLength: 64 }), { minItems: 1, maxItems: 200 }),
    action: Type.Enum(['activate', 'deactivate', 'delete', 'restore']),
    /** With `deactivate` and `delete`: what they made ends too. */
    descendants: Type.Optional(Type.Boolean()),
  },
  closed,
);
export type BulkTokens = Static<typeof BulkTokens>;

export const BulkOutcome = Type.Object({
  done: Type.Array(Type.String()),
  failed: Type.Array(Type.Object({ id: Type.String(), detail: Type.String() })),
});
export type BulkOutcome = Static<typeof BulkOutcome>;

export const RevealRequest = Type.Object({ password: Type.String() }, closed);
export type RevealRequest = Static<typeof RevealRequest>;

export const RevealedToken = Type.Object({ secret: Type.String() });
export type RevealedToken = Static<typeof RevealedToken>;
