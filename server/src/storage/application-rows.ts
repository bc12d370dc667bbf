// The tables of applications and of what people let them do, as the queries see them (schema.ts has the rules for columns).

import type { LifecycleColumns, SearchColumns } from './columns.ts';

export interface ApplicationRow extends LifecycleColumns, SearchColumns {
  id: string;
  /** Null for one that was registered. */
  metadata_url: string | null;
  organization_id: string;
  name: string;
  type: 'public' | 'confidential';
  /** Null for a public one; of a secret that nobody knows for one with keys. */
  secret_digest: string | null;
  /** JSON, as the next two. */
  redirect_uris: string;
  grants: string;
  permissions: string;
  logo_url: string | null;
  jwks_uri: string | null;
  /** JSON. */
  jwks: string | null;
  created_at: number;
  created_by: string | null;
}

export interface AuthorizationRow {
  id: string;
  organization_id: string;
  user_id: string;
  application_id: string;
  /** The handle of the API. */
  api: string;
  /** JSON. */
  scope: string;
  created_at: number;
  changed_at: number;
  last_used_at: number | null;
}

export interface AuthorizationCodeRow {
  digest: string;
  authorization_id: string;
  application_id: string;
  organization_id: string;
  user_id: string;
  /** Of its user, as access tokens have it. */
  generation: string;
  redirect_uri: string;
  challenge: string;
  api: string;
  /** JSON. */
  scope: string;
  /** Of the session that begins with its use. */
  session_id: string;
  /** Of the session in which it was given. */
  given_in: string;
  expires_at: number;
  used_at: number | null;
}

export interface ApplicationSessionRow {
  session_id: string;
  authorization_id: string;
  application_id: string;
  organization_id: string;
  user_id: string;
  api: string;
  /** JSON. */
  scope: string;
  /** Null where there are no refresh tokens, as the next. */
  family_digest: string | null;
  token_digest: string | null;
  /** The thumbprint of the key that refresh tokens are bound to. */
  key: string | null;
}

export interface DeviceCodeRow {
  digest: string;
  user_code_mac: string;
  client_id: string;
  application_id: string;
  api: string;
  /** JSON; null for all that its application may ask for. */
  scope: string | null;
  key: string | null;
  address: string;
  place: string;
  expires_at: number;
  interval_ms: number;
  polled_at: number;
  answered_at: number | null;
  /** Null, as the next ones, unless it was allowed. */
  authorization_id: string | null;
  organization_id: string | null;
  user_id: string | null;
  generation: string | null;
  /** JSON. */
  allowed_scope: string | null;
  session_id: string | null;
  given_in: string | null;
  used_at: number | null;
}
