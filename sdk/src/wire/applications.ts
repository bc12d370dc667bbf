// Applications: programs that people let act for them.

import { type Static, Type } from 'typebox';
import { change, closed, Held, listOf, Patterns, Time, TimeOrNull } from './parts.ts';

/** The grants that one can be allowed, as RFC 7591 names them. */
const Grants = Type.Array(
  Type.Enum(['authorization_code', 'refresh_token', 'urn:ietf:params:oauth:grant-type:device_code']),
  { maxItems: 3 },
);

/** Compared exactly, but for the port of a loopback address. */
const RedirectUris = Type.Array(Type.String({ maxLength: 2000 }), { maxItems: 20 });

const LogoUrl = Type.Union([Type.String({ maxLength: 2000 }), Type.Null()]);

export const Application = Type.Object({
  /** What it says as `client_id`. */
  id: Type.String(),
  name: Type.String(),
  /** `public` for what cannot keep a secret. */
  type: Type.Enum(['public', 'confidential']),
  redirectUris: Type.Array(Type.String()),
  grants: Grants,
  /** What it may ask for at most. */
  permissions: Held,
  logoUrl: Type.Union([Type.String(), Type.Null()]),
  active: Type.Boolean(),
  createdAt: Time,
  /** The id of who made it; null for the server itself. */
  createdBy: Type.Union([Type.String(), Type.Null()]),
  deactivatedAt: TimeOrNull,
});
export type Application = Static<typeof Application>;

export const ApplicationList = listOf(Application);
export type ApplicationList = Static<typeof ApplicationList>;

/** Without `grants` it gets `authorization_code` and `refresh_token`. */
export const NewApplication = Type.Object(
  {
    name: Type.String(),
    type: Type.Enum(['public', 'confidential']),
    redirectUris: RedirectUris,
    grants: Type.Optional(Grants),
    permissions: Patterns,
    logoUrl: Type.Optional(LogoUrl),
  },
  closed,
);
export type NewApplication = Static<typeof NewApplication>;

/** The secret is said this once; a public one has none. */
export const CreatedApplication = Type.Object({
  ...Application.properties,
  secret: Type.Union([Type.String(), Type.Null()]),
});
export type CreatedApplication = Static<typeof CreatedApplication>;

export const ApplicationChange = Type.Partial(
  Type.Object({
    name: Type.String(),
    redirectUris: RedirectUris,
    grants: Grants,
    permissions: Patterns,
    logoUrl: LogoUrl,
  }),
  change,
);
export type ApplicationChange = Static<typeof ApplicationChange>;
