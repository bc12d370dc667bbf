// What is known of whoever asks: a credential's record, the principal it stands for, a session.

import type { Narrowing } from '@keyward/rules/observed/observation';
import type { Lifecycle } from './lifecycle.ts';
import type { AccessTokenSource } from './source.ts';
import type { UseTrace } from './use.ts';

export interface Session {
  id: string;
  /**
   * A browser's cookie; an access token that names it, which does not end by being idle; or all access tokens that an
   * application has of one authorization, one after the other.
   */
  carrier: 'cookie' | 'access_token' | 'application';
  /** Lower-case hex SHA-256 of the secret. */
  digest: string;
  organizationId: string;
  userId: string;
  /** Of its user and organization when it began, as access tokens have it. */
  generation: string;
  createdAt: number;
  /** The last use that was noted; at most a minute behind. */
  seenAt: number;
  expiresAt: number;
  /** Where it was used from last. */
  address: string;
  userAgent: string;
  /** When the password was last asked for again. */
  confirmedAt: number | null;
}

/** A permission of an API, which nobody but the operator registers. Its name is the whole server's. */
export interface RegisteredPermission {
  /** `verb:resource`. */
  name: string;
  /** The handle of its API. */
  api: string;
  description: string;
  /** What it is shown together with; empty if with nothing. */
  group: string;
  createdAt: number;
}

/** Whom a verdict lets in. */
export interface Principal {
  type: 'user' | 'api_user' | 'api_token';
  id: string;
  name: string;
  /** What its organization calls it in its own systems; null for people, and where nobody said. */
  externalId: string | null;
  organization: {
    id: string;
    name: string;
    isOperator: boolean;
    externalId: string | null;
    /** What it may hold at most of the APIs' permissions; null for everything. */
    entitlement: readonly string[] | null;
  };
  /** The user or API user behind it; for these two, itself. */
  owner: { type: 'user' | 'api_user'; id: string; name: string; number: number; role: string };
  /** What it may do right now: a token's permissions as far as its owner still holds them, and its organization may. */
  permissions: readonly string[];
  /** The same, whatever its organization is entitled to: what it can pass on, which is then bounded as this is. */
  held: readonly string[];
  /** The handles of the only APIs that it calls or verifies for; null for all. */
  apis: readonly string[] | null;
  /** When the presented credential ends by itself; null if never. */
  expiresAt: number | null;
  /** The session that the presented access token belongs to, if it does to one. */
  sessionId?: string;
  /** Set for an access token that is bound to an API, a scope and so to its own end: what it makes is bound likewise. */
  hasBounds?: true;
  /** Set for an API token with limits of its own, by which each of its calls must be counted. */
  hasLimits?: true;
}

/** A limit of a token's own. */
export interface TokenLimit {
  /** Calls per window. */
  limit: number;
  windowMs: number;
}

/** Of what: a token, an organization, a plan, or a guarded route by its path. */
export interface ObservedSubject {
  type: 'api_token' | 'organization' | 'plan' | 'route';
  id: string;
}

/** What will bound a credential. */
export interface ObservedBound extends Narrowing {
  subject: ObservedSubject;
  /** When it was said; milliseconds since the epoch. */
  since: number;
  /** From then on it counts. */
  until: number;
  /** What its organization may hold then. */
  entitlement?: readonly string[];
}

/** All that a check must know of a credential, in one read. Records are frozen by whoever caches them. */
export interface CredentialRecord {
  source: AccessTokenSource;
  /** The token's name, the API user's username or the user's e-mail. */
  name: string;
  externalId: string | null;
  lifecycle: Lifecycle;
  expiresAt: number | null;
  /** Set for API tokens. */
  token: {
    permissions: readonly string[];
    /** `exchange`: only for an access token; `direct`: only on calls. */
    use: 'direct' | 'exchange' | 'both';
    /** Lower-case hex SHA-256 of the whole token. */
    digest: string;
    number: number;
    /** Where it may be used from: addresses and ranges; empty means anywhere. */
    addresses: readonly string[];
    /** The handles of the only APIs that it is good for; null for all. */
    apis: readonly string[] | null;
    /** What its calls are held to beside its organization's plan. */
    limits: readonly TokenLimit[];
    /** The token that these limits come from, and that they are spent together with; null for its own. */
    limitedWith: string | null;
    /** The secret from before a rotation; it counts until `endsAt` only. */
    previous: { digest: string; endsAt: number } | null;
  } | null;
  /** The user or API user behind it: for these two, themselves. */
  owner: { type: 'user' | 'api_user'; id: string; name: string; number: number; role: string; lifecycle: Lifecycle };
  /** The permissions of an organization's own role; null when `owner.role` is a built-in one or is gone. */
  rolePermissions: readonly string[] | null;
  organization: {
    id: string;
    name: string;
    externalId: string | null;
    isOperator: boolean;
    planId: string | null;
    /** Its own list or its plan's; null for everything. */
    entitlement: readonly string[] | null;
    contributors: number;
    lifecycle: Lifecycle;
  };
  /** What is to bound it, and is only observed so far; left out for nothing. */
  observed?: readonly ObservedBound[];
  /** What `principalOf` says of it, kept by whoever keeps the record: working it out costs more than a check. */
  principal?: Principal;
  /** What `isPlain` says of it, kept likewise. */
  plain?: boolean;
  /** Where the uses of this record are counted, kept likewise; the recorder's alone. */
  trace?: UseTrace;
}
