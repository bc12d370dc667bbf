// The tables as the queries see them. Column rule: ids and JSON are text, times are integer milliseconds, a yes/no is
// the time it became yes or an integer. How the tables come to be is in migrations/.

import type { JwsAlgorithm } from '@keyward/rules/jws';
import type { Kysely } from 'kysely';
import type {
  ApplicationRow,
  ApplicationSessionRow,
  AuthorizationCodeRow,
  AuthorizationRow,
  DeviceCodeRow,
} from './application-rows.ts';
import type { LifecycleColumns, SearchColumns } from './columns.ts';
import type { ExternalColumns } from './external-record.ts';
import type { ImportedSecretRow, ImportRecipeRow } from './import-rows.ts';
import type { ServerStateRow, ServerTimeRow } from './server-state-row.ts';
import type {
  CredentialUseRow,
  LastUsedRow,
  ObservedColumns,
  ObservedRefusalRow,
  UsageCountRow,
} from './usage-rows.ts';
import type { NoticeRow, WebhookCursorRow, WebhookDeliveryRow, WebhookRow } from './webhook-rows.ts';

export interface OrganizationRow extends LifecycleColumns, SearchColumns, ExternalColumns, ObservedColumns {
  id: string;
  name: string;
  is_operator: number;
  plan_id: string;
  contributors: number;
  longest_token_lifetime_ms: number | null;
  /** JSON; null means its plan's. */
  entitlement: string | null;
  /** JSON; null means the usual one. */
  leak_policy: string | null;
  created_at: number;
}

export interface UserRow extends LifecycleColumns, SearchColumns {
  id: string;
  number: number;
  organization_id: string;
  email: string;
  name: string;
  role: string;
  password_hash: string;
  created_at: number;
  /** Set until the invitation is accepted. */
  invited_at: number | null;
  second_factor_at: number | null;
  last_seen_at: number | null;
  created_by: string | null;
}

export interface ApiUserRow extends LifecycleColumns, SearchColumns, ExternalColumns {
  id: string;
  number: number;
  organization_id: string;
  username: string;
  name: string;
  role: string;
  password_digest: string;
  /** How often a password ended at once; access tokens made with one have it added to the generations beside it. */
  password_generation: number;
  created_at: number;
  created_by: string | null;
}

export interface ApiTokenRow extends LifecycleColumns, SearchColumns, ExternalColumns, ObservedColumns {
  /** As `sort_name`, of the description. */
  sort_text: string;
  id: string;
  number: number;
  organization_id: string;
  owner_type: 'user' | 'api_user';
  owner_id: string;
  name: string;
  description: string;
  permissions: string;
  use: 'direct' | 'exchange' | 'both';
  digest: string;
  /** How the secret begins and ends (secret-hint.ts). */
  secret_hint: string | null;
  sealed_secret: string | null;
  /** JSON; null means anywhere. */
  addresses: string | null;
  /** JSON; null means all. */
  apis: string | null;
  /** JSON; null means none. */
  limits: string | null;
  limited_with: string | null;
  /** Null for what was made here. */
  recipe_id: string | null;
  leaked_at: number | null;
  leak_ends_at: number | null;
  expires_at: number | null;
  created_at: number;
  updated_at: number | null;
  created_by: string;
}

/** What an API token or an API user had before it was rotated, for as long as it still works. */
export interface PreviousSecretColumns {
  organization_id: string;
  digest: string;
  rotated_at: number;
  ends_at: number;
  /** Until then it, or an access token made from it, may have been in use. */
  silent_since: number;
  used_at: number | null;
  used_address: string | null;
  used_agent: string | null;
  /** When the new secret was presented. */
  current_used_at: number | null;
  current_used_address: string | null;
  current_used_agent: string | null;
}

export interface PreviousSecretRow extends PreviousSecretColumns {
  token_id: string;
}

export interface PreviousPasswordRow extends PreviousSecretColumns {
  api_user_id: string;
}

/** What organizations registered before there were APIs; it is only read, after an upgrade. */
export interface PermissionRow {
  organization_id: string;
  name: string;
  description: string;
  created_at: number;
}

export interface ApiRow {
  handle: string;
  name: string;
  identifier: string | null;
  description: string;
  signing_algorithm: JwsAlgorithm;
  created_at: number;
}

export interface ApiPermissionRow {
  name: string;
  api: string;
  description: string;
  group_name: string;
  created_at: number;
}

/** What is still to be done once after an upgrade. */
export interface UpgradeStepRow {
  name: string;
}

export interface RoleRow {
  organization_id: string;
  name: string;
  description: string;
  permissions: string;
  created_at: number;
}

export interface PlanRow extends ObservedColumns {
  id: string;
  name: string;
  /** JSON; null in rows that a node of an older version has added, which has said all in the next four columns. */
  limits: string | null;
  call_limit: number;
  window_ms: number;
  per: 'organization' | 'contributor' | 'api_token' | 'address';
  cap: number | null;
  when_unavailable: 'local' | 'deny' | 'allow';
  /** JSON. */
  entitlement: string;
}

