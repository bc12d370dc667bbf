// What a move carries, table by table, in an order in which each finds what it refers to: and what each is ordered by. A new table
// does not compile until it stands here.

import type { Schema } from './schema.ts';

export interface MovedTable<T extends keyof Schema = keyof Schema> {
  /** Its primary key. */
  key: readonly (keyof Schema[T] & string)[];
  /** Sealed columns, what each was sealed for, and the column that it is bound to. */
  sealed?: readonly { column: keyof Schema[T] & string; purpose: SealedPurpose; context: keyof Schema[T] & string }[];
  /** True where a migration has put its rows: they are there in an empty database too, and are replaced. */
  seeded?: true;
  /** True for what means something to running nodes alone. */
  left?: true;
}

export type SealedPurpose =
  | 'signing-key'
  | 'readable-token'
  | 'second-factor'
  | 'kept-answer'
  | 'webhook'
  | 'import-pepper';

export const movedTables: { readonly [T in keyof Schema]: MovedTable<T> } = {
  plans: { key: ['id'] },
  organizations: { key: ['id'] },
  users: { key: ['id'] },
  api_users: { key: ['id'] },
  roles: { key: ['organization_id', 'name'] },
  permissions: { key: ['organization_id', 'name'] },
  apis: { key: ['handle'] },
  api_permissions: { key: ['name'] },
  api_tokens: {
    key: ['id'],
    sealed: [{ column: 'sealed_secret', purpose: 'readable-token', context: 'id' }],
  },
  previous_secrets: { key: ['token_id'] },
  previous_passwords: { key: ['api_user_id'] },
  upgrade_steps: { key: ['name'] },
  signing_keys: {
    key: ['kid'],
    sealed: [{ column: 'sealed_private_jwk', purpose: 'signing-key', context: 'kid' }],
  },
  issued_tokens: { key: ['jti'] },
  revoked_tokens: { key: ['jti'] },
  federated_credentials: { key: ['id'] },
  used_assertions: { key: ['digest'] },
  last_used: { key: ['source_type', 'source_id'] },
  usage_counts: { key: ['organization_id', 'hour', 'source_type', 'source_id', 'rule', 'verdict'] },
  credential_uses: { key: ['source_id', 'kind', 'value'] },
  observed_refusals: {
    key: ['subject_type', 'subject_id', 'bound', 'until', 'organization_id', 'source_id', 'reason'],
  },
  sessions: { key: ['id'] },
  one_time_links: { key: ['digest'] },
  second_factors: {
    key: ['user_id'],
    sealed: [{ column: 'sealed_secret', purpose: 'second-factor', context: 'user_id' }],
  },
  recovery_codes: { key: ['user_id', 'mac'] },
  server_time: { key: ['id'] },
  kept_answers: {
    key: ['id'],
    sealed: [{ column: 'sealed', purpose: 'kept-answer', context: 'id' }],
  },
  applications: { key: ['id'] },
  authorizations: { key: ['id'] },
  authorization_codes: { key: ['digest'] },
  application_sessions: { key: ['session_id'] },
  device_codes: { key: ['digest'] },
  import_recipes: {
    key: ['id'],
    sealed: [{ column: 'sealed_pepper', purpose: 'import-pepper', context: 'id' }],
  },
  imported_secrets: { key: ['lookup_key'] },
  webhooks: {
    key: ['id'],
    sealed: [
      { column: 'sealed_secret', purpose: 'webhook', context: 'id' },
      { column: 'previous_sealed_secret', purpose: 'webhook', context: 'id' },
    ],
  },
  webhook_deliveries: { key: ['id'] },
  webhook_cursor: { key: ['id'], seeded: true },
  notices: { key: ['key'] },
  journal: { key: ['seq'] },
  leases: { key: ['key'], left: true },
  node_questions: { key: ['id'], left: true },
  node_answers: { key: ['question_id', 'node'], left: true },
  verifiers: { key: ['id'], left: true },
  server_state: { key: ['id'], left: true },
};
