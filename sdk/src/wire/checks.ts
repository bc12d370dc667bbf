// Verdicts: may this call proceed? For services that guard themselves and hold no signing keys.

import { type Static, Type } from 'typebox';
import { closed, Held, Lacking, Patterns, Time } from './parts.ts';
import { WhenUnavailable } from './plans.ts';
import { Self } from './self.ts';

const match = Type.Enum(['all', 'any']);

/** The query of `GET /v1/check`; `permissions` are separated by commas, and `api` is a handle. */
export const CheckQuery = Type.Object(
  {
    permissions: Type.Optional(Type.String()),
    match: Type.Optional(match),
    cost: Type.Optional(Type.String()),
    api: Type.Optional(Type.String()),
  },
  closed,
);
export type CheckQuery = Static<typeof CheckQuery>;

/** The header `DPoP` of a call, and the call's method and absolute address: Keyward checks the proof, which counts once. */
const ShownProof = Type.Object(
  {
    proof: Type.String({ maxLength: 16_384 }),
    method: Type.String({ maxLength: 64 }),
    url: Type.String({ maxLength: 8192 }),
  },
  closed,
);

/** The thumbprint (RFC 7638) of the key of a proof that the service has checked itself, under a nonce of its own. */
const SeenKey = Type.Object({ jkt: Type.String({ maxLength: 64 }) }, closed);

/** `credential` is the text behind the scheme; `address` is the client's. */
export const VerifyRequest = Type.Object(
  {
    credential: Type.String({ maxLength: 16_384 }),
    permissions: Type.Optional(Patterns),
    match: Type.Optional(match),
    /** 1 unless said otherwise; 0 looks and spends nothing. */
    cost: Type.Optional(Type.Integer({ minimum: 0, maximum: 1_000_000 })),
    /** The handle of the API that the call goes to, `default` unless said otherwise; 404 where there is none of it. */
    api: Type.Optional(Type.String({ minLength: 1, maxLength: 64 })),
    /** The id or name of the only organization whose credentials count; 404 where there is none of it. */
    organization: Type.Optional(Type.String({ minLength: 1, maxLength: 64 })),
    /** The id of the plan that the call spends, in place of the organization's; 404 where there is none of it. */
    plan: Type.Optional(Type.String({ minLength: 1, maxLength: 64 })),
    address: Type.Optional(Type.String({ maxLength: 64 })),
    /** How an access token was shown with the DPoP scheme (RFC 9449); without it a token that is bound to a key is refused. */
    dpop: Type.Optional(Type.Union([ShownProof, SeenKey])),
    /** The last entry of the feed that the service has heard: the verdict is of no time before that. */
    cursor: Type.Optional(Type.Integer({ minimum: 0 })),
  },
  closed,
);
export type VerifyRequest = Static<typeof VerifyRequest>;

const limitState = {
  /** The plan's id; `token` for a limit of a token's own. */
  plan: Type.String(),
  limit: Type.Integer(),
  windowMs: Type.Integer(),
  remaining: Type.Integer(),
  resetMs: Type.Number(),
  retryAfterMs: Type.Number(),
  /** Set if the store of limits did not answer: the call was not counted, and this policy of its plan decided. */
  unavailable: Type.Optional(WhenUnavailable),
  /** What `RateLimit` calls it; with one limit alone that is mostly the plan's id, and then not said. */
  name: Type.Optional(Type.String()),
};

/**
 * Where the budget stands; of several limits the one that refused the call, or the one with least left. Times are waits from
 * now, in milliseconds.
 */
export const LimitState = Type.Object({
  ...limitState,
  /** Where several limits count the call, all of them; those that refused it have a `retryAfterMs` above 0. */
  all: Type.Optional(Type.Array(Type.Object(limitState))),
});
export type LimitState = Static<typeof LimitState>;

/** Whose the credential is; `source` and `owner` say whose changes can end it. */
export const VerifiedPrincipal = Type.Object({
  ...Self.properties,
  organizationId: Type.String(),
  ownerId: Type.String(),
  /** Set if it has limits of its own: each call is then to be asked about, since nobody else can count it. */
  hasLimits: Type.Optional(Type.Literal(true)),
});
export type VerifiedPrincipal = Static<typeof VerifiedPrincipal>;

/**
 * What a credential that is allowed is to be left with from `until` on, by something that is only observed so far. Until then
 * nothing is refused for it; from then on a call must be within it too.
 */
export const ObservedBounds = Type.Object({
  subject: Type.Object({ type: Type.Enum(['api_token', 'organization', 'plan', 'route']), id: Type.String() }),
  bound: Type.Enum(['narrowing', 'permissions', 'entitlement', 'limits']),
  until: Time,
  permissions: Held,
  /** Empty means anywhere. */
  addresses: Held,
  /** Null for all. */
  apis: Type.Union([Held, Type.Null()]),
});
export type ObservedBounds = Static<typeof ObservedBounds>;

export const VerifyResponse = Type.Object({
  allowed: Type.Boolean(),
  /** Why not. Whatever is not of the caller's own organization is `unknown`, but to the operator's. */
  reason: Type.Optional(Type.String()),
  principal: Type.Optional(VerifiedPrincipal),
  limit: Type.Optional(LimitState),
  /** With `missing_permission`. */
  lacking: Type.Optional(Lacking),
  /** Of an access token that is allowed: it ends when any of these is revoked, its own id and those that it was made from. */
  tokenIds: Type.Optional(Type.Array(Type.String())),
  /** Of an access token that is allowed: the session that it ends with, if it belongs to one. */
  session: Type.Optional(Type.String()),
  /** Of an access token that is allowed, and bound to a key: the key's thumbprint. */
  jkt: Type.Optional(Type.String()),
  /** Of a credential that is allowed, where something is only observed so far. */
  observed: Type.Optional(Type.Array(ObservedBounds)),
  /** Of a request with a proof: the nonce for the header `DPoP-Nonce` of your answer. */
  dpopNonce: Type.Optional(Type.String()),
});
export type VerifyResponse = Static<typeof VerifyResponse>;