export interface SigningKeyRow {
  kid: string;
  profile: 'oauth' | 'debricked' | 'parsers';
  algorithm: JwsAlgorithm;
  public_jwk: string;
  sealed_private_jwk: string;
  created_at: number;
  signs_from: number;
  retired_at: number | null;
  verifies_until: number | null;
  revoked_at: number | null;
}

export interface IssuedTokenRow {
  jti: string;
  organization_id: string;
  source_type: 'user' | 'api_user' | 'api_token';
  source_id: string;
  issued_at: number;
  expires_at: number;
}

export interface RevokedTokenRow {
  jti: string;
  organization_id: string;
  source_type: 'user' | 'api_user' | 'api_token' | 'session' | 'client' | 'federated_credential';
  source_id: string;
  expires_at: number;
}

export interface FederatedCredentialRow {
  id: string;
  organization_id: string;
  owner_type: 'api_user';
  owner_id: string;
  name: string;
  /** Null for the client itself. */
  issuer: string | null;
  audience: string | null;
  /** JSON. */
  conditions: string;
  jwks_uri: string | null;
  /** JSON. */
  jwks: string | null;
  lineage_id: string;
  created_at: number;
  created_by: string;
}

export interface UsedAssertionRow {
  digest: string;
  expires_at: number;
}

export interface JournalRow {
  seq: number;
  at: number;
  organization_id: string | null;
  actor_type: 'user' | 'api_user' | 'api_token' | 'system';
  actor_id: string;
  /** Null where it is of the entry's own organization. */
  actor_organization_id: string | null;
  action: string;
  subject_type: string;
  subject_id: string;
  detail: string;
  hash: string;
}

export interface LeaseRow {
  key: string;
  /** JSON; empty in a row that was just made. */
  ledger: string;
  ends_at: number;
}

export interface VerifierRow {
  id: string;
  node: string;
  /** Null for a node itself. */
  organization_id: string | null;
  verifier: string | null;
  name: string;
  address: string;
  cursor: number;
  connected_at: number;
  seen_at: number;
  acknowledged_at: number | null;
}

export interface NodeQuestionRow {
  id: string;
  /** Which asks. */
  node: string;
  /** JSON. */
  body: string;
  asked_at: number;
}

export interface NodeAnswerRow {
  question_id: string;
  /** Which answers. */
  node: string;
  /** JSON. */
  body: string;
  answered_at: number;
}

export interface SessionRow {
  id: string;
  carrier: 'cookie' | 'access_token' | 'application';
  digest: string;
  organization_id: string;
  user_id: string;
  generation: string;
  created_at: number;
  seen_at: number;
  expires_at: number;
  address: string;
  user_agent: string;
  confirmed_at: number | null;
}

export interface OneTimeLinkRow {
  digest: string;
  purpose: 'set_up' | 'invitation' | 'reset';
  /** Null, as the user, for a set-up. */
  organization_id: string | null;
  user_id: string | null;
  generation: number;
  created_at: number;
  expires_at: number;
}

export interface SecondFactorRow {
  user_id: string;
  organization_id: string;
  sealed_secret: string;
  last_step: number;
  created_at: number;
  confirmed_at: number | null;
}

export interface RecoveryCodeRow {
  user_id: string;
  organization_id: string;
  mac: string;
}

export interface KeptAnswerRow {
  id: string;
  organization_id: string;
  request_digest: string;
  sealed: string;
  expires_at: number;
}

export interface Schema {
  organizations: OrganizationRow;
  users: UserRow;
  api_users: ApiUserRow;
  api_tokens: ApiTokenRow;
  previous_secrets: PreviousSecretRow;
  previous_passwords: PreviousPasswordRow;
  permissions: PermissionRow;
  apis: ApiRow;
  api_permissions: ApiPermissionRow;
  upgrade_steps: UpgradeStepRow;
  roles: RoleRow;
  plans: PlanRow;
  signing_keys: SigningKeyRow;
  issued_tokens: IssuedTokenRow;
  revoked_tokens: RevokedTokenRow;
  federated_credentials: FederatedCredentialRow;
  used_assertions: UsedAssertionRow;
  import_recipes: ImportRecipeRow;
  imported_secrets: ImportedSecretRow;
  journal: JournalRow;
  leases: LeaseRow;
  verifiers: VerifierRow;
  node_questions: NodeQuestionRow;
  node_answers: NodeAnswerRow;
  last_used: LastUsedRow;
  usage_counts: UsageCountRow;
  credential_uses: CredentialUseRow;
  observed_refusals: ObservedRefusalRow;
  sessions: SessionRow;
  one_time_links: OneTimeLinkRow;
  second_factors: SecondFactorRow;
  recovery_codes: RecoveryCodeRow;
  server_time: ServerTimeRow;
  kept_answers: KeptAnswerRow;
  server_state: ServerStateRow;
  applications: ApplicationRow;
  authorizations: AuthorizationRow;
  authorization_codes: AuthorizationCodeRow;
  application_sessions: ApplicationSessionRow;
  device_codes: DeviceCodeRow;
  webhooks: WebhookRow;
  webhook_deliveries: WebhookDeliveryRow;
  webhook_cursor: WebhookCursorRow;
  notices: NoticeRow;
}

/** A connection, or a pool of them, that queries are built for and run on. */
export type Db = Kysely<Schema>;
