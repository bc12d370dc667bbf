// What is kept of federated credentials: which outside tokens are taken in place of an API user's password. No secret is among it.

import type { JwkSet } from '../assertions/public-keys.ts';

/** By name of a claim the text that it must be; `*` stands for any characters, or none. */
export type Conditions = Readonly<Record<string, string>>;

/** Whose sign-in a federated credential serves. */
export interface CredentialOwner {
  type: 'api_user';
  id: string;
}

export interface FederatedCredential {
  id: string;
  organizationId: string;
  owner: CredentialOwner;
  /** Unique among the owner's. */
  name: string;
  /** What `iss` must be; null for tokens that the client signs itself (RFC 7523 section 3: `iss` and `sub` are its client id). */
  issuer: string | null;
  /** What `aud` must be or hold; null for tokens that the client signs itself, which are for this server. */
  audience: string | null;
  conditions: Conditions;
  /** Where the keys are, in place of what the issuer's metadata says. */
  jwksUri: string | null;
  /** The keys themselves, in place of both. */
  jwks: JwkSet | null;
  /** A parent of every access token that is made through it: they end when this id is revoked. Another one whenever what is trusted changes. */
  lineageId: string;
  createdAt: number;
  /** The id of who made it. */
  createdBy: string;
}

/** An outside token that was taken, until it could not be taken any more. */
export interface UsedAssertion {
  /** Lower-case hex SHA-256 of what tells it from others. */
  digest: string;
  expiresAt: number;
}
