// What several nouns are made of. It is not part of what the package shows.

import { type Static, type TSchema, Type } from 'typebox';

/** Requests refuse fields that they do not know; responses may gain some. */
export const closed = { additionalProperties: false } as const;
/** A change says at least one thing. */
export const change = { additionalProperties: false, minProperties: 1 } as const;

/**
 * What a call would be answered. `suspended`: it is refused since a backup was restored, until the operator releases it;
 * `powerless`: it is let in, and may do nothing.
 */
export const State = Type.Enum(['active', 'inactive', 'suspended', 'expired', 'deleted', 'powerless']);
export type State = Static<typeof State>;

/** Why the state is not `active`; null if it is. */
export const StateReason = Type.Union([
  Type.Enum([
    ...(['deactivated', 'expired', 'deleted', 'invited', 'owner_deactivated', 'owner_deleted'] as const),
    ...(['organization_inactive', 'role_gone', 'leaked', 'restored'] as const),
  ]),
  Type.Null(),
]);
export type StateReason = Static<typeof StateReason>;

/** RFC 3339; what the server says is in UTC, with milliseconds. */
export const Time = Type.String({ format: 'date-time' });
export const TimeOrNull = Type.Union([Time, Type.Null()]);

/**
 * The last time that a credential was let in: a call, one through an access token made from it, or the exchange for one.
 * Null if there was none.
 */
export const LastUsed = Type.Union([
  Type.Object({
    at: Time,
    address: Type.Union([Type.String(), Type.Null()]),
    userAgent: Type.Union([Type.String(), Type.Null()]),
  }),
  Type.Null(),
]);

/** While the secret, or password, from before a rotation still works: until when, and who presented it last. */
export const Rotation = Type.Object({
  rotatedAt: Time,
  previousUntil: Time,
  previousLastUsed: LastUsed,
  /** The last time that the new one itself was presented. */
  currentLastUsed: LastUsed,
});
export type Rotation = Static<typeof Rotation>;

/** For so long what was there before a rotation works beside the new; 0 ends it, and all that was made from it, at once. */
export const Overlap = Type.Object({ overlapSeconds: Type.Integer({ minimum: 0, maximum: 2_592_000 }) }, closed);

/** What its organization (of an organization: whoever provides the APIs) calls it in systems of its own. */
export const ExternalId = Type.Union([Type.String({ maxLength: 1024 }), Type.Null()]);
/** A JSON object of the provider's own, at most 4,096 bytes; never a secret. */
export const Metadata = Type.Union([
  Type.Unsafe<Record<string, unknown>>({ type: 'object', additionalProperties: true }),
  Type.Null(),
]);

/** Permissions (`verb:resource`) or patterns, in which `*` may stand for a side. */
export const Patterns = Type.Array(Type.String({ maxLength: 129 }), { maxItems: 200 });
export const Held = Type.Array(Type.String());

/** What stands in the way of permissions that a credential lacks, one by one: its token, its owner's role or its organization's entitlement. */
export const Lacking = Type.Array(
  Type.Object({ permission: Type.String(), in: Type.Enum(['token', 'role', 'entitlement']) }),
);

/** How every list answers: `next` is the way to the next page, or null on the last. */
export function listOf<T extends TSchema>(item: T) {
  return Type.Object({ items: Type.Array(item), next: Type.Union([Type.String(), Type.Null()]) });
}

/** The last hour within 30 days in which calls were refused, and why most of them were. */
export const LastRefused = Type.Union([Type.Object({ hour: Time, verdict: Type.String() }), Type.Null()]);
export type LastRefused = Static<typeof LastRefused>;

/** What JWTs are signed with; EdDSA is that of Ed25519. */
export const SigningAlgorithm = Type.Enum(['ES256', 'RS256', 'EdDSA']);
export type SigningAlgorithm = Static<typeof SigningAlgorithm>;

export const TextOrNull = Type.Union([Type.String(), Type.Null()]);

/** Public keys (RFC 7517); null for none. */
export const JwkSetOrNull = Type.Union([
  Type.Object({
    keys: Type.Array(Type.Unsafe<Record<string, unknown>>({ type: 'object', additionalProperties: true }), {
      maxItems: 100,
    }),
  }),
  Type.Null(),
]);

/**
 * What is changed with it is only observed until then, at most for 30 days: nothing is refused for it meanwhile, and it is
 * told who would have been. Null ends an observation, and what was observed with it.
 */
export const Observe = Type.Union([Type.Object({ until: Time }, closed), Type.Null()]);

/** When what is observed was said, and from when on it counts. */
export const span = { since: Time, until: Time };
