// The names of what webhooks can be sent. Of which entries of the journal each is made is for the server to say.

const credentialEvents = ['created', 'changed', 'activated', 'deactivated', 'deleted', 'restored', 'rotated'] as const;

/** In the order in which people read them. */
export const webhookEvents = [
  ...credentialEvents.map((verb) => `token.${verb}` as const),
  'token.imported',
  'token.expiring',
  'token.leaked',
  'token.refused_unusually',
  'token.limit_nearly_reached',
  'token.limit_reached',
  ...credentialEvents.map((verb) => `api_user.${verb}` as const),
  'api_user.refused_unusually',
  'federated_credential.created',
  'federated_credential.changed',
  'federated_credential.deleted',
  'access_token.revoked',
  'member.joined',
  'member.deactivated',
  'member.deleted',
  'organization.refused_unusually',
  'organization.limit_nearly_reached',
  'organization.limit_reached',
] as const;

export type WebhookEvent = (typeof webhookEvents)[number];

/** All of them, and those of later versions. */
export const everyEvent = '*';
