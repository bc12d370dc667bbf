// What is kept of applications, of what people have let them do, and of the codes and sessions that come of it.

import type { KeySource } from '../../assertions/key-source.ts';
import { type Lifecycle, newLifecycle } from '../../caller/lifecycle.ts';

/** RFC 8628 section 3.4. */
export const deviceGrant = 'urn:ietf:params:oauth:grant-type:device_code';

/** The grants that an application can be allowed, as RFC 7591 section 2 names them. */
export const applicationGrants = ['authorization_code', 'refresh_token', deviceGrant] as const;

export type ApplicationGrant = (typeof applicationGrants)[number];

/**
 * A program that people let act for them. Its id is what it calls itself, unless it describes itself elsewhere. With keys it signs
 * its own proofs and has no secret.
 */
export interface Application extends KeySource {
  id: string;
  /** Where it describes itself, which is then what it calls itself; null for one that was registered. */
  metadataUrl: string | null;
  organizationId: string;
  name: string;
  /** `public` for one that cannot keep a secret, such as a command-line tool or a page in a browser. */
  type: 'public' | 'confidential';
  /** Where answers may be sent, exactly; but for the port of a loopback address. */
  redirectUris: readonly string[];
  grants: readonly ApplicationGrant[];
  /** The permissions and patterns that it may ask for at most. */
  permissions: readonly string[];
  logoUrl: string | null;
  createdAt: number;
  /** The id of the user, API user or API token that made it. */
  createdBy: string | null;
  lifecycle: Lifecycle;
}

/** What is said of one that nobody registered. */
type Unregistered = Pick<Application, 'id' | 'metadataUrl' | 'name' | 'redirectUris' | 'grants' | 'permissions'>;

/** One that nobody registered: public, of the operator's organization, and made by nobody yet. */
export function unregistered(said: Unregistered, organizationId: string): Application {
  const { id, metadataUrl, name, redirectUris, grants, permissions } = said;
  return {
    id,
    metadataUrl,
    organizationId,
    name,
    type: 'public',
    redirectUris,
    grants,
    permissions,
    logoUrl: null,
    jwksUri: null,
    jwks: null,
    createdAt: 0,
    createdBy: null,
    lifecycle: newLifecycle,
  };
}

/** What one person lets one application do on one API. */
export interface Authorization {
  id: string;
  /** The person's. */
  organizationId: string;
  userId: string;
  applicationId: string;
  /** The handle of the API. */
  api: string;
  scope: readonly string[];
  createdAt: number;
  /** When the scope came to be this one. */
  changedAt: number;
  /** The last time that an access token was made for it. */
  lastUsedAt: number | null;
}

/** What an authorization is given for. */
export interface AuthorizationCode {
  /** Lower-case hex SHA-256 of the code. */
  digest: string;
  authorizationId: string;
  applicationId: string;
  organizationId: string;
  userId: string;
  /** Of its user and organization when it was given, as access tokens have it. */
  generation: string;
  redirectUri: string;
  /** Base64url SHA-256 of what its use must show (RFC 7636). */
  challenge: string;
  /** The thumbprint of the key that it is of use with alone (RFC 9449 section 10); null for none. */
  key: string | null;
  api: string;
  scope: readonly string[];
  /** The id that the session which begins with its use is to have. */
  sessionId: string;
  /** The id of the session in which somebody gave it, with which it ends. */
  givenIn: string;
  expiresAt: number;
  usedAt: number | null;
}

/** What an application does for a person, from one authorization on: all of its access tokens belong to one session. */
export interface ApplicationSession {
  sessionId: string;
  authorizationId: string;
  applicationId: string;
  organizationId: string;
  userId: string;
  api: string;
  scope: readonly string[];
  /** Of the part that all of its refresh tokens have in common, and of the one that counts; null where it has none. */
  refresh: { familyDigest: string; tokenDigest: string } | null;
  /** The thumbprint of the key that whoever renews it must hold, as a public application has no secret; null for none. */
  key: string | null;
}
