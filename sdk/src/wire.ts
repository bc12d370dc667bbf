// The words of Keyward's own API: every request and response under /v1, each a schema and a type of one name.
// They say what travels, not what is allowed: names, passwords and permissions are judged by the server alone.

export * from './wire/acting.ts';
export * from './wire/api-users.ts';
export * from './wire/apis.ts';
export * from './wire/applications.ts';
export * from './wire/authorizations.ts';
export * from './wire/budget.ts';
export * from './wire/checks.ts';
export * from './wire/connection.ts';
export * from './wire/devices.ts';
export * from './wire/federated-credentials.ts';
export * from './wire/feed.ts';
export * from './wire/idempotency.ts';
export * from './wire/journal.ts';
export * from './wire/leaks.ts';
export * from './wire/leases.ts';
export * from './wire/lineage.ts';
export * from './wire/links.ts';
export * from './wire/lookup.ts';
export * from './wire/organizations.ts';
export * from './wire/paging.ts';
export * from './wire/permissions.ts';
export * from './wire/plans.ts';
export * from './wire/problem.ts';
export * from './wire/revoked-access-tokens.ts';
export * from './wire/roles.ts';
export * from './wire/second-factor.ts';
export * from './wire/self.ts';
export * from './wire/sessions.ts';
export * from './wire/settings.ts';
export * from './wire/sign-in.ts';
export * from './wire/signing-keys.ts';
export * from './wire/tokens.ts';
export * from './wire/usage.ts';
export * from './wire/users.ts';
export * from './wire/verifiers.ts';
