// Applications: programs that people let act for them.

import { type Static, Type } from 'typebox';
import { change, closed, Held, JwkSetOrNull, listOf, Patterns, TextOrNull, Time, TimeOrNull } from './parts.ts';

/** The grants that one can be allowed, as RFC 7591 names them. */
const Grants = Type.Array(
  Type.Enum(['authorization_code', 'refresh_token', 'urn:ietf:params:oauth:grant-type:device_code']),
  { maxItems: 3 },
);

/** Compared exactly, but for the port of a loopback address. */
const RedirectUris = Type.Array(Type.String({ maxLength: 2000 }), { maxItems: 20 });

const LogoUrl = Type.Union([Type.String({ maxLength: 2000 }), Type.Null()]);

export const Application = Type.Object({
  /** What it says as `client_id`, unless it describes itself. */
  id: Type.String(),
  /** Where it describes itself, which is then its `client_id`; null for one that was registered. */
  metadataUrl: Type.Union([Type.String(), Type.Null()]),
  name: Type.String(),
  /** `public` for what cannot keep a secret. */
  type: Type.Enum(['public', 'confidential']),
  redirectUris: Type.Array(Type.String()),
  grants: Grants,
  /** What it may ask for at most. */
  permissions: Held,
  logoUrl: TextOrNull,
  /** What it proves itself by (RFC 7591 section 2); a secret may as well be sent in the body. */
  tokenEndpointAuthMethod: Type.Enum(['none', 'client_secret_basic', 'private_key_jwt']),
  /** Where its own keys are, or themselves; both null without. */
  jwksUri: TextOrNull,
  jwks: JwkSetOrNull,
  active: Type.Boolean(),
  createdAt: Time,
  /** The id of who made it; null for the server itself. */
  createdBy: TextOrNull,
  deactivatedAt: TimeOrNull,
});
export type Application = Static<typeof Application>;

/** With how it is used. */
export const ApplicationInUse = Type.Object({
  ...Application.properties,
  /** What the user, API user or API token of this organization that made it is called; null for anybody else. */
  createdByName: Type.Union([Type.String(), Type.Null()]),
  /** How many people let it act for them, in whichever organization. */
  people: Type.Integer(),
  /** The last time that it got an access token for one of them. */
  lastUsedAt: TimeOrNull,
});
export type ApplicationInUse = Static<typeof ApplicationInUse>;

export const ApplicationList = listOf(ApplicationInUse);
export type ApplicationList = Static<typeof ApplicationList>;

/** Without `grants` it gets `authorization_code` and `refresh_token`, which take a redirect URI. With `jwksUri` or `jwks` it signs with its keys and has no secret. */
export const NewApplication = Type.Object(
  {
    name: Type.String(),
    type: Type.Enum(['public', 'confidential']),
    redirectUris: Type.Optional(RedirectUris),
    grants: Type.Optional(Grants),
    permissions: Patterns,
    logoUrl: Type.Optional(LogoUrl),
    jwksUri: Type.Optional(TextOrNull),
    jwks: Type.Optional(JwkSetOrNull),
  },
  closed,
);
export type NewApplication = Static<typeof NewApplication>;

/** The secret is said this once; a public one has none, nor has one with keys. */
export const CreatedApplication = Type.Object({
  ...Application.properties,
  secret: TextOrNull,
});
export type CreatedApplication = Static<typeof CreatedApplication>;

/** Keys take the place of others, or of the secret. */
export const ApplicationChange = Type.Partial(
  Type.Object({
    name: Type.String(),
    redirectUris: RedirectUris,
    grants: Grants,
    permissions: Patterns,
    logoUrl: LogoUrl,
    jwksUri: TextOrNull,
    jwks: JwkSetOrNull,
  }),
  change,
);
export type ApplicationChange = Static<typeof ApplicationChange>;
