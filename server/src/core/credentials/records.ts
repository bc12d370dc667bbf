// What is kept of API tokens.

import type { Narrowing } from '@keyward/rules/observed/observation';
import type { Lifecycle } from '../caller/lifecycle.ts';
import type { TokenLimit } from '../caller/records.ts';
import type { LastUse } from '../caller/use.ts';
import type { ExternalRecord } from '../external-record.ts';

export interface ApiToken extends ExternalRecord {
  id: string;
  number: number;
  organizationId: string;
  owner: { type: 'user' | 'api_user'; id: string };
  /** Unique in its organization among tokens that are not deleted. */
  name: string;
  description: string;
  /** Permissions or patterns; they count as far as the owner still holds them. */
  permissions: readonly string[];
  /** `exchange`: only for an access token; `direct`: only on calls. */
  use: 'direct' | 'exchange' | 'both';
  /** Lower-case hex SHA-256 of the whole token. */
  digest: string;
  /** What it begins with, before its public id. */
  prefix: string;
  /** Of its checksum; null if it was made before they were kept, or elsewhere. */
  lastFour: string | null;
  /** The id of the recipe that it was imported by; left out if it was made here. */
  recipeId?: string | null;
  /** The token sealed under the sealing key, when its owner asked to keep it readable. */
  sealedSecret: string | null;
  /** Where it may be used from: addresses and ranges; empty means anywhere. */
  addresses: readonly string[];
  /** The handles of the only APIs that it calls or verifies for; null for all. */
  apis: readonly string[] | null;
  /** What its calls are held to beside its organization's plan. */
  limits: readonly TokenLimit[];
  /** The token that it has inherited limits from and spends them together with; null if from none. */
  limitedWith: string | null;
  /** When its present secret was last reported to be where it should not be; null if never. */
  leakedAt: number | null;
  /** When it ended, or is to end, because it or what made it leaked. */
  leakEndsAt: number | null;
  /** What is to bound it from `until` on, and is only observed so far; null for nothing. */
  narrowing: TokenNarrowing | null;
  expiresAt: number | null;
  createdAt: number;
  updatedAt: number | null;
  /** The id of the user, API user or API token that made it. */
  createdBy: string;
  lifecycle: Lifecycle;
}

/** Permissions, addresses and APIs that a token is to be left with. */
export interface TokenNarrowing extends Narrowing {
  /** Milliseconds since the epoch. */
  since: number;
  until: number;
}

/** The secret of an API token, or the password of an API user, from before its rotation, while it still works. */
export interface PreviousSecret {
  /** The token's or the API user's. */
  sourceId: string;
  organizationId: string;
  /** Lower-case hex SHA-256 of the whole secret. */
  digest: string;
  rotatedAt: number;
  /** From then on it is refused, whether or not anybody has removed it. */
  endsAt: number;
  /** Who presented it last: on a call, or for an access token. */
  lastUsed: LastUse | null;
  /** Who presented the new one last. */
  currentLastUsed: LastUse | null;
}

/** What a user, an API user or an API token made, itself or through what it made. */
export interface Descendant {
  type: 'user' | 'api_user' | 'api_token';
  id: string;
  /** Where it was made: its maker's own, or a customer's that its maker acted for. */
  organization: { id: string; name: string };
  /** An e-mail, a username, a token's name. */
  name: string;
  createdBy: string;
  deactivatedAt: number | null;
  /** Null for users and API users. */
  expiresAt: number | null;
}

export interface Descendants {
  items: Descendant[];
  /** Of all, however many the items are. */
  total: number;
}
