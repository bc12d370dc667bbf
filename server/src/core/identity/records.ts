// What is kept of organizations and of those who belong to them.

import type { Lifecycle } from '../caller/lifecycle.ts';
import type { ObservedSpan } from '../caller/observation.ts';
import type { ExternalRecord } from '../external-record.ts';
import type { LeakPolicy } from './leak-policy.ts';

export interface Organization extends ExternalRecord {
  id: string;
  /** Unique; stands in addresses (Versio's environment). */
  name: string;
  /** True for the organization that runs this server. */
  isOperator: boolean;
  /** Null for no limit. */
  planId: string | null;
  /** The unit that multiplies a plan. */
  contributors: number;
  /** How long after it was made an API token ends at the latest; null for any time. */
  longestTokenLifetimeMs: number | null;
  /** What it may hold at most, in place of what its plan says: patterns; null for what that says. */
  entitlement: readonly string[] | null;
  /** What becomes of its API tokens that leaked. */
  leakPolicy: LeakPolicy;
  /** The list that is to be in its place from a time on, and is only observed so far; null for none. */
  observed: (ObservedSpan & { entitlement: readonly string[] }) | null;
  createdAt: number;
  lifecycle: Lifecycle;
}

export interface User {
  id: string;
  /** A random integer below 2^31, unique; only Debricked shows it. Older ones are below 2^53. */
  number: number;
  organizationId: string;
  /** What the user signs in with: an e-mail address, or a user name without an @. Canonical form; unique over the server
   *  among users that are not deleted. */
  email: string;
  name: string;
  role: string;
  createdAt: number;
  /** Set until the invitation is accepted: the password is nobody's until then. */
  invitedAt: number | null;
  /** Since when a second factor is asked for. */
  secondFactorAt: number | null;
  /** The last use of any of the user's sessions. */
  lastSeenAt: number | null;
  /** The id of the user, API user or API token that made it; null if nobody did, or nobody knows. */
  createdBy: string | null;
  lifecycle: Lifecycle;
}

export interface UserPassword {
  id: string;
  organizationId: string;
  passwordHash: string;
  secondFactorAt: number | null;
  /** Of what is opened with it, as the credential's record has it. */
  generation: number;
}

export interface ApiUser extends ExternalRecord {
  id: string;
  number: number;
  organizationId: string;
  /** `<uuid>@api.<domain>`, or of one that was imported what it was called before. Unique over the server. */
  username: string;
  name: string;
  role: string;
  createdAt: number;
  /** The id of the user, API user or API token that made it. */
  createdBy: string | null;
  lifecycle: Lifecycle;
}

export interface ApiUserPassword {
  id: string;
  organizationId: string;
  /** Of a generated password its digest; of one that was chosen elsewhere its slow hash, which no digest is ever like. */
  passwordDigest: string;
  /** The password from before a rotation; it counts until `endsAt` only. */
  previous: { digest: string; endsAt: number } | null;
  /** Of the access tokens that are made with it, as the credential's record has it. */
  generation: number;
}

export interface Role {
  organizationId: string;
  name: string;
  description: string;
  permissions: readonly string[];
  createdAt: number;
}

export interface OneTimeLink {
  /** Lower-case hex SHA-256 of the token. */
  digest: string;
  purpose: 'set_up' | 'invitation' | 'reset';
  /** Whom it is for, in the generation that the user had then; null for a set-up. */
  user: { organizationId: string; id: string; generation: number } | null;
  createdAt: number;
  expiresAt: number;
}

export interface SecondFactor {
  userId: string;
  organizationId: string;
  /** The shared secret, sealed. */
  sealedSecret: string;
  /** The time step of the last code that was accepted: neither it nor an earlier one is again (RFC 6238 section 5.2). */
  lastStep: number;
  createdAt: number;
  /** Null until its first code was shown. */
  confirmedAt: number | null;
}
